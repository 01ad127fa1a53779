// An executor between a leader and the store, in real time.

import { describe, expect, it } from 'vitest'
import { type ExecutorOptions, execute } from './executor.ts'
import { createMemoryStore, memoryPorts } from './memory/index.ts'
import type { Ports } from './ports.ts'

const options = (owner: string): ExecutorOptions => ({
  owner,
  kinds: ['gpu'],
  concurrency: 4,
  silentMsMax: 60_000,
  monotonicMs: () => performance.now(),
  logger: { info: () => {}, warn: () => {}, error: () => {} },
})

const run = (job: number, dueMs: number) => ({ job, attempt: 1, dueMs, detail: { exitCode: 0, outlasts: false } })

async function leading(ports: Ports, speed: number) {
  const lease = await ports.lease.acquire('leader', 60_000)
  if (lease.kind !== 'acquired') throw new Error('the lease is free')
  await ports.clock.publish({ epoch: lease.epoch, atMs: 0, speed })
  const reported: string[] = []
  let heard = (): void => {}
  await ports.commands.consume({
    epoch: lease.epoch,
    concurrency: 64,
    handler: async (batch) => {
      for (const { id, settle } of batch) {
        reported.push(id)
        settle()
      }
      heard()
    },
  })
  return {
    reported,
    /** Resolves when so many finishes have been reported. */
    until: async (count: number) => {
      while (reported.length < count) await new Promise<void>((resolve) => (heard = resolve))
    },
  }
}

describe('an executor', () => {
  it('reports a run that is due as it starts without waiting for its next look round', async () => {
    const ports = memoryPorts(createMemoryStore(() => performance.now()))
    const leader = await leading(ports, 100_000)
    const stopping = new AbortController()
    const executing = execute(ports, options('a'), stopping.signal)
    const RUNS = 40
    // Each run starts when the one before has ended, as at a center whose time waits for it.
    const beganMs = performance.now()
    for (let job = 1; job <= RUNS; job++) {
      await ports.runs.dispatch('gpu', [run(job, 1000)])
      await leader.until(job)
    }
    // Looking round alone, every 200 ms, would take four seconds on average.
    expect(performance.now() - beganMs).toBeLessThan(1500)
    stopping.abort()
    await executing
  })

  it('that stops in order leaves its runs to others at once', async () => {
    const ports = memoryPorts(createMemoryStore(() => performance.now()))
    const leader = await leading(ports, 1)
    const stopping = new AbortController()
    const executing = execute(ports, options('a'), stopping.signal)
    await ports.runs.dispatch('gpu', [run(1, 600)])
    while ((await ports.registry.all()).length === 0) await new Promise((resolve) => setImmediate(resolve))
    stopping.abort()
    await executing
    const next = new AbortController()
    const adopting = execute(ports, options('b'), next.signal)
    await leader.until(1)
    expect(leader.reported).toEqual(['f1.1'])
    next.abort()
    await adopting
  })
})
