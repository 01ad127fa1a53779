import { describe, expect, it, vi } from 'vitest'
import type { Run } from '../ports.ts'
import { inWorld, type MakeWorld, raiseEpoch } from './world.ts'

const run = (job: number, dueMs: number, attempt = 1): Run => ({ job, attempt, dueMs, detail: { note: `run ${job}` } })

/** What every registry of runs promises: a run outlives its executor, and ends once. */
export function runRegistryContract(name: string, makeWorld: MakeWorld): void {
  describe(`run registry: ${name}`, () => {
    it('records each attempt of a job once, for whoever comes first', () =>
      inWorld(makeWorld, async (world) => {
        const { registry } = await world.connect()
        expect(await registry.record('a', [run(1, 500), run(2, 300)])).toBe(2)
        expect(await registry.record('b', [run(1, 500), run(1, 900, 2)])).toBe(1)
        const all = await registry.all()
        expect([...all].sort((x, y) => x.job - y.job || x.attempt - y.attempt)).toEqual([
          { job: 1, attempt: 1, owner: 'a', dueMs: 500 },
          { job: 1, attempt: 2, owner: 'b', dueMs: 900 },
          { job: 2, attempt: 1, owner: 'a', dueMs: 300 },
        ])
      }))

    it('tells what is due, earliest first, and when the next one is, until they are removed', () =>
      inWorld(makeWorld, async (world) => {
        const { registry } = await world.connect()
        expect(await registry.due('a', 1e15, 10)).toEqual({ runs: [], nextDueMs: Number.POSITIVE_INFINITY })
        const runs = [run(1, 500), run(2, 300), run(3, 700), run(4, 1_700_000_000_123)]
        await registry.record('a', runs)
        await registry.record('b', [run(5, 100)])
        expect(await registry.due('a', 299, 10)).toEqual({ runs: [], nextDueMs: 300 })
        expect(await registry.due('a', 500, 10)).toEqual({ runs: [runs[1], runs[0]], nextDueMs: 700 })
        expect(await registry.due('a', 700, 2)).toEqual({ runs: [runs[1], runs[0]], nextDueMs: 700 })
        await registry.remove([runs[0]!, runs[1]!, { job: 99, attempt: 1 }])
        await registry.remove([runs[0]!])
        expect(await registry.due('a', 700, 10)).toEqual({ runs: [runs[2]], nextDueMs: 1_700_000_000_123 })
      }))

    it('lets an executor adopt the runs of the dead and of nobody else', () =>
      inWorld(makeWorld, async (world) => {
        const { registry } = await world.connect()
        await registry.record('dead', [run(1, 500), run(2, 300)])
        await registry.record('alive', [run(3, 100)])
        const adopted = await vi.waitFor(
          async () => {
            await registry.heartbeat('alive')
            const count = await registry.adopt('heir', 200)
            expect(count).toBeGreaterThan(0)
            return count
          },
          { timeout: 5000, interval: 20 },
        )
        expect(adopted).toBe(2)
        expect(await registry.adopt('heir', 200)).toBe(0)
        expect((await registry.due('heir', 1000, 10)).runs.map(({ job }) => job)).toEqual([2, 1])
        expect((await registry.due('dead', 1000, 10)).runs).toEqual([])
        expect((await registry.due('alive', 1000, 10)).runs.map(({ job }) => job)).toEqual([3])

        // However impatient, nobody adopts from itself.
        await registry.adopt('heir', 0)
        expect((await registry.due('heir', 1000, 10)).runs.map(({ job }) => job)).toEqual([3, 2, 1])

        // The dead one wakes up: what it lost stays lost, what it records from now on is its own.
        await registry.record('dead', [run(1, 500), run(4, 50)])
        expect((await registry.due('dead', 1000, 10)).runs.map(({ job }) => job)).toEqual([4])
      }))

    it('lets runs of an executor that retires be adopted at once', () =>
      inWorld(makeWorld, async (world) => {
        const { registry } = await world.connect()
        await registry.record('leaving', [run(1, 500)])
        await registry.record('staying', [run(2, 500)])
        expect(await registry.adopt('heir', 60_000)).toBe(0)
        await registry.retire('leaving')
        await registry.retire('unknown')
        expect(await registry.adopt('heir', 60_000)).toBe(1)
        expect((await registry.due('heir', 1000, 10)).runs.map(({ job }) => job)).toEqual([1])
      }))

    it('forgets nothing for a leader of the past', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        const [former, present] = [await raiseEpoch(ports), await raiseEpoch(ports)]
        await ports.registry.record('a', [run(1, 500)])
        await ports.registry.remove([run(1, 500)], former)
        expect(await ports.registry.all()).toHaveLength(1)
        await ports.registry.remove([run(1, 500)], present)
        expect(await ports.registry.all()).toEqual([])
      }))

    it('holds many', () =>
      inWorld(makeWorld, async (world) => {
        const { registry } = await world.connect()
        const runs = Array.from({ length: 3000 }, (_, i) => run(i + 1, i))
        expect(await registry.record('a', runs)).toBe(3000)
        expect(await registry.all()).toHaveLength(3000)
        await registry.remove(runs)
        expect(await registry.all()).toEqual([])
        expect(await registry.due('a', 1e15, 10)).toEqual({ runs: [], nextDueMs: Number.POSITIVE_INFINITY })
      }))
  })
}
