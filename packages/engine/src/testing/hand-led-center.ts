// A center led by hand, for tests of those who read the ledger: every commit is made by a real `Center` and appended
// through the real port, but only when the test says so, at the center time the test gives.

import { setTimeout as pause } from 'node:timers/promises'
import { encodeLedgerEntry, type LedgerHead } from '@dure/contract'
import { Center, type CenterConfig, type Command, FactLog, type Outcome } from '@dure/core'
import { type Append, type AppendOutcome, type Ports, StoreError } from '../ports.ts'

const APPEND_RETRY_MS = 100

export interface NamedCommand {
  readonly id: string
  readonly command: Command
}

export interface HandLedCenter {
  readonly center: Center
  readonly revision: number
  /** Applies the commands, makes a pass unless told otherwise, and appends. Returns what became of each command. */
  commit(atMs: number, commands: readonly NamedCommand[], scheduled?: boolean): Promise<readonly Outcome[]>
}

/** Takes the lease as `owner` and writes the entries that begin a center: the lease's own, and one that configures it. */
export async function handLedCenter(
  ports: Pick<Ports, 'lease' | 'ledger'>,
  config: CenterConfig,
  atMs: number,
  owner = 'by-hand',
): Promise<HandLedCenter> {
  const lease = await ports.lease.acquire(owner, 3_600_000)
  if (lease.kind !== 'acquired') throw new Error(`the lease is held by ${lease.owner}`)
  let revision = (await ports.ledger.tail())?.revision ?? 0
  await append({ v: 1, type: 'lease', atMs, owner }, new Uint8Array(0))

  const log = new FactLog({ keep: true })
  const center = Center.create(config, log, atMs)

  async function append(head: LedgerHead, facts: Uint8Array): Promise<void> {
    const body = encodeLedgerEntry({ head, facts })
    const entry = {
      epoch: (lease as { epoch: number }).epoch,
      revision: revision + 1,
      nonce: `hand-${revision + 1}`,
      body,
    }
    const outcome = await appended(entry)
    if (outcome.kind !== 'appended') throw new Error(`revision ${revision + 1} was not appended: ${outcome.kind}`)
    revision += 1
  }

  /** While the store is away the very same append is sent again, which is safe; what the center has decided cannot be decided anew. */
  async function appended(entry: Append): Promise<AppendOutcome> {
    for (;;) {
      try {
        return await ports.ledger.append(entry)
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        await pause(APPEND_RETRY_MS)
      }
    }
  }

  async function commit(at: number, commands: readonly NamedCommand[], scheduled = true): Promise<readonly Outcome[]> {
    const before = center.nowMs === at && log.count === 1 ? 0 : log.count
    const outcomes = commands.map(({ command }) => center.apply(command, at))
    if (scheduled) center.schedule(at)
    const facts = log.drain()
    const head: LedgerHead = {
      v: 1,
      type: 'commit',
      atMs: at,
      steps: [{ atMs: at, commands: structuredClone(commands) as NamedCommand[], scheduled }],
      repeated: [],
      factCount: log.count - before,
      factsHash: log.hash(),
    }
    await append(head, facts)
    return outcomes
  }

  await commit(atMs, [], false)
  return {
    center,
    get revision() {
      return revision
    },
    commit,
  }
}
