import { describe, expect, it } from 'vitest'
import { inWorld, type MakeWorld } from './world.ts'

const savepoint = (revision: number, content: string) => ({
  revision,
  sha: String(revision).padStart(64, '0'),
  bytes: new TextEncoder().encode(content),
})

/** What every store of savepoints promises. */
export function savepointsContract(name: string, makeWorld: MakeWorld): void {
  describe(`savepoints: ${name}`, () => {
    it('has none at first', () =>
      inWorld(makeWorld, async (world) => {
        expect(await (await world.connect()).savepoints.newest()).toBeUndefined()
      }))

    it('gives back to any process what one has stored, byte for byte', () =>
      inWorld(makeWorld, async (world) => {
        const [leader, next] = await Promise.all([world.connect(), world.connect()])
        const stored = { ...savepoint(7, ''), bytes: Uint8Array.from({ length: 1000 }, (_, i) => i % 256) }
        await leader.savepoints.store(stored)
        expect(await next.savepoints.newest()).toEqual(stored)
      }))

    it('keeps the newest, whatever the order in which they come', () =>
      inWorld(makeWorld, async (world) => {
        const { savepoints } = await world.connect()
        await savepoints.store(savepoint(5, 'five'))
        await savepoints.store(savepoint(9, 'nine'))
        await savepoints.store(savepoint(7, 'late'))
        expect(await savepoints.newest()).toEqual(savepoint(9, 'nine'))
      }))
  })
}
