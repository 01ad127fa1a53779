import { expect, it } from 'vitest'
import { costsOf } from './cost.ts'

const HOUR_MS = 3_600_000
const plan = { pools: [{ pool: 'b200', krwPerAccelerator: 139e6 }], amortisedYears: 5, upkeepPartPerYear: 0.05 }

it('spreads a price over the hours of its years', () => {
  // 139 M won over 5 years are 139e6 / 43,800 h = 3,173.5 won an hour, used or not; in use 70 % of the time, 4,534 an hour of use.
  const { capexKrw } = costsOf(plan, [{ pool: 'b200', installedAcceleratorMs: HOUR_MS }], 0)
  expect(capexKrw).toBeCloseTo(3173.5, 1)
  expect(capexKrw / 0.7).toBeCloseTo(4534, 0)
})

it('adds upkeep and energy', () => {
  // 15,000 for a year: a fifth of 2.085 trillion, 5 % of it, and 36 bn of energy.
  const installed = [{ pool: 'b200', installedAcceleratorMs: 15_000 * 8760 * HOUR_MS }]
  expect(costsOf(plan, installed, 36e9)).toEqual({
    capexKrw: expect.closeTo(417e9, 0),
    upkeepKrw: expect.closeTo(104.25e9, 0),
    energyKrw: 36e9,
    krw: expect.closeTo(557.25e9, 0),
  })
})

it('reckons nothing for a pool whose price is not named', () => {
  expect(costsOf(plan, [{ pool: 'borrowed', installedAcceleratorMs: HOUR_MS }], 7)).toMatchObject({
    capexKrw: 0,
    krw: 7,
  })
})
