// Builds that are broken on purpose, to see that the simulation finds what it is there to find: each has the fault in what
// its processes do to a port, as a mistake in the engine would have it.

import type { PortsChange } from './center.ts'

/** A leader that is fenced off writes all the same. */
export const fencingOff: PortsChange = ({ ledger }, { store }) => ({
  ledger: { ...ledger, append: (entry) => ledger.append({ ...entry, epoch: store.epoch }) },
})

/** Every attempt is dispatched twice, and whoever gets it plays it. */
export const doubleStart: PortsChange = ({ runs, registry }, { store }) => ({
  runs: {
    ...runs,
    dispatch: async (kind, dispatched) => {
      await runs.dispatch(kind, dispatched)
      await runs.dispatch(kind, dispatched)
    },
  },
  registry: {
    ...registry,
    record: async (owner, recorded) => {
      const count = await registry.record(owner, recorded)
      for (const run of recorded) {
        const isOthers = store.runs.get(`${run.job}:${run.attempt}`)?.owner !== owner
        if (isOthers) store.runs.set(`${run.job}:${run.attempt}:${owner}`, { run, owner })
      }
      return count
    },
  },
})

/** A command is settled when it comes, not when the ledger has it. */
export const settledFirst: PortsChange = ({ commands }) => ({
  commands: {
    ...commands,
    consume: ({ handler, ...consumption }) =>
      commands.consume({
        ...consumption,
        handler: (batch) => {
          for (const { settle } of batch) settle()
          return handler(batch)
        },
      }),
  },
})

/** More leaves the stream than was moved to segments. */
export const trimmedTooFar: PortsChange = ({ ledger }) => ({
  ledger: { ...ledger, trim: (beforeRevision) => ledger.trim(beforeRevision + 1) },
})

/** A request is accepted before its command is queued. */
export const acceptedFirst: PortsChange = ({ commands }) => ({
  commands: {
    ...commands,
    send: async (command) => {
      commands.send(command).catch(() => {})
    },
  },
})
