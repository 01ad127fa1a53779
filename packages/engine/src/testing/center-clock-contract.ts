import { describe, expect, it, vi } from 'vitest'
import { inWorld, type MakeWorld, raiseEpoch } from './world.ts'

/** What every publication of center time promises. */
export function centerClockContract(name: string, makeWorld: MakeWorld): void {
  describe(`center clock: ${name}`, () => {
    it('tells nothing before a leader has published', () =>
      inWorld(makeWorld, async (world) => {
        expect(await (await world.connect()).clock.read()).toBeUndefined()
      }))

    it('tells what was published last, and how old it is', () =>
      inWorld(makeWorld, async (world) => {
        const [leader, reader] = await Promise.all([world.connect(), world.connect()])
        const epoch = await raiseEpoch(leader)
        expect(await leader.clock.publish({ epoch, atMs: 1000, speed: 1 })).toBe(true)
        expect(await leader.clock.publish({ epoch, atMs: 1_764_000_000_123, speed: 0.5 })).toBe(true)
        expect(await reader.clock.read()).toMatchObject({ epoch, atMs: 1_764_000_000_123, speed: 0.5 })
        await vi.waitFor(async () => expect((await reader.clock.read())?.ageMs).toBeGreaterThanOrEqual(30), {
          interval: 5,
        })
      }))

    it('does not listen to a leader whose epoch has passed', () =>
      inWorld(makeWorld, async (world) => {
        const [former, next] = await Promise.all([world.connect(), world.connect()])
        const epoch = await raiseEpoch(former)
        const newer = await raiseEpoch(next)
        expect(await next.clock.publish({ epoch: newer, atMs: 2000, speed: 1 })).toBe(true)
        expect(await former.clock.publish({ epoch, atMs: 9000, speed: 1 })).toBe(false)
        expect(await former.clock.read()).toMatchObject({ epoch: newer, atMs: 2000 })
      }))
  })
}
