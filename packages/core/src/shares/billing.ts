// What a running job is billed a second: Slurm's billing units (`TRESBillingWeights`), one number for processors, memory and
// accelerators of different worth. Charged instead of accelerators, it lets a job pay for all that it keeps from others.
//
//   sum                     w·cpu + w·GiB + w·node + Σ w·accelerator + Σ w·licence
//   max                     the largest of those on nodes, + Σ w·licence           (MAX_TRES)
//   max-and-accelerators    Σ w·accelerator + the largest of the others on nodes, + Σ w·licence   (MAX_TRES_GRES)
//
// Slurm's definitions: tres.html, "Billing Weights" and "Priority Flags". The amount is truncated to a whole number before it
// is charged, so usage in billing units is a sum of integers.

import { isCounted, type PoolConfig } from '../pool-config.ts'

/** Weights per unit; what is not named is free. */
export interface Billing {
  readonly combine: 'sum' | 'max' | 'max-and-accelerators'
  readonly perCpu: number
  readonly perGib: number
  readonly perNode: number
  /** By kind of accelerator. */
  readonly perAccelerator: Readonly<Record<string, number>>
  /** By name of licence. Dure grants none; a log of another center may. */
  readonly perLicence?: Readonly<Record<string, number>>
}

/** What a job holds on all its nodes together. */
export interface BilledAllocation {
  readonly cpuMilli: number
  readonly memoryMib: number
  readonly nodes: number
  /** Thousandths of an accelerator by kind. */
  readonly acceleratorsMilli: Readonly<Record<string, number>>
  readonly licences?: Readonly<Record<string, number>>
}

/** Billing units a second before they are truncated. */
export function weightedUnits(billing: Billing, allocation: BilledAllocation): number {
  const cpu = (billing.perCpu * allocation.cpuMilli) / 1000
  const memory = (billing.perGib * allocation.memoryMib) / 1024
  const node = billing.perNode * allocation.nodes
  const accelerators = weightedEach(billing.perAccelerator, allocation.acceleratorsMilli).map((units) => units / 1000)
  const licences = sum(weightedEach(billing.perLicence ?? {}, allocation.licences ?? {}))
  switch (billing.combine) {
    case 'sum':
      return cpu + memory + node + sum(accelerators) + licences
    case 'max':
      return Math.max(cpu, memory, node, ...accelerators) + licences
    case 'max-and-accelerators':
      return sum(accelerators) + Math.max(cpu, memory, node) + licences
    default:
      return billing.combine satisfies never
  }
}

/** Billing units that a running job accrues a second: a whole number. */
export const billedUnits = (billing: Billing, allocation: BilledAllocation): number =>
  Math.floor(weightedUnits(billing, allocation))

/** What a job is billed for in a pool; processors of a counted pool are CPUs. */
export function billedInPool(
  billing: Billing,
  pool: PoolConfig,
  /** What is asked for on each node. */
  request: { nodes: number; cpuMilli: number; memoryMib: number; acceleratorsMilli: number },
): number {
  const { nodes, cpuMilli, memoryMib, acceleratorsMilli } = request
  const milli = nodes * acceleratorsMilli
  return billedUnits(
    billing,
    isCounted(pool)
      ? { cpuMilli: milli, memoryMib: 0, nodes: 0, acceleratorsMilli: {} }
      : { cpuMilli: nodes * cpuMilli, memoryMib: nodes * memoryMib, nodes, acceleratorsMilli: { [pool.kind]: milli } },
  )
}

/** In the order of the weights, so that sums do not depend on how an allocation was written down. */
const weightedEach = (
  weights: Readonly<Record<string, number>>,
  amounts: Readonly<Record<string, number>>,
): readonly number[] => Object.entries(weights).map(([name, weight]) => weight * (amounts[name] ?? 0))

const sum = (values: readonly number[]): number => values.reduce((sofar, value) => sofar + value, 0)
