import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CapacityUnit, capacityGaps, capacityOfOne, capacitySpan, type FleetPart, fleetPeak } from './capacity.ts'
import { acceleratorOf, accelerators } from './catalogue.ts'

/** Within half a unit of the last digit that is printed. */
function expectPrinted(value: number, printed: string): void {
  const digits = printed.replaceAll(',', '')
  const decimals = digits.split('.')[1]?.length ?? 0
  expect(Math.abs(value - Number(digits)), `${value} against ${printed}`).toBeLessThanOrEqual(
    0.5 * 10 ** -decimals + 1e-9,
  )
}

const fleet = (counts: Readonly<Record<string, number>>): FleetPart[] =>
  Object.entries(counts).map(([model, count]) => ({ model, count }))

describe('national fleets add up to the published figures', () => {
  // The last column is printed to about four digits: it is compared to the step of its last digit.
  it.each<[string, Record<string, number>, string, string, number, number]>([
    ['the baseline of 2024', { H100: 2_000 }, '0.134', '1.98', 2_000, 1],
    ['fifteen times that', { H100: 30_000 }, '2.007', '29.7', 30_000, 1],
    ['the government part of 2025', { B200: 8_160, H200: 2_296 }, '0.480', '20.6', 20_850, 10],
    ['the purchase of 2025', { B200: 10_080, H200: 3_056 }, '0.608', '25.7', 25_980, 10],
    ['Supercomputer 6', { GH200: 8_496 }, '0.568', '8.4', 8_500, 100],
    ['15,000 H200', { H200: 15_000 }, '1.00', '14.8', 15_000, 100],
    ['15,000 B200', { B200: 15_000 }, '0.60', '33.8', 34_100, 100],
    ['15,000 B300', { B300: 15_000 }, '0.02', '33.8', 34_100, 100],
    ['half RNGD, half B200', { RNGD: 25_000, B200: 25_000 }, '1.00', '62.7', 63_300, 100],
  ])('%s', (_, counts, fp64, bf16, h100Equivalents, step) => {
    const peak = fleetPeak(fleet(counts))
    expectPrinted(peak.fp64, fp64)
    expectPrinted(peak.bf16, bf16)
    expect(Math.abs(peak.h100_equivalents - h100Equivalents)).toBeLessThanOrEqual(step / 2)
    expect(peak.accelerators_unknown).toBe(0)
  })

  it('in FP64 equivalents too: 1 EF is 14,948 H100, and fifteen times the baseline is 30,000', () => {
    expect(fleetPeak(fleet({ H100: 14_948 })).fp64).toBeCloseTo(1, 4)
    expect(fleetPeak(fleet({ H100: 30_000 })).h100_equivalents_fp64).toBeCloseTo(30_000, 6)
    expect(fleetPeak(fleet({ H200: 6_128 })).bf16).toBeCloseTo(6.06, 2)
  })

  it('and the purchase of 2025 is 0.58 to 0.61 EF, as one takes the B200 for 37 or 40 TFLOPS', () => {
    const { low, high } = capacitySpan(fleet({ B200: 10_080, H200: 3_056 }), 'fp64')
    expectPrinted(low, '0.58')
    expectPrinted(high, '0.61')
  })
})

describe('what is not known', () => {
  const mixed: FleetPart[] = [
    { model: 'AiMX', count: 64 },
    { model: 'H100', count: 1 },
    { model: null, count: 5 },
  ]

  it('counts as nothing, and it is said for how many', () => {
    expect(fleetPeak(mixed)).toEqual({
      fp64: 66.9e-6,
      bf16: expect.closeTo(989.4e-6, 12),
      fp8: 1979e-6,
      h100_equivalents: 1,
      h100_equivalents_fp64: 1,
      accelerators_unknown: 69,
    })
  })

  it('is named, and told from what the hardware has not', () => {
    expect(capacityGaps([...mixed, { model: 'RNGD', count: 8 }, { model: 'H999', count: 2 }])).toEqual([
      { model: 'AiMX', count: 64, format: 'fp64', reason: 'no-format' },
      { model: 'AiMX', count: 64, format: 'bf16', reason: 'unpublished' },
      { model: 'AiMX', count: 64, format: 'fp8', reason: 'unpublished' },
      { model: null, count: 5, format: 'fp64', reason: 'no-model' },
      { model: null, count: 5, format: 'bf16', reason: 'no-model' },
      { model: null, count: 5, format: 'fp8', reason: 'no-model' },
      { model: 'RNGD', count: 8, format: 'fp64', reason: 'no-format' },
      { model: 'H999', count: 2, format: 'fp64', reason: 'no-such-model' },
      { model: 'H999', count: 2, format: 'bf16', reason: 'no-such-model' },
      { model: 'H999', count: 2, format: 'fp8', reason: 'no-such-model' },
    ])
  })
})

describe('a unit', () => {
  it.each<[CapacityUnit, number]>([
    ['fp64', 40e-6],
    ['bf16', 2250e-6],
    ['fp8', 4500e-6],
    ['h100_equivalents', 2.274],
    ['h100_equivalents_fp64', 0.598],
  ])('%s makes a B200 %d', (unit, expected) => {
    const part = capacityOfOne(acceleratorOf('B200')!, unit)! / expected
    expect(part).toBeCloseTo(1, 3)
  })

  it('knows no capacity where there is no peak', () => {
    expect(capacityOfOne(acceleratorOf('AiMX')!, 'bf16')).toBeNull()
    expect(capacityOfOne(acceleratorOf('AiMX')!, 'fp64')).toBe(0)
  })

  it('is the policy’s own by default', () => {
    expect(CapacityUnit.options[0]).toBe('fp64')
  })
})

const models = [...accelerators.map(({ model }) => model), 'H999', null]
const anyFleet = fc.array(fc.record({ model: fc.constantFrom(...models), count: fc.nat(100_000) }), { maxLength: 8 })

describe('any fleet', () => {
  it('is the sum of its accelerators in every unit, and lies in its span', () => {
    fc.assert(
      fc.property(anyFleet, (parts) => {
        const peak = fleetPeak(parts)
        for (const unit of CapacityUnit.options) {
          const sum = parts.reduce((total, { model, count }) => {
            const accelerator = model === null ? undefined : acceleratorOf(model)
            return total + count * (accelerator === undefined ? 0 : (capacityOfOne(accelerator, unit) ?? 0))
          }, 0)
          expect(Math.abs(peak[unit] - sum)).toBeLessThanOrEqual(1e-12 * Math.max(1, sum))
          const { low, high } = capacitySpan(parts, unit)
          expect(low).toBeLessThanOrEqual(peak[unit] * (1 + 1e-12))
          expect(high).toBeGreaterThanOrEqual(peak[unit] * (1 - 1e-12))
        }
      }),
    )
  })

  it('adds nothing where it has a gap, and something where it has none', () => {
    fc.assert(
      fc.property(anyFleet, (parts) => {
        for (const format of ['fp64', 'bf16', 'fp8'] as const) {
          const gaps = capacityGaps(parts).filter((gap) => gap.format === format)
          expect(fleetPeak(gaps)[format]).toBe(0)
          const inGap = new Set(gaps.map(({ model }) => model))
          const whole = parts.filter(({ model, count }) => !inGap.has(model) && count > 0)
          expect(fleetPeak(whole)[format] > 0).toBe(whole.length > 0)
        }
      }),
    )
  })
})
