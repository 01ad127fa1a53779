// All ports of one process over connections to the model of Redis. What each operation does there is what the memory adapter
// does; what is simulated is everything on the way to it.

import { campaign } from '../campaign.ts'
import { byIntake, messageId, unpack } from '../command-message.ts'
import { verifyChain } from '../ledger-chain.ts'
import { memoryPorts } from '../memory/index.ts'
import { memoryLedger } from '../memory/ledger.ts'
import { pause } from '../pause.ts'
import type {
  Backlog,
  CommandEnvelope,
  Commands,
  Ledger,
  LedgerEntry,
  Ports,
  Run,
  Runs,
  Studies,
  StudyPiece,
} from '../ports.ts'
import { StoreError } from '../ports.ts'
import { Connection, type Link, type OperationKind } from './connection.ts'
import { StoredConsumption } from './consumption.ts'
import type { Life } from './life.ts'
import type { RedisModel } from './redis-model.ts'

/** How often a follower looks for the next entry. */
const FOLLOW_MS = 20
const FOLLOW_COUNT = 128

const COMMANDS = 'commands'
const STUDIES = 'studies'
const runsQueue = (kind: string): string => `runs-${kind}`

type Operation<A extends unknown[], R> = (...args: A) => Promise<R>

/** `resets`: the part of operations during which the connection breaks. */
export function simulatedPorts(life: Life, link: Link, redis: RedisModel, resets = 0): Ports {
  const { store, watcher } = redis
  const stored = memoryPorts(store)
  const connect = (name: string): Connection => new Connection(life, link, redis, name, resets)
  // Large values have a way of their own, so that they do not hold up the lease.
  const [connection, ledgerConnection] = [connect('ports'), connect('ledger')]
  const ledger = simulatedLedger(life, redis, ledgerConnection)
  let names = 0
  const newName = (what: string): string => `${life.name} ${what} ${++names}`

  const far =
    <A extends unknown[], R>(name: string, kind: OperationKind, operation: Operation<A, R>) =>
    (...args: A): Promise<R> =>
      connection.call(name, kind, () => operation(...args))

  const backlogOf = (queue: string): Promise<Backlog> =>
    connection.call(`${queue} backlog`, 'read', () => {
      const { waiting, activeCount } = redis.queue(queue)
      return { waiting: waiting.length, active: activeCount }
    })

  const acquire = far('lease.acquire', 'write', (owner: string, ttlMs: number) => {
    const before = store.epoch
    const outcome = stored.lease.acquire(owner, ttlMs)
    if (store.epoch !== before) watcher.acquired(store.epoch, life.name)
    return outcome
  })

  const sendMany: Commands['sendMany'] = async (commands) => {
    const id = messageId(commands)
    await connection.call('commands add', 'write', () => {
      redis.queue(COMMANDS).add(id, { commands })
      watcher.sent(commands)
    })
  }
  const commands: Commands = {
    sendMany,
    send: (command) => sendMany([command]),
    backlog: () => backlogOf(COMMANDS),
    consume: ({ epoch, concurrency, handler }) =>
      StoredConsumption.begin(
        life,
        redis,
        {
          queue: COMMANDS,
          concurrency,
          epoch,
          onRejected: 'end',
          completed: (data) => watcher.settled((data as { commands: readonly CommandEnvelope[] }).commands),
          handler: (messages) => handler(messages.flatMap(unpack).sort(byIntake)),
        },
        newName(COMMANDS),
        connect,
      ),
  }

  const runs: Runs = {
    dispatch: async (kind, dispatched) => {
      if (dispatched.length === 0) return
      const id = newName('runs')
      await connection.call('runs.dispatch', 'write', () => {
        redis.queue(runsQueue(kind)).add(id, { runs: dispatched })
        watcher.dispatched(dispatched)
      })
    },
    consume: async (kind, concurrency, handler) => {
      const consumption = await StoredConsumption.begin(
        life,
        redis,
        {
          queue: runsQueue(kind),
          concurrency,
          onRejected: 'retry',
          handler: async (messages) => {
            await handler(messages.flatMap(({ data }) => (data as { runs: readonly Run[] }).runs))
            for (const message of messages) message.done()
          },
        },
        newName(runsQueue(kind)),
        connect,
      )
      return consumption!
    },
    backlog: (kind) => backlogOf(runsQueue(kind)),
  }

  const studies: Studies = {
    begin: far('studies.begin', 'write', stored.studies.begin),
    find: far('studies.find', 'read', stored.studies.find),
    list: far('studies.list', 'read', stored.studies.list),
    addRow: far('studies.addRow', 'write', stored.studies.addRow),
    hasRow: far('studies.hasRow', 'read', stored.studies.hasRow),
    rows: far('studies.rows', 'read', stored.studies.rows),
    end: far('studies.end', 'free', stored.studies.end),
    dispatch: (study, pieces) =>
      connection.call('studies.dispatch', 'write', () => {
        for (const piece of pieces) redis.queue(STUDIES).add(`${study}-${piece.id}`, { study, piece })
      }),
    consume: async (concurrency, handler) => {
      const consumption = await StoredConsumption.begin(
        life,
        redis,
        {
          queue: STUDIES,
          concurrency,
          onRejected: 'retry',
          handler: async (messages) => {
            for (const { data, deliveries, done } of messages) {
              handler({ ...(data as { study: string; piece: StudyPiece }), deliveries, settle: done })
            }
          },
        },
        newName(STUDIES),
        connect,
      )
      return consumption!
    },
    backlog: () => backlogOf(STUDIES),
  }

  return {
    ledger,
    lease: {
      acquire,
      campaign: (owner, ttlMs, signal) => campaign(() => acquire(owner, ttlMs), signal, life),
      renew: far('lease.renew', 'free', stored.lease.renew),
      release: far('lease.release', 'free', stored.lease.release),
    },
    commands,
    runs,
    registry: {
      record: far('registry.record', 'write', (owner: string, recorded: readonly Run[]) => {
        const added = stored.registry.record(owner, recorded)
        watcher.recorded(store.runs.values())
        return added
      }),
      due: far('registry.due', 'read', stored.registry.due),
      remove: far('registry.remove', 'free', stored.registry.remove),
      heartbeat: far('registry.heartbeat', 'write', stored.registry.heartbeat),
      retire: far('registry.retire', 'free', stored.registry.retire),
      adopt: far('registry.adopt', 'write', stored.registry.adopt),
      all: far('registry.all', 'read', stored.registry.all),
    },
    intake: {
      reserve: far('intake.reserve', 'write', stored.intake.reserve),
      settle: far('intake.settle', 'write', stored.intake.settle),
      accepted: far('intake.accepted', 'read', stored.intake.accepted),
      folded: far('intake.folded', 'free', stored.intake.folded),
      last: far('intake.last', 'read', stored.intake.last),
      continueAfter: far('intake.continueAfter', 'write', stored.intake.continueAfter),
    },
    clock: {
      publish: far('clock.publish', 'write', stored.clock.publish),
      read: far('clock.read', 'read', stored.clock.read),
    },
    savepoints: {
      store: far('savepoints.store', 'write', stored.savepoints.store),
      newest: far('savepoints.newest', 'read', stored.savepoints.newest),
    },
    studies,
    close: async () => {
      connection.close()
      ledgerConnection.close()
    },
  }
}

