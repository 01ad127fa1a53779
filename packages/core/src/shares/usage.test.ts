import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecayedUsage, type UsageDecay } from './usage.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS

interface DecayFixture {
  readonly name: string
  readonly rule: UsageDecay
  readonly half_life_s: number
  readonly expect: readonly { readonly elapsed_s: number; readonly factor: number }[]
}

const fixtures = ['slurm-week', 'htcondor-day'].map(
  (name): DecayFixture =>
    JSON.parse(readFileSync(new URL(`../../golden/usage-decay/${name}.json`, import.meta.url), 'utf8')),
)

describe('decayed usage', () => {
  it.each(fixtures)('$name', ({ rule, half_life_s, expect: expected }) => {
    for (const { elapsed_s, factor } of expected) {
      const usage = DecayedUsage.create(1, half_life_s * 1000, rule)
      usage.setUsed(0, 1, 0)
      expect(usage.at(0, elapsed_s * 1000)).toBeCloseTo(factor, 12)
    }
  })

  it('grows towards rate × half-life ÷ ln 2, half of it after one half-life', () => {
    const usage = DecayedUsage.create(1, DAY_MS)
    usage.setRate(0, 64_000, 0)
    const limit = (64 * 86_400) / Math.log(2)
    expect(usage.at(0, DAY_MS)).toBeCloseTo(limit / 2, 6)
    expect(usage.at(0, 2 * DAY_MS)).toBeCloseTo((limit * 3) / 4, 6)
    expect(usage.at(0, 1000 * DAY_MS)).toBeCloseTo(limit, 6)
  })

  it('is what small steps of decay and use come to', () => {
    const usage = DecayedUsage.create(1, WEEK_MS)
    usage.setUsed(0, 5000, 0)
    usage.setRate(0, 8000, 0)
    // Midpoint rule with steps of a second; the step's own error is of the order 1e-13.
    let stepped = 5000
    const keep = 0.5 ** (1000 / WEEK_MS)
    for (let second = 0; second < 86_400; second++) stepped = stepped * keep + 8 * Math.sqrt(keep)
    expect(usage.at(0, DAY_MS) / stepped).toBeCloseTo(1, 10)
  })

  it.each([0, Infinity])('adds up without decay when the half-life is %d', (halfLifeMs) => {
    const usage = DecayedUsage.create(1, halfLifeMs)
    usage.setRate(0, 1500, 0)
    usage.setRate(0, 0, 10_000)
    expect(usage.at(0, 1e12)).toBe(15)
  })

  it('does not depend on when somebody looked or set the same rate again', () => {
    const moments = fc.array(fc.integer({ min: 0, max: 30 * DAY_MS }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(moments, fc.integer({ min: 0, max: 30_000_000 }), (times, rateMilli) => {
        const sorted = times.toSorted((a, b) => a - b)
        const looked = DecayedUsage.create(1, WEEK_MS)
        const left = DecayedUsage.create(1, WEEK_MS)
        looked.setRate(0, rateMilli, 0)
        left.setRate(0, rateMilli, 0)
        for (const atMs of sorted) looked.setRate(0, rateMilli, atMs)
        const end = sorted.at(-1) as number
        expect(Math.abs(looked.at(0, end) - left.at(0, end))).toBeLessThanOrEqual(1e-13 * left.at(0, end))
      }),
    )
  })

  it('keeps associations apart, and comes back from storage as it was', () => {
    const usage = DecayedUsage.create(2, DAY_MS)
    usage.setRate(0, 1000, 5)
    usage.setRate(1, 3000, 7)
    usage.setRate(0, 0, HOUR_MS)
    const restored = DecayedUsage.restore(usage.save())
    restored.grow(3)
    restored.setRate(2, 1000, HOUR_MS)
    const out = new Float64Array(3)
    restored.allAt(DAY_MS, out)
    expect([...out.subarray(0, 2)]).toEqual([usage.at(0, DAY_MS), usage.at(1, DAY_MS)])
    expect(usage.at(1, DAY_MS)).toBeGreaterThan(usage.at(0, DAY_MS))
    expect(out[2]).toBe(restored.at(2, DAY_MS))
    expect([restored.rateMilli(0), restored.rateMilli(1), restored.rateMilli(2)]).toEqual([0, 3000, 1000])
    // What was saved is a copy.
    expect(usage.size).toBe(2)
  })

  it('refuses to go back in time, a wrong half-life and an association it does not have', () => {
    const usage = DecayedUsage.create(1, DAY_MS)
    usage.setRate(0, 1000, 500)
    expect(() => usage.at(0, 499)).toThrow('1 ms before its last change')
    expect(() => usage.at(1, 500)).toThrow('no association 1')
    expect(() => DecayedUsage.create(1, -1)).toThrow('half-life -1 ms')
  })
})

// biome-ignore lint/suspicious/noApproximativeNumericConstant: Slurm has three digits of ln 2.
const SLURM_LN2 = 0.693

describe('decay as Slurm has it', () => {
  it('is a factor each second, whenever somebody looks', () => {
    const usage = DecayedUsage.create(1, DAY_MS, 'slurm')
    usage.setUsed(0, 1, 0)
    const keptPerS = 1 - SLURM_LN2 / 86_400
    let kept = 1
    for (let second = 1; second <= 1000; second++) {
      kept *= keptPerS
      expect(Math.abs(usage.at(0, second * 1000) / kept - 1)).toBeLessThan(1e-12)
    }
  })

  it('leaves running jobs a little more than slices that count as used when they began', () => {
    const usage = DecayedUsage.create(1, WEEK_MS, 'slurm')
    usage.setRate(0, 8000, 0)
    const [sliceS, slices] = [300, 288]
    const keptPerSlice = (1 - SLURM_LN2 / 604_800) ** sliceS
    let sliced = 0
    for (let slice = 0; slice < slices; slice++) sliced = sliced * keptPerSlice + 8 * sliceS * keptPerSlice
    const ratio = usage.at(0, slices * sliceS * 1000) / sliced
    expect(ratio).toBeGreaterThan(1.0001)
    expect(ratio).toBeLessThan(1.0002)
  })

  it('comes back from storage as it was, and usage stored without a name for its decay halves', () => {
    const usage = DecayedUsage.create(1, WEEK_MS, 'slurm')
    usage.setUsed(0, 1000, 0)
    expect(DecayedUsage.restore(usage.save()).at(0, WEEK_MS)).toBe(usage.at(0, WEEK_MS))
    const { decay, ...unnamed } = usage.save()
    expect(decay).toBe('slurm')
    expect(DecayedUsage.restore(unnamed).at(0, WEEK_MS)).toBe(500)
  })

  it.each([0, Infinity])('keeps everything when the half-life is %d', (halfLifeMs) => {
    const usage = DecayedUsage.create(1, halfLifeMs, 'slurm')
    usage.setUsed(0, 7, 0)
    expect(usage.at(0, 1e12)).toBe(7)
  })

  it('refuses a half-life in which a second would leave nothing', () => {
    expect(() => DecayedUsage.create(1, 600, 'slurm')).toThrow('half-life 600 ms')
  })
})
