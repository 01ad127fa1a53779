// Billing units of one job.

import { type Billing, billedUnits, weightedUnits } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

type Amounts = Readonly<Record<string, number>>

interface BillingCase extends CaseHead {
  readonly combine: Billing['combine']
  readonly weights: {
    readonly cpu: number
    readonly gib: number
    readonly accelerators?: Amounts
    readonly licences?: Amounts
  }
  readonly job: {
    readonly cpus: number
    readonly memory_gib: number
    readonly accelerators?: Amounts
    readonly licences?: Amounts
  }
  /** Before and after truncation, as far as the source prints them. */
  readonly expect: { readonly units?: number; readonly units_stored?: number }
}

export const billingKind: CaseKind = {
  kind: 'billing',
  differences({ combine, weights, job, expect }: BillingCase) {
    const rates: Billing = {
      combine,
      perCpu: weights.cpu,
      perGib: weights.gib,
      perNode: 0,
      perAccelerator: weights.accelerators ?? {},
      perLicence: weights.licences ?? {},
    }
    const allocation = {
      cpuMilli: 1000 * job.cpus,
      memoryMib: 1024 * job.memory_gib,
      nodes: 1,
      acceleratorsMilli: Object.fromEntries(
        Object.entries(job.accelerators ?? {}).map(([kind, count]) => [kind, 1000 * count]),
      ),
      licences: job.licences ?? {},
    }
    return [
      ...('units' in expect ? difference('units', weightedUnits(rates, allocation), expect.units) : []),
      ...('units_stored' in expect
        ? difference('units_stored', billedUnits(rates, allocation), expect.units_stored)
        : []),
    ]
  },
}
