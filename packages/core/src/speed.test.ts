// Jobs on unlike devices: everything that reckons with an end reckons with the speed of the pool it is in.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { center, job, ms, nodes, play, processors, starts, tell } from '../testing/told.ts'
import { conservative, easy } from './policy.ts'
import { atSpeedMs, limitInMs, speedMilleIn } from './speed.ts'

describe('a duration at another speed', () => {
  it.each([
    [60_000, 1000, 60_000],
    [60_000, 500, 120_000],
    [60_000, 2000, 30_000],
    // 3 600 000 000 ÷ 3001 = 1 199 600.13…
    [3_600_000, 3001, 1_199_601],
    [1, 4_000_000_000, 1],
  ])('of %i ms at %i thousandths is %i ms', (durationMs, speedMille, expected) => {
    expect(atSpeedMs(durationMs, speedMille)).toBe(expected)
  })

  it('is never shorter for more work, and does all of the work', () => {
    const yearMs = 366 * 86_400_000
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: yearMs }),
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (durationMs, more, speedMille) => {
          const takenMs = atSpeedMs(durationMs, speedMille)
          expect(atSpeedMs(durationMs + more, speedMille)).toBeGreaterThanOrEqual(takenMs)
          const done = BigInt(takenMs) * BigInt(speedMille)
          expect(done >= BigInt(durationMs) * 1000n).toBe(true)
          expect(done - BigInt(speedMille) < BigInt(durationMs) * 1000n).toBe(true)
        },
      ),
      { seed: 1 },
    )
  })

  it('goes by the pool, and is what is written where nothing is said', () => {
    const request = { pools: ['a', 'b'], speedsMille: [500, 2000] }
    expect([speedMilleIn(request, 'b'), limitInMs(request, 'a', 1000), limitInMs(request, 'b', 1000)]).toEqual([
      2000, 2000, 500,
    ])
    expect([speedMilleIn({ pools: ['a'] }, 'a'), limitInMs({ pools: ['a'] }, 'a', 1000)]).toEqual([1000, 1000])
  })
})

describe('a job that runs in several pools, at a speed in each', () => {
  const either = (name: string) => job(name).in('gpu', 'npu').at(1000, 400).for('1h')

  it('has its time limit by the pool it is in', () => {
    expect(tell(center({ gpu: 1, npu: 1 }), either('a'), either('b'))).toEqual([
      '0s a starts on 0 in gpu',
      '0s b starts on 0 in npu',
      '1h a TIMEOUT',
      '2h30m b TIMEOUT',
    ])
  })

  it('is shown with where it runs and how fast', () => {
    const { center: played, ids } = play(center({ gpu: 1, npu: 1 }), [either('a'), either('b'), either('c')], 0)
    expect(played.job(ids.get('b')!)).toMatchObject({
      pool: 1,
      speedMille: 400,
      timeLimitMs: ms('1h'),
      request: { pools: [0, 1], speedsMille: [1000, 400] },
    })
    expect(played.job(ids.get('c')!)).toMatchObject({ pool: null, speedMille: null })
    const { center: plain } = play(center({ gpu: 1 }), [job('plain')], 0)
    expect(plain.job(1)!.speedMille).toBe(1000)
    expect(plain.job(1)!.request).not.toHaveProperty('speedsMille')
  })

  it('is charged for the time it took there', () => {
    const { center: played } = play(center({ gpu: 1, npu: 1 }), [either('a'), either('b').running('30m')])
    // One accelerator for an hour, and one for 30 min ÷ 0.4.
    expect(played.shares().at(-1)!.chargedAcceleratorUs).toBe(1000n * BigInt(ms('1h') + ms('75m')))
  })
})

describe.each([
  ['nodes', { gpu: nodes(2) }],
  ['processors', { gpu: processors(2) }],
] as const)('what others may count on, on %s', (_, pools) => {
  it('is when a slow job would end, and not what its limit says', () => {
    // `slow` may be there until 2h: `wide` is promised that, and who is done by then may pass.
    const story = [
      job('slow').at(500).for('1h'),
      job('wide').wide(2).for('1h'),
      job('passes').for('2h'),
      job('not').from('1s').for('3h'),
    ]
    expect(starts(center(pools, easy), ...story)).toEqual({ slow: '0s', wide: '2h', passes: '0s', not: '3h' })
  })

  it('is how long a fast job takes: it passes where its limit alone would not let it', () => {
    const story = [
      job('busy').for('1h'),
      job('wide').wide(2).for('1h'),
      job('fast').at(2000).for('2h'),
      job('slow').at(999).for('1h'),
    ]
    expect(starts(center(pools, easy), ...story)).toEqual({ busy: '0s', wide: '1h', fast: '0s', slow: '2h' })
  })

  it('is how long one that was promised a start takes once it has it', () => {
    // Two promises: `second` is owed a start when `first` is over, at its speed.
    const two = { ...easy, reservationDepth: 2 }
    const story = [
      job('busy').for('1h'),
      job('first').wide(2).at(500).for('1h'),
      job('second').wide(2).for('1h'),
      job('third').for('1h'),
    ]
    expect(starts(center(pools, two), ...story)).toEqual({ busy: '0s', first: '1h', second: '3h', third: '0s' })
  })
})

it('places are kept for as long as a job takes where they are', () => {
  const story = [job('busy').wide(2).for('1h'), job('slow').wide(2).at(500).for('1h'), job('next').wide(2).for('1h')]
  expect(starts(center({ cpu: processors(2) }, conservative), ...story)).toEqual({ busy: '0s', slow: '1h', next: '3h' })
})
