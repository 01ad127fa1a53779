import { describe, expect, it } from 'vitest'
import { inWorld, type MakeWorld } from './world.ts'

/** What every lease promises: one holder, ever newer epochs, and a successor soon after a death. */
export function leaseContract(name: string, makeWorld: MakeWorld): void {
  describe(`lease: ${name}`, () => {
    it('has one holder, whoever else asks', () =>
      inWorld(makeWorld, async (world) => {
        const candidates = await Promise.all(Array.from({ length: 5 }, () => world.connect()))
        const outcomes = await Promise.all(candidates.map(({ lease }, i) => lease.acquire(`candidate ${i}`, 60_000)))
        const holder = outcomes.findIndex(({ kind }) => kind === 'acquired')
        const held = outcomes.filter((outcome) => outcome.kind === 'held')
        expect(held).toHaveLength(4)
        for (const outcome of held) {
          expect(outcome).toMatchObject({ owner: `candidate ${holder}`, epoch: 1 })
          expect(outcome.remainingMs).toBeGreaterThan(59_000)
        }
      }))

    it('raises the epoch each time it is taken', () =>
      inWorld(makeWorld, async (world) => {
        const { lease } = await world.connect()
        for (const epoch of [1, 2, 3]) {
          expect(await lease.acquire('leader', 60_000)).toEqual({ kind: 'acquired', epoch })
          await lease.release(epoch)
        }
      }))

    it('is kept by renewing it, and lost to a successor after its time', () =>
      inWorld(makeWorld, async (world) => {
        const [former, next] = await Promise.all([world.connect(), world.connect()])
        const startMs = performance.now()
        expect(await former.lease.acquire('former', 150)).toEqual({ kind: 'acquired', epoch: 1 })
        expect(await former.lease.renew(1, 400)).toBe(true)
        const taken = await next.lease.campaign('next', 60_000, new AbortController().signal)
        const waitedMs = performance.now() - startMs
        expect(taken).toEqual({ epoch: 2 })
        expect(waitedMs).toBeGreaterThanOrEqual(390)
        expect(waitedMs).toBeLessThan(1400)

        expect(await former.lease.renew(1, 60_000)).toBe(false)
        await former.lease.release(1)
        expect(await next.lease.renew(2, 60_000)).toBe(true)
      }))

    it('goes to a waiting candidate when it is given up', () =>
      inWorld(makeWorld, async (world) => {
        const [former, next] = await Promise.all([world.connect(), world.connect()])
        await former.lease.acquire('former', 60_000)
        const campaign = next.lease.campaign('next', 60_000, new AbortController().signal)
        await former.lease.release(1)
        expect(await campaign).toEqual({ epoch: 2 })
      }))

    it('is waited for no longer than a lease lives, though the clock of the store was set back under the one that is held', () =>
      inWorld(makeWorld, async (world) => {
        const [former, next] = await Promise.all([world.connect(), world.connect()])
        await former.lease.acquire('former', 3_600_000)
        const startMs = performance.now()
        expect(await next.lease.campaign('next', 300, new AbortController().signal)).toEqual({ epoch: 2 })
        expect(performance.now() - startMs).toBeGreaterThanOrEqual(290)
      }))

    it('lets a candidate withdraw', () =>
      inWorld(makeWorld, async (world) => {
        const [former, next] = await Promise.all([world.connect(), world.connect()])
        await former.lease.acquire('former', 60_000)
        const withdrawn = new AbortController()
        const campaign = next.lease.campaign('next', 60_000, withdrawn.signal)
        withdrawn.abort()
        expect(await campaign).toBeNull()
      }))
  })
}
