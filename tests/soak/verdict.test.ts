// The verdict on series of which everybody can see whether they grow.

import { stream } from '@dure/sim'
import { describe, expect, it } from 'vitest'
import { judge, type Limit, type Point } from './verdict.ts'

const held: Limit = { subject: 'api', what: 'memory held', unit: 'MiB', kind: 'growth in percent', max: 1 }
const fds: Limit = { subject: 'api', what: 'file descriptors', unit: '', kind: 'growth', max: 1 }
const redis: Limit = { subject: 'redis', what: 'memory', unit: 'MiB', kind: 'distance in percent', max: 5 }

/** Forty minutes, a sample every ten seconds. */
const series = (valueAt: (minutes: number) => number): Point[] =>
  Array.from({ length: 240 }, (_, i) => ({ atS: 10 * i, value: valueAt(i / 6) }))

const noise = stream(1, 'noise of a soak')

describe('what must not grow', () => {
  it('is caught where it grows by two percent in ten minutes, under noise of five', () => {
    const verdict = judge(
      held,
      series((minutes) => 200 * (1 + 0.002 * minutes) + 10 * noise.uniform()),
    )
    expect(verdict.outcome).toBe('missed')
    expect(verdict.figure).toBeGreaterThan(1.5)
    expect(verdict.figure).toBeLessThan(2.5)
  })

  it('is kept where it only goes up and down', () => {
    const noisy = series(() => 200 + 10 * noise.uniform())
    expect(judge(held, noisy).outcome).toBe('kept')
    // A collection every five minutes: thirty percent up in between, and back.
    const sawtooth = series((minutes) => 200 + 12 * (minutes % 5))
    expect(judge(held, sawtooth).outcome).toBe('kept')
  })

  it('is kept where a burst came in the middle and went', () => {
    const burst = series((minutes) => (minutes > 18 && minutes < 22 ? 400 : 200 + noise.uniform()))
    expect(judge(held, burst).outcome).toBe('kept')
  })

  it('shrinks without being blamed for it', () => {
    const shrinking = judge(
      held,
      series((minutes) => 200 - minutes),
    )
    expect(shrinking.outcome).toBe('kept')
    expect(shrinking.figure).toBeCloseTo(-5.5, 0)
  })

  it('is one descriptor every seven minutes, and not the sockets of a busy moment', () => {
    expect(
      judge(
        fds,
        series((minutes) => 30 + Math.floor(minutes / 7)),
      ).outcome,
    ).toBe('missed')
    expect(
      judge(
        fds,
        series(() => 30 + Math.floor(8 * noise.uniform())),
      ).outcome,
    ).toBe('kept')
  })

  it('stays within five percent of its median, as a store that is emptied now and then does', () => {
    expect(
      judge(
        redis,
        series((minutes) => 100 + 3 * (minutes % 2)),
      ).outcome,
    ).toBe('kept')
    expect(
      judge(
        redis,
        series((minutes) => 100 + 0.4 * minutes),
      ).outcome,
    ).toBe('missed')
  })

  it('is not judged by three samples', () => {
    const verdict = judge(held, series(() => 200).slice(0, 3))
    expect(verdict).toMatchObject({ outcome: 'not judged', figure: null, why: expect.stringContaining('3 samples') })
  })
})
