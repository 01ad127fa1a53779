import type { Run, RunKey, RunRegistry } from '../ports.ts'
import type { MemoryStore } from './store.ts'

/** All runs in one map; `due` looks through all of them, which is fair for the sizes that fit a test. */
export function memoryRunRegistry(store: MemoryStore): RunRegistry {
  const field = ({ job, attempt }: RunKey): string => `${job}:${attempt}`
  const beat = (owner: string) => store.executors.set(owner, store.nowMs())

  async function due(owner: string, untilMs: number, limit: number) {
    const runs: Run[] = []
    for (const recorded of store.runs.values()) if (recorded.owner === owner) runs.push(recorded.run)
    runs.sort((a, b) => a.dueMs - b.dueMs)
    let count = 0
    while (count < limit && count < runs.length && runs[count]!.dueMs <= untilMs) count += 1
    return { runs: runs.slice(0, count), nextDueMs: runs[count]?.dueMs ?? Number.POSITIVE_INFINITY }
  }

  return {
    due,
    record: async (owner, runs) => {
      beat(owner)
      let recorded = 0
      for (const run of runs) {
        if (store.runs.has(field(run))) continue
        store.runs.set(field(run), { run: structuredClone(run), owner })
        recorded += 1
      }
      return recorded
    },
    remove: async (runs, epoch) => {
      if (epoch !== undefined && epoch !== store.epoch) return
      for (const run of runs) store.runs.delete(field(run))
    },
    heartbeat: async (owner) => {
      beat(owner)
    },
    retire: async (owner) => {
      if (store.executors.has(owner)) store.executors.set(owner, Number.NEGATIVE_INFINITY)
    },
    adopt: async (owner, silentMs) => {
      beat(owner)
      const dead = new Set<string>()
      for (const [executor, beatMs] of store.executors) {
        // A heartbeat that is still to come is one from before the clock was set back: silence counts from now.
        if (beatMs > store.nowMs()) beat(executor)
        if (executor !== owner && store.nowMs() - beatMs >= silentMs) dead.add(executor)
      }
      let adopted = 0
      for (const recorded of store.runs.values()) {
        if (!dead.has(recorded.owner)) continue
        recorded.owner = owner
        adopted += 1
      }
      for (const executor of dead) store.executors.delete(executor)
      return adopted
    },
    all: async () =>
      [...store.runs.values()].map(({ run, owner }) => ({
        job: run.job,
        attempt: run.attempt,
        dueMs: run.dueMs,
        owner,
      })),
  }
}
