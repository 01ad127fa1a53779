// The power fails, or the disk gives back something else than was written: a Redis is started on what would have been left,
// a leader takes up what lies there, and what it says is held against what the users had been told.

import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadCenter } from '@dure/contract/presets'
import { LedgerBroken, lead, type Ports, redisPorts } from '@dure/engine'
import { startPrivateRedis } from '@dure/engine/testing'
import { type Stream, stream } from '@dure/sim'
import { durableBytes, historyAt, type RecordedCenter, recordCenter } from '../center/recorded-center.ts'
import type { History } from '../client/history.ts'
import { checkInvariants, type Violation } from '../ledger/invariants.ts'
import type { RoundResult, StandaloneRow } from './row.ts'

const centerFile = fileURLToPath(new URL('../center/small.yaml', import.meta.url))
/** Redis may lose what came after its last sync, which with `everysec` is a second, and two when the disk is slow. */
const EVERYSEC_LOSS_MS_MAX = 2_000
const LEAD_MS_MAX = 10_000

type Found =
  | { readonly kind: 'refused'; readonly by: 'Redis' | 'Dure'; readonly sentence: string }
  | { readonly kind: 'read'; readonly violations: readonly Violation[]; readonly lost: number }

/** Starts Redis on a directory and lets a leader take up what lies there. */
async function takeUp(prefix: string, directory: string, history: History, mayLoseAfterMs?: number): Promise<Found> {
  let redis: Awaited<ReturnType<typeof startPrivateRedis>>
  try {
    redis = await startPrivateRedis({ directory })
  } catch (error) {
    return { kind: 'refused', by: 'Redis', sentence: (error as Error).message }
  }
  const ports = await redisPorts({ url: redis.url, prefix }, 'chaos')
  try {
    await leadUntilDrained(ports)
    const { violations, lost } = await checkInvariants({
      ledger: ports.ledger,
      history,
      isUnfinished: true,
      ...(mayLoseAfterMs !== undefined && { mayLoseAfterMs }),
    })
    return { kind: 'read', violations, lost }
  } catch (error) {
    if (!(error instanceof LedgerBroken)) throw error
    return { kind: 'refused', by: 'Dure', sentence: error.message }
  } finally {
    await ports.close()
    await redis.stop()
  }
}

/** Leads until no command waits any more. Throws `LedgerBroken`. */
async function leadUntilDrained(ports: Ports): Promise<void> {
  const over = new AbortController()
  const leading = lead(
    ports,
    {
      owner: 'chaos',
      genesis: loadCenter(centerFile),
      genesisMs: 0,
      speed: 1e-3,
      leaseTtlMs: 5_000,
      concurrency: 512,
      monotonicMs: () => performance.now(),
      logger: { info: () => {}, warn: () => {}, error: () => {} },
    },
    over.signal,
  )
  const drained = (async () => {
    for (const untilMs = performance.now() + LEAD_MS_MAX; performance.now() < untilMs && !over.signal.aborted; ) {
      await pause(20)
      const { waiting, active } = await ports.commands.backlog()
      if (waiting + active === 0 && (await ports.ledger.tail()) !== undefined) return
    }
  })()
  try {
    await Promise.race([leading, drained])
  } finally {
    over.abort()
    await leading.catch(() => {})
    await drained
  }
}

/** Plays rounds on one recording. */
function onRecording(
  appendfsync: 'always' | 'everysec',
  round: (recorded: RecordedCenter, random: Stream, round: number) => Promise<RoundResult>,
): StandaloneRow['play'] {
  return async ({ first, count }, seed, tell) => {
    const recorded = await recordCenter(appendfsync, seed)
    try {
      for (let i = first; i < first + count; i++) tell(i, await round(recorded, stream(seed, `${appendfsync} ${i}`), i))
    } finally {
      recorded.remove()
    }
  }
}

const sentences = (violations: readonly Violation[]): string[] =>
  violations.map(({ invariant, sentence }) => `${invariant}: ${sentence}`)

