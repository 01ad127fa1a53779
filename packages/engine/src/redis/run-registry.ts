// Which runs are under way, at which executor, until when: two hashes over all runs, and for each executor a sorted set
// of its own by due center time, so that asking for what is due costs nothing for what is not.

import { crc32 } from 'node:zlib'
import type { Redis } from 'ioredis'
import type { RecordedRun, Run, RunKey, RunRegistry } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { loadScript, runScript } from './script.ts'

const recordScript = loadScript('runs-record')
const dueScript = loadScript('runs-due')
const removeScript = loadScript('runs-remove')
const adoptScript = loadScript('runs-adopt')
const heartbeatScript = loadScript('runs-heartbeat')
const allScript = loadScript('runs-all')

/** Runs in one script call: a script holds up everybody else, and Lua can unpack only so much. */
const CHUNK_RUNS = 500

const field = ({ job, attempt }: RunKey): string => `${job}:${attempt}`

export function redisRunRegistry(redis: Redis, settings: RedisSettings): RunRegistry {
  const bodiesKey = `${settings.prefix}runs:bodies`
  const ownersKey = `${settings.prefix}runs:owners`
  const executorsKey = `${settings.prefix}runs:executors`
  const epochKey = `${settings.prefix}epoch`
  const duePrefix = `${settings.prefix}runs:due:`

  async function record(owner: string, runs: readonly Run[]): Promise<number> {
    let recorded = 0
    for (const chunk of chunks(runs)) {
      const args = chunk.flatMap((run) => [field(run), run.dueMs, written(run)])
      const keys = [bodiesKey, ownersKey, `${duePrefix}${owner}`, executorsKey]
      const reply = await withStoreErrors(`record ${runs.length} runs`, () =>
        runScript(redis, recordScript, keys, [owner, ...args]),
      )
      recorded += Number(reply)
    }
    return recorded
  }

  async function due(owner: string, untilMs: number, limit: number) {
    const reply = (await withStoreErrors(`look for due runs of ${owner}`, () =>
      runScript(redis, dueScript, [bodiesKey, `${duePrefix}${owner}`], [untilMs, limit]),
    )) as [string, ...(string | null)[]]
    const [nextDueMs, ...found] = reply
    const runs: Run[] = []
    const damaged: string[] = []
    for (let i = 0; i < found.length; i += 2) {
      const run = read(found[i + 1] ?? '')
      if (run === undefined) damaged.push(found[i]!)
      else runs.push(run)
    }
    if (damaged.length > 0) await forget(damaged, '')
    return { runs, nextDueMs: nextDueMs === '' ? Number.POSITIVE_INFINITY : Number(nextDueMs) }
  }

  async function forget(fields: readonly string[], epoch: number | ''): Promise<void> {
    for (const chunk of chunks(fields)) {
      await withStoreErrors(`forget ${fields.length} runs`, () =>
        runScript(redis, removeScript, [bodiesKey, ownersKey, epochKey], [duePrefix, epoch, ...chunk]),
      )
    }
  }

  async function all(): Promise<readonly RecordedRun[]> {
    const reply = (await withStoreErrors('list recorded runs', () =>
      runScript(redis, allScript, [ownersKey], [duePrefix]),
    )) as string[]
    const runs: RecordedRun[] = []
    for (let i = 0; i < reply.length; i += 3) {
      const [job, attempt] = reply[i]!.split(':')
      runs.push({ job: Number(job), attempt: Number(attempt), owner: reply[i + 1]!, dueMs: Number(reply[i + 2]) })
    }
    return runs
  }

  return {
    record,
    due,
    remove: (runs, epoch) => forget(runs.map(field), epoch ?? ''),
    all,
    heartbeat: async (owner) => {
      await withStoreErrors(`note that ${owner} is alive`, () =>
        runScript(redis, heartbeatScript, [executorsKey], [owner]),
      )
    },
    retire: async (owner) => {
      await withStoreErrors(`retire ${owner}`, () => redis.zadd(executorsKey, 'XX', '-inf', owner))
    },
    adopt: async (owner, silentMs) =>
      Number(
        await withStoreErrors('adopt runs', () =>
          runScript(redis, adoptScript, [ownersKey, executorsKey], [owner, silentMs, duePrefix]),
        ),
      ),
  }
}

/** A run and its checksum: what was damaged must not end a job otherwise than it was started. */
function written(run: Run): string {
  const json = JSON.stringify(run)
  return `${crc32(json)} ${json}`
}

/** Undefined: damaged. The leader finds it missing, and tells of it again. Earlier versions wrote no sum. */
function read(text: string): Run | undefined {
  const at = text.startsWith('{') ? -1 : text.indexOf(' ')
  const json = text.slice(at + 1)
  if (at >= 0 && text.slice(0, at) !== `${crc32(json)}`) return undefined
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += CHUNK_RUNS) yield items.slice(from, from + CHUNK_RUNS)
}
