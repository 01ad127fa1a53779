import { describe, expect, it } from 'vitest'
import { acceleratorOf, accelerators, fleetPeak } from './accelerators.ts'

/** Within half a unit of the last digit that is printed. */
function expectPrinted(value: number, printed: string): void {
  const digits = printed.replaceAll(',', '')
  const decimals = digits.split('.')[1]?.length ?? 0
  expect(Math.abs(value - Number(digits)), `${value} against ${printed}`).toBeLessThanOrEqual(
    0.5 * 10 ** -decimals + 1e-9,
  )
}

describe('national fleets add up to the published figures', () => {
  // The last column is printed to about four digits: it is compared to the step of its last digit.
  it.each<[string, { model: string; count: number }[], string, string, number, number]>([
    ['the baseline of 2024', [{ model: 'H100', count: 2_000 }], '0.134', '1.98', 2_000, 1],
    ['fifteen times that', [{ model: 'H100', count: 30_000 }], '2.007', '29.7', 30_000, 1],
    [
      'the government part of 2025',
      [
        { model: 'B200', count: 8_160 },
        { model: 'H200', count: 2_296 },
      ],
      '0.480',
      '20.6',
      20_850,
      10,
    ],
    [
      'the purchase of 2025',
      [
        { model: 'B200', count: 10_080 },
        { model: 'H200', count: 3_056 },
      ],
      '0.608',
      '25.7',
      25_980,
      10,
    ],
    ['Supercomputer 6', [{ model: 'GH200', count: 8_496 }], '0.568', '8.4', 8_500, 100],
    ['15,000 H200', [{ model: 'H200', count: 15_000 }], '1.00', '14.8', 15_000, 100],
    ['15,000 B200', [{ model: 'B200', count: 15_000 }], '0.60', '33.8', 34_100, 100],
    ['15,000 B300', [{ model: 'B300', count: 15_000 }], '0.02', '33.8', 34_100, 100],
    [
      'half RNGD, half B200',
      [
        { model: 'RNGD', count: 25_000 },
        { model: 'B200', count: 25_000 },
      ],
      '1.00',
      '62.7',
      63_300,
      100,
    ],
  ])('%s', (_, fleet, fp64, bf16, h100Equivalents, step) => {
    const peak = fleetPeak(fleet)
    expectPrinted(peak.fp64, fp64)
    expectPrinted(peak.bf16, bf16)
    expect(Math.abs(peak.h100_equivalents - h100Equivalents)).toBeLessThanOrEqual(step / 2)
    expect(peak.accelerators_unknown).toBe(0)
  })
})

it('counts an unpublished peak as nothing and says for how many', () => {
  expect(
    fleetPeak([
      { model: 'AiMX', count: 64 },
      { model: 'H100', count: 1 },
      { model: null, count: 5 },
    ]),
  ).toEqual({
    fp64: 66.9e-6,
    bf16: expect.closeTo(989.4e-6, 12),
    fp8: 1979e-6,
    h100_equivalents: 1,
    h100_equivalents_fp64: 1,
    accelerators_unknown: 69,
  })
})

it('finds a model however it is capitalized, and each model once', () => {
  expect(acceleratorOf('rngd')?.kind).toBe('npu')
  expect(acceleratorOf('H999')).toBeUndefined()
  expect(new Set(accelerators.map(({ model }) => model.toLowerCase())).size).toBe(accelerators.length)
})
