import { describe, expect, it } from 'vitest'
import { type Stream, stream } from './streams.ts'

const draws = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const deviation = (values: readonly number[]): number => {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}
const N = 100_000

describe('a named stream', () => {
  it('is the same for the same seed and name, and another for another of either', () => {
    const first = (seed: number, name: string): number[] => draws(4, stream(seed, name).uniform)
    expect(first(7, 'arrivals')).toEqual(first(7, 'arrivals'))
    const others = [
      first(8, 'arrivals'),
      first(7, 'failures'),
      first(7, 'arrival'),
      first(-7, 'arrivals'),
      first(7 + 2 ** 32, 'arrivals'),
    ]
    expect(new Set([first(7, 'arrivals'), ...others].flat()).size).toBe(24)
  })

  it('keeps its numbers from release to release: a study is known by its seed', () => {
    const { uniform, int, normal } = stream(42, 'arrivals')
    expect([uniform(), int(1, 1_000_000), normal()]).toMatchInlineSnapshot(`
      [
        0.7237677352119495,
        802479,
        0.595807099679069,
      ]
    `)
  })

  it('refuses a seed that is not a whole number', () => {
    expect(() => stream(1.5, 'arrivals')).toThrow('seed 1.5')
  })

  // Six standard errors wide: a right generator fails one of these once in a hundred million seeds.
  it.each<[string, (s: Stream) => number, number, number]>([
    ['uniform', (s) => s.uniform(), 1 / 2, Math.sqrt(1 / 12)],
    ['int 1 to 6', (s) => s.int(1, 6), 3.5, Math.sqrt(35 / 12)],
    ['chance of 0.2', (s) => (s.chance(0.2) ? 1 : 0), 0.2, 0.4],
    ['exponential of mean 5', (s) => s.exponential(5), 5, 5],
    ['normal', (s) => s.normal(), 0, 1],
    // E = median e^(s²/2), Var = median² (e^(s²) - 1) e^(s²)
    [
      'lognormal',
      (s) => s.lognormal(3, 0.5),
      3 * Math.exp(0.125),
      3 * Math.sqrt((Math.exp(0.25) - 1) * Math.exp(0.25)),
    ],
    ['choice of 1:2:1', (s) => s.choice([1, 2, 1]), 1, Math.sqrt(0.5)],
  ])('draws %s with the right mean and deviation', (_, draw, expectedMean, expectedDeviation) => {
    const s = stream(1, 'moments')
    const values = draws(N, () => draw(s))
    expect(Math.abs(mean(values) - expectedMean)).toBeLessThan((6 * expectedDeviation) / Math.sqrt(N))
    expect(deviation(values) / expectedDeviation).toBeCloseTo(1, 1)
  })

  it('stays within bounds', () => {
    const s = stream(3, 'bounds')
    const uniforms = draws(N, s.uniform)
    expect(uniforms.every((u) => u >= 0 && u < 1)).toBe(true)
    expect(new Set(draws(1000, () => s.int(-1, 1)))).toEqual(new Set([-1, 0, 1]))
    expect(draws(1000, () => s.choice([0, 1, 0]))).toEqual(Array(1000).fill(1))
    expect(draws(N, () => s.exponential(1)).every((x) => x >= 0 && x < Infinity)).toBe(true)
  })

  it('draws normals whose tails are normal', () => {
    const s = stream(5, 'tails')
    const values = draws(N, s.normal)
    const beyond = (limit: number): number => values.filter((z) => Math.abs(z) > limit).length / N
    // From the table of the standard normal distribution.
    expect(beyond(1)).toBeCloseTo(0.3173, 2)
    expect(beyond(1.96)).toBeCloseTo(0.05, 2)
    expect(beyond(3)).toBeCloseTo(0.0027, 3)
  })
})