/** The ledger over a connection, which knows by itself what it has read. */
export function simulatedLedger(life: Life, redis: RedisModel, connection: Connection): Ledger {
  const { store, watcher } = redis
  const stored = memoryLedger(store)

  const far =
    <A extends unknown[], R>(name: string, kind: OperationKind, operation: Operation<A, R>) =>
    (...args: A): Promise<R> =>
      connection.call(name, kind, () => operation(...args))

  const read = far('ledger.read', 'read', stored.read)

  async function* follow(fromRevision: number, signal: AbortSignal): AsyncGenerator<readonly LedgerEntry[]> {
    let before: ReturnType<typeof verifyChain>
    let next = fromRevision
    while (!signal.aborted) {
      const entries = await read(next, FOLLOW_COUNT).catch((error: unknown) => {
        if (error instanceof StoreError) return []
        throw error
      })
      if (entries.length === 0) {
        await pause(FOLLOW_MS, signal, life)
        continue
      }
      before = verifyChain(entries, before)
      next = entries.at(-1)!.revision + 1
      yield entries
    }
  }

  const append: Ledger['append'] = (entry) => {
    const before = store.ledger.at(-1)
    const outcome = stored.append(entry)
    // It is done: only to hear of it takes a promise, and by then other operations may have been done too.
    const last = store.ledger.at(-1)
    if (last !== undefined && last !== before) watcher.appended(last, life.name, store.epoch)
    else if (entry.epoch < store.epoch) watcher.staleAppends++
    return outcome
  }

  return {
    append: far('ledger.append', 'write', append),
    read,
    tail: far('ledger.tail', 'read', stored.tail),
    follow,
    extent: far('ledger.extent', 'read', stored.extent),
    trim: far('ledger.trim', 'free', stored.trim),
  }
}
