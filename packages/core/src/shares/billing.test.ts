import { describe, expect, it } from 'vitest'
import { type BilledAllocation, type Billing, billedUnits, weightedUnits } from './billing.ts'

const billing: Billing = {
  combine: 'sum',
  perCpu: 1,
  perGib: 0.25,
  perNode: 3,
  perAccelerator: { H100: 10, RNGD: 4 },
}

const allocation: BilledAllocation = {
  cpuMilli: 8000,
  memoryMib: 64 * 1024,
  nodes: 2,
  acceleratorsMilli: { H100: 1500 },
}

describe('billing units', () => {
  it.each([
    // 8 + 16 + 6 + 15
    ['sum', 45],
    ['max', 16],
    // 15 + 16
    ['max-and-accelerators', 31],
  ] as const)('%s', (combine, units) => {
    expect(weightedUnits({ ...billing, combine }, allocation)).toBe(units)
  })

  it('take an accelerator by what it is, and bill none that has no weight', () => {
    const units = (acceleratorsMilli: Record<string, number>) =>
      weightedUnits({ ...billing, combine: 'max' }, { cpuMilli: 0, memoryMib: 0, nodes: 0, acceleratorsMilli })
    expect(units({ H100: 2000, RNGD: 8000 })).toBe(32)
    expect(units({ AiMX: 8000 })).toBe(0)
    expect(units({})).toBe(0)
  })

  it('are whole: what is left over is not charged', () => {
    const thin: BilledAllocation = { cpuMilli: 1900, memoryMib: 1024, nodes: 0, acceleratorsMilli: {} }
    expect(billedUnits(billing, thin)).toBe(2)
    expect(billedUnits(billing, { ...thin, cpuMilli: 700 })).toBe(0)
  })
})
