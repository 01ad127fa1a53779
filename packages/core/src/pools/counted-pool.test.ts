// With one promise a counted pool answers from two numbers, with more from a profile. Given one blocked job both must
// answer alike; and both as a count of every moment would.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backlog, type Shape } from '../backlog.ts'
import { Jobs } from '../jobs.ts'
import { CountedPool } from './counted-pool.ts'

const PROCESSORS = 12
const shapes = new Backlog(new Jobs(), 1, false, false)
const shapeOf = (units: number): Shape => shapes.intern([0], units, 1000, 0, 0)

const part = fc.record({ units: fc.integer({ min: 1, max: PROCESSORS }), lengthMs: fc.integer({ min: 1, max: 15 }) })
type Part = { readonly units: number; readonly lengthMs: number }

/** Runs as many of the jobs as fit, and starts a pass in which the next is blocked. */
function poolWith(depth: number, running: readonly Part[], blocked: Part): CountedPool {
  const pool = new CountedPool({ name: 'cpu', kind: 'cpu', processors: PROCESSORS }, depth)
  for (const { units, lengthMs } of running) if (units <= pool.free) pool.take(units, 0, lengthMs)
  pool.beginPass(0)
  pool.promise(0, shapeOf(blocked.units), blocked.lengthMs)
  return pool
}

/** Whether a candidate started now would move the start of the blocked job, if all keep their limits. */
function delaying(running: readonly Part[], blocked: Part): (candidate: Part) => boolean {
  const freeAt = (ms: number, all: readonly Part[]): number =>
    all.filter(({ lengthMs }) => lengthMs > ms).reduce((free, { units }) => free - units, PROCESSORS)
  const start = (all: readonly Part[]): number => {
    let ms = 0
    while (freeAt(ms, all) < blocked.units) ms++
    return ms
  }
  return (candidate) => start([...running, candidate]) > start(running)
}

describe('one promise in a counted pool', () => {
  it('is kept alike by the two numbers and by the profile', () => {
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        part,
        fc.array(part, { maxLength: 8 }),
        (busy, blocked, wanting) => {
          const fast = poolWith(1, busy, blocked)
          const general = poolWith(2, busy, blocked)
          const running: Part[] = []
          let free = PROCESSORS
          for (const one of busy) {
            if (one.units > free) continue
            free -= one.units
            running.push(one)
          }
          fc.pre(blocked.units > free)
          for (const candidate of wanting) {
            const delays = delaying(running, blocked)
            const admitted = candidate.units <= free && !delays(candidate)
            const shape = shapeOf(candidate.units)
            expect([candidate, fast.admits(0, shape, candidate.lengthMs)]).toEqual([candidate, admitted])
            expect([candidate, general.admits(0, shape, candidate.lengthMs)]).toEqual([candidate, admitted])
            if (!admitted) continue
            for (const pool of [fast, general]) pool.take(candidate.units, 0, candidate.lengthMs)
            free -= candidate.units
            running.push(candidate)
          }
          for (const pool of [fast, general]) pool.assertInvariants(0)
        },
      ),
      { numRuns: 1000, seed: 1 },
    )
  })
})

describe('processors', () => {
  it('come back one way or another: in any order, from like jobs and unlike ones', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (jobs, picks) => {
        const pool = new CountedPool({ name: 'cpu', kind: 'cpu', processors: 1000 }, 1)
        const running = [...jobs]
        for (const { units, lengthMs } of running) pool.take(units, 0, lengthMs)
        while (running.length > 0) {
          const [{ units, lengthMs }] = running.splice(picks.next().value % running.length, 1) as [Part]
          pool.release(units, 0, lengthMs)
          pool.assertInvariants(0)
        }
        expect(pool.free).toBe(1000)
      }),
      { numRuns: 200, seed: 2 },
    )
  })
})
