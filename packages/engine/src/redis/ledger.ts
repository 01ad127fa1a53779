// The ledger on a Redis stream: entry `<revision>-0` is commit number `revision`. Appends go through one script that
// checks epoch and end of stream (ledger-append.lua); what is read is verified against its checksums, because Redis
// loads a flipped bit without a word.

import type { Redis } from 'ioredis'
import { entrySha, GENESIS, GENESIS_SHA, verifyChain } from '../ledger-chain.ts'
import {
  type Append,
  type AppendOutcome,
  type ChainLink,
  type Ledger,
  LedgerBroken,
  type LedgerEntry,
  type LedgerExtent,
  LedgerTrimmed,
} from '../ports.ts'
import { connectPatient, type RedisSettings, withStoreErrors } from './connect.ts'
import { loadScript, runScript } from './script.ts'

const appendScript = loadScript('ledger-append')
const trimScript = loadScript('ledger-trim')

/** The version of the stream entry's own fields. The body has its own. */
const ENTRY_VERSION = '1'

/** Ends each blocking read, so that an aborted follower and a dead socket are noticed. */
const FOLLOW_BLOCK_MS = 2000
const FOLLOW_COUNT = 128

type StreamEntry = [id: Buffer, fields: Buffer[]]

export function redisLedger(redis: Redis, settings: RedisSettings): Ledger {
  const ledgerKey = `${settings.prefix}ledger`
  const epochKey = `${settings.prefix}epoch`
  const savepointKey = `${settings.prefix}savepoint`

  /**
   * The entry last written or read here: a leader need not read back what it has just written, and consecutive reads are
   * checked against each other. Forgotten when the ledger turns out to be another one.
   */
  let known: ChainLink = GENESIS

  async function shaOf(revision: number): Promise<string> {
    if (known.revision === revision) return known.sha
    if (revision === 0) return GENESIS_SHA
    const [found] = await redis.xrangeBuffer(ledgerKey, `${revision}-0`, `${revision}-0`)
    // A revision that is not there cannot be followed: the script, asked with a sha nothing has, answers with the conflict.
    return found ? decode(found).sha : ''
  }

  async function append(entry: Append): Promise<AppendOutcome> {
    return withStoreErrors(`append revision ${entry.revision} to ${ledgerKey}`, async () => {
      const previousSha = await shaOf(entry.revision - 1)
      const sha = entrySha(previousSha, entry)
      const reply = (await runScript(
        redis,
        appendScript,
        [epochKey, ledgerKey],
        [entry.epoch, entry.revision, entry.nonce, previousSha, sha, Buffer.from(entry.body)],
      )) as [AppendOutcome['kind'], string]
      switch (reply[0]) {
        case 'appended':
          known = { revision: entry.revision, sha }
          return { kind: 'appended', sha }
        case 'fenced':
          known = GENESIS
          return { kind: 'fenced', epoch: Number(reply[1]) }
        case 'conflict':
          known = GENESIS
          return { kind: 'conflict', revision: Number(reply[1]) }
      }
    })
  }

  async function read(fromRevision: number, count: number): Promise<readonly LedgerEntry[]> {
    return withStoreErrors(`read ${ledgerKey} from revision ${fromRevision}`, async () => {
      const found = await redis.xrangeBuffer(ledgerKey, `${fromRevision}-0`, '+', 'COUNT', count)
      const entries = found.map(decode)
      await assertStartsAt(redis, entries, fromRevision)
      const before = known.revision === fromRevision - 1 ? known : undefined
      known = GENESIS
      known = verifyChain(entries, before) ?? GENESIS
      return entries
    })
  }

  async function tail(): Promise<LedgerEntry | undefined> {
    return withStoreErrors(`read the end of ${ledgerKey}`, async () => {
      const [found] = await redis.xrevrangeBuffer(ledgerKey, '+', '-', 'COUNT', 1)
      if (found === undefined) return undefined
      const entry = decode(found)
      verifyChain([entry], undefined)
      return entry
    })
  }

  async function* follow(fromRevision: number, signal: AbortSignal): AsyncGenerator<readonly LedgerEntry[]> {
    if (signal.aborted) return
    const follower = connectPatient(settings, 'follow')
    let giveUp: (error: Error) => void = () => {}
    // Disconnecting ends a read that Redis is answering, but not one that waits for a Redis that is away.
    const abort = () => {
      follower.disconnect()
      giveUp(new Error('nobody follows any more'))
    }
    // Not a race with one promise of the abort: that would keep, for as long as anybody follows, all that was ever read.
    const readUnlessAborted = (next: number): Promise<LedgerEntry[]> =>
      new Promise((resolve, reject) => {
        giveUp = reject
        readBlocking(follower, next).then(resolve, reject)
      })
    signal.addEventListener('abort', abort, { once: true })
    try {
      let before: ChainLink | undefined
      let next = fromRevision
      while (!signal.aborted) {
        const entries = await readUnlessAborted(next)
        if (entries.length === 0) continue
        await assertStartsAt(follower, entries, next)
        before = verifyChain(entries, before)
        next = entries.at(-1)!.revision + 1
        yield entries
      }
    } catch (error) {
      // An abort ends a read by an error, which is not news.
      if (!signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', abort)
      follower.disconnect()
    }
  }

  async function readBlocking(follower: Redis, next: number): Promise<LedgerEntry[]> {
    const reply = (await follower.xreadBuffer(
      'COUNT',
      FOLLOW_COUNT,
      'BLOCK',
      FOLLOW_BLOCK_MS,
      'STREAMS',
      ledgerKey,
      `${next - 1}-0`,
    )) as [key: Buffer, entries: StreamEntry[]][] | null
    return (reply?.[0]?.[1] ?? []).map(decode)
  }

  /** Something older than what was asked for must be missing because it was trimmed, not because there is a hole. */
  async function assertStartsAt(on: Redis, entries: readonly LedgerEntry[], revision: number): Promise<void> {
    const first = entries[0]
    if (first === undefined || first.revision === revision) return
    const [oldest] = await on.xrangeBuffer(ledgerKey, '-', '+', 'COUNT', 1)
    const firstRevision = oldest === undefined ? first.revision : revisionOf(oldest)
    if (firstRevision > revision) throw new LedgerTrimmed(revision, firstRevision)
    throw new LedgerBroken(revision, 'it is missing')
  }

  async function extent(): Promise<LedgerExtent | undefined> {
    return withStoreErrors(`ask how far ${ledgerKey} reaches`, async () => {
      // In one step: entries come and go. They have no gaps, so their number tells where they begin.
      const replies = await redis
        .multi()
        .xlen(ledgerKey)
        .xrevrangeBuffer(ledgerKey, '+', '-', 'COUNT', 1)
        .memory('USAGE', ledgerKey)
        .exec()
      const [length, newest, bytes] = (replies ?? []).map(([error, reply]) => {
        if (error !== null) throw error
        return reply
      }) as [number, StreamEntry[], number | null]
      if (newest[0] === undefined) return undefined
      const lastRevision = revisionOf(newest[0])
      return { firstRevision: lastRevision - length + 1, lastRevision, bytes: bytes ?? 0 }
    })
  }

  async function trim(beforeRevision: number): Promise<boolean> {
    const reply = await withStoreErrors(`trim ${ledgerKey} before revision ${beforeRevision}`, () =>
      runScript(redis, trimScript, [ledgerKey, savepointKey], [beforeRevision]),
    )
    return reply === 1
  }

  return { append, read, tail, follow, extent, trim }
}

function revisionOf([id]: StreamEntry): number {
  const [revision, second] = id.toString().split('-')
  if (second !== '0') throw new LedgerBroken(Number(revision), `its id ${id.toString()} was not given by a leader`)
  return Number(revision)
}

function decode(found: StreamEntry): LedgerEntry {
  const revision = revisionOf(found)
  const fields = new Map<string, Buffer>()
  for (let i = 0; i < found[1].length; i += 2) fields.set(found[1][i]!.toString(), found[1][i + 1]!)
  const text = (name: string): string => {
    const value = fields.get(name)
    if (value === undefined) throw new LedgerBroken(revision, `its field ${name} is missing`)
    return value.toString()
  }
  if (text('v') !== ENTRY_VERSION) {
    throw new LedgerBroken(revision, `its version ${text('v')} is unknown to this program, which may be too old`)
  }
  const body = fields.get('body')
  if (body === undefined) throw new LedgerBroken(revision, 'its field body is missing')
  return {
    revision,
    epoch: Number(text('epoch')),
    nonce: text('nonce'),
    body,
    sha: text('sha'),
    previousSha: text('prev'),
  }
}
