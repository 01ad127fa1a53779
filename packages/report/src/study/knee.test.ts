import { describe, expect, it } from 'vitest'
import { kneeOf } from './knee.ts'

const curve = (xs: readonly number[], ys: readonly number[]) => xs.map((x, at) => ({ x, y: ys[at]! }))
const even = (n: number): number[] => Array.from({ length: n }, (_, at) => at)

describe('the knee of a curve', () => {
  it('is where the paper finds it in its figure 2, turned upside down', () => {
    // y = −1/(x + 0.1) + 5 at ten points from 0 to 1, whose knee is at x ≈ 0.22.
    const xs = even(10).map((at) => at / 9)
    expect(
      kneeOf(
        curve(
          xs,
          xs.map((x) => 1 / (x + 0.1) - 5),
        ),
      ),
    ).toBeCloseTo(2 / 9, 12)
  })

  it('is where a falling curve lies farthest below its chord', () => {
    // Heights above the lowest, of 2,034: 1, 0.257, 0.117, 0.067, … and parts of the way: 0, 1/8, 2/8, 3/8, …
    // Below the chord: 0, 0.618, 0.633, 0.558, … so the third is farthest.
    const xs = even(9).map((at) => 1_000 * (at + 1))
    expect(kneeOf(curve(xs, [2_314, 802, 519, 417, 358, 318, 302, 284, 280]))).toBe(3_000)
  })

  it('is where a rising curve begins to climb', () => {
    // Waits x/(1 − x) of a queue: 1/9, 3/7, 1, 7/3, 9, of 8.89: 0, 0.036, 0.1, 0.25, 1. Below the chord: 0, 0.21, 0.4, 0.5, 0.
    const xs = [0.1, 0.3, 0.5, 0.7, 0.9]
    expect(
      kneeOf(
        curve(
          xs,
          xs.map((x) => x / (1 - x)),
        ),
      ),
    ).toBe(0.7)
  })

  it('takes uneven distances as they are', () => {
    // Parts of the way: 0, 0.01, 0.02, 0.1, 1; heights: 1, 0.7, 0.4, 0.1, 0. Below the chord: 0, 0.29, 0.58, 0.8, 0.
    expect(kneeOf(curve([0, 1, 2, 10, 100], [1, 0.7, 0.4, 0.1, 0]))).toBe(10)
  })

  it('is the farther of two bends where the curve did not come back between them', () => {
    // Below the chord: 0, 0.30, 0.25, 0.55, 0.4, 0.2, 0: from 0.30 it comes back by less than 1/6.
    const sag = [0, 0.3, 0.25, 0.55, 0.4, 0.2, 0]
    expect(
      kneeOf(
        curve(
          even(7),
          sag.map((below, at) => 1 - at / 6 - below),
        ),
      ),
    ).toBe(3)
  })

  it.each<[string, readonly number[]]>([
    ['a straight line', [5, 4, 3, 2, 1, 0]],
    ['a curve that bulges', [10, 9.8, 9.2, 8, 5, 0]],
    ['nothing but one value', [3, 3, 3, 3, 3]],
    ['so few points', [9, 2, 1, 0]],
    ['no points', []],
    ['a bend that nobody sees', [1, 0.78, 0.58, 0.38, 0.19, 0]],
  ])('is nowhere in %s', (_, ys) => expect(kneeOf(curve(even(ys.length), ys))).toBeNull())
})