/** A moment of the recording at which something had been synced and users were at work. */
function someMoment({ syncs, calls }: RecordedCenter, random: Stream): number {
  const from = Math.max(syncs[0]?.atMs ?? 0, calls[0]?.answeredMs ?? 0)
  const to = calls.at(-1)!.answeredMs
  return from + random.uniform() * (to - from)
}

const powerCut = (appendfsync: 'always' | 'everysec'): StandaloneRow['play'] =>
  onRecording(appendfsync, async (recorded, random) => {
    const atMs = someMoment(recorded, random)
    const directory = recorded.copy((aof) => aof.subarray(0, durableBytes(recorded, atMs)))
    const mayLoseAfterMs = appendfsync === 'everysec' ? atMs - EVERYSEC_LOSS_MS_MAX : undefined
    const found = await takeUp(recorded.prefix, directory, historyAt(recorded, atMs), mayLoseAfterMs)
    if (found.kind === 'refused') return { violations: [`${found.by} refused: ${found.sentence}`] }
    return { violations: sentences(found.violations), counts: { 'acknowledged, then lost': found.lost } }
  })

const TAIL_BYTES_MAX = 4_096

const tornTail = onRecording('always', async (recorded, random) => {
  const torn = random.int(1, TAIL_BYTES_MAX)
  const left = recorded.bytes - torn
  const directory = recorded.copy((aof) => aof.subarray(0, left))
  // What was on the disk before the torn part was written is owed.
  const atMs = recorded.syncs.reduce(
    (last, { atMs: syncedMs, bytes }) => (bytes <= left ? Math.max(last, syncedMs) : last),
    0,
  )
  const found = await takeUp(recorded.prefix, directory, historyAt(recorded, atMs), Number.MAX_SAFE_INTEGER)
  if (found.kind === 'refused') return { violations: [`${found.by} refused: ${found.sentence}`] }
  return { violations: sentences(found.violations) }
})

const flippedBit = onRecording('always', async (recorded, random) => {
  const at = random.int(0, recorded.bytes - 1)
  const bit = random.int(0, 7)
  const directory = recorded.copy((aof) => {
    aof[at]! ^= 1 << bit
    return aof
  })
  const found = await takeUp(recorded.prefix, directory, historyAt(recorded, Number.POSITIVE_INFINITY))
  if (found.kind === 'refused') return { violations: [], counts: { [`refused by ${found.by}`]: 1 } }
  // A command that is rejected for the record is an alarm, and no silent loss.
  const silent = found.violations.filter(({ sentence }) => !sentence.includes('and then rejected'))
  const isAlarm = silent.length < found.violations.length
  return {
    violations: sentences(silent).map((sentence) => `bit ${bit} of byte ${at}: ${sentence}`),
    counts: silent.length === 0 ? { [isAlarm ? 'rejected for the record' : 'without a trace']: 1 } : {},
  }
})

export const powerRows: readonly StandaloneRow[] = [
  {
    kind: 'standalone',
    name: '13',
    fault: 'power cut with everysec',
    promise: 'at most the last 2 s of answers are lost; the rest whole',
    rounds: { short: 0, 'half-hour': 60, overnight: 200 },
    play: powerCut('everysec'),
  },
  {
    kind: 'standalone',
    name: '14',
    fault: 'power cut with always',
    promise: 'nothing acknowledged is lost',
    rounds: { short: 8, 'half-hour': 60, overnight: 200 },
    play: powerCut('always'),
  },
  {
    kind: 'standalone',
    name: '15',
    fault: 'tail of the append-only file torn off, 1 to 4,096 bytes',
    promise: 'starts every time; what was before is whole',
    rounds: { short: 4, 'half-hour': 60, overnight: 4_096 },
    play: tornTail,
  },
  {
    kind: 'standalone',
    name: '16',
    fault: 'one bit of the append-only file flipped',
    promise: 'refused, or told; never another truth',
    rounds: { short: 8, 'half-hour': 100, overnight: 1_000 },
    play: flippedBit,
  },
]
