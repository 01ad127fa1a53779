// A center that has worked for a while and then lost its power: its append-only file, what of it was on the disk at which
// moment, and what its users had been told by then. One recording serves for hundreds of cuts.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stream } from '@dure/sim'
import { CenterClient } from '../client/center-client.ts'
import { type Call, History } from '../client/history.ts'
import { Workload } from '../client/workload.ts'
import { ChaosCenter } from './chaos-center.ts'

/** So much of the append-only file was on the disk when a sync was over. */
interface Synced {
  readonly atMs: number
  readonly bytes: number
}

export interface RecordedCenter {
  readonly prefix: string
  readonly calls: readonly Call[]
  readonly syncs: readonly Synced[]
  /** Length of the append-only file. */
  readonly bytes: number
  /** A copy of its directory, of which `change` may change the append-only file. */
  copy(change: (aof: Buffer) => Buffer): string
  remove(): void
}

const WORK_MS = 4_000
/** Long enough without a leader for commands to lie in the queue when the power fails. */
const LEADERLESS_MS = 600

export async function recordCenter(appendfsync: 'always' | 'everysec', seed: number): Promise<RecordedCenter> {
  const folder = mkdtempSync(join(tmpdir(), 'dure-chaos-recorded-'))
  const log = join(folder, 'syscalls')
  // -D: the tracer is a child of the server and not the other way round, so that a kill of the one is that.
  const launcher = [
    'strace',
    '-D',
    '-f',
    '-ttt',
    '-T',
    '-s',
    '0',
    '-e',
    'trace=openat,write,fdatasync,fsync',
    '-o',
    log,
  ]
  const center = await ChaosCenter.start({ isSingle: true, redis: { appendfsync, launcher } })
  const history = new History()
  try {
    const workload = new Workload({
      client: new CenterClient(center.door, history),
      random: stream(seed, `recorded ${appendfsync}`),
      prefix: 'recorded',
      perSecond: 60,
      runMs: 10_000,
    })
    workload.start()
    await pause(WORK_MS)
    await center.role('scheduler-1').remove()
    await pause(LEADERLESS_MS)
    await center.redis.kill()
    await workload.stop()
    cpSync(center.redis.directory, join(folder, 'data'), { recursive: true })
  } finally {
    await center.stop()
  }
  const aof = readFileSync(incrementOf(join(folder, 'data')))
  const copies: string[] = []
  return {
    prefix: center.settings.prefix,
    calls: history.calls,
    syncs: syncsIn(readFileSync(log, 'utf8')),
    bytes: aof.length,
    copy: (change) => {
      const directory = mkdtempSync(join(tmpdir(), 'dure-chaos-copy-'))
      copies.push(directory)
      cpSync(join(folder, 'data'), directory, { recursive: true })
      writeFileSync(incrementOf(directory), change(Buffer.from(aof)))
      return directory
    },
    remove: () => {
      for (const directory of [folder, ...copies]) rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The file that Redis appends to. */
function incrementOf(directory: string): string {
  const folder = join(directory, 'appendonlydir')
  return join(folder, readdirSync(folder).find((file) => file.endsWith('.incr.aof'))!)
}

/** What was on the disk at a moment. */
export function durableBytes({ syncs }: RecordedCenter, atMs: number): number {
  return syncs.reduce((most, { atMs: syncedMs, bytes }) => (syncedMs <= atMs ? Math.max(most, bytes) : most), 0)
}

/** The calls as their callers knew them at a moment. */
export function historyAt({ calls }: RecordedCenter, atMs: number): History {
  const history = new History()
  for (const call of calls) {
    if (call.invokedMs > atMs) continue
    history.add(call.answeredMs <= atMs ? call : { ...call, outcome: 'unknown', job: undefined, command: undefined })
  }
  return history
}

/** Reads a trace of system calls: what had been written when a sync began is on the disk when it is over. */
export function syncsIn(trace: string): Synced[] {
  const syncs: Synced[] = []
  const begun = new Map<string, number>()
  let descriptor: string | undefined
  let written = 0
  for (const line of trace.split('\n')) {
    const read = /^(\d+) +(\d+\.\d+) (.*)$/.exec(line)
    if (read === null) continue
    const [, thread = '', seconds = '', call = ''] = read
    const atMs = Number(seconds) * 1000
    const opened = /^openat\(.*\.incr\.aof".* = (\d+)/.exec(call)
    if (opened !== null) descriptor = opened[1]
    if (descriptor === undefined) continue
    if (call.startsWith(`write(${descriptor},`)) written += Number(/ = (\d+)/.exec(call)?.[1] ?? 0)
    const sync = /^(?:fdatasync|fsync)\((\d+)(\)|\s+<unfinished)/.exec(call)
    if (sync?.[1] === descriptor) {
      const tookMs = 1000 * Number(/<(\d+\.\d+)>$/.exec(call)?.[1] ?? 0)
      if (sync?.[2] === ')') syncs.push({ atMs: atMs + tookMs, bytes: written })
      else begun.set(thread, written)
    }
    if (/^<\.\.\. (?:fdatasync|fsync) resumed/.test(call) && begun.has(thread)) {
      syncs.push({ atMs, bytes: begun.get(thread)! })
      begun.delete(thread)
    }
  }
  return syncs
}
