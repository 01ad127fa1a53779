// Where a contract is tried: one store that several processes share, each with ports of its own.

import type { Ports } from '../ports.ts'

export interface World {
  /** Ports as another process would have them. */
  connect(): Promise<Ports>
  /** Closes everything that was connected. */
  close(): Promise<void>
}

export type MakeWorld = () => Promise<World>

/** A new epoch, with nobody holding the lease. */
export async function raiseEpoch(ports: Ports): Promise<number> {
  const outcome = await ports.lease.acquire('contract', 60_000)
  if (outcome.kind !== 'acquired') throw new Error(`the lease is held by ${outcome.owner}`)
  await ports.lease.release(outcome.epoch)
  return outcome.epoch
}

/** A world for each test, closed after it. */
export async function inWorld(makeWorld: MakeWorld, test: (world: World) => Promise<void>): Promise<void> {
  const world = await makeWorld()
  try {
    await test(world)
  } finally {
    await world.close()
  }
}
