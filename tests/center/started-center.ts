// A center as its users start it: the program behind `npm start` with a folder of its own, and `dure` beside it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@dure/client'

const program = fileURLToPath(new URL('../../infra/start.mjs', import.meta.url))
const command = fileURLToPath(new URL('../../packages/cli/bin/dure.mjs', import.meta.url))

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

export interface DureOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** What comes before the command, where it is typed on another host. */
  readonly on?: readonly string[]
}

export interface CenterHome {
  /** Where the center keeps what it knows. */
  readonly data: string
  /** Where commands are run, and files for them are written. */
  readonly desk: string
  remove(): void
}

export interface StartedCenter {
  readonly url: string
  /** Opens a session in a browser, once. */
  readonly signInUrl: string
  /** Everything it has said so far, on both streams. */
  output(): string
  /** Speaks for the administrator. */
  readonly client: Client
  /** Ctrl-C. Resolves with its exit code. */
  stop(): Promise<number | null>
}

export function makeHome(): CenterHome {
  const folder = mkdtempSync(join(tmpdir(), 'dure-whole-'))
  return { data: join(folder, 'data'), desk: folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Resolves when it has welcomed its user; throws with what it said when it ends before. */
export async function startCenter(home: CenterHome, ...args: readonly string[]): Promise<StartedCenter> {
  const child = spawn(process.execPath, [program, '--port', '0', '--data', home.data, ...args], {
    env: { ...process.env, REDIS_URL: '', DURE_REDIS_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  const output = collect(child)
  const line = (name: string): string | undefined => new RegExp(`^ +${name} +(http\\S+)`, 'm').exec(output())?.[1]
  await until('the welcome', () => {
    if (child.exitCode !== null) throw new Error(`the center ended with ${child.exitCode}:\n${output()}`)
    return output().includes('Ctrl-C stops it')
  })
  const url = line('console') ?? ''
  return {
    url,
    signInUrl: line('sign in') ?? '',
    output,
    client: createClient({ url, key: administratorKey(home) }),
    stop: () => {
      child.kill('SIGINT')
      return exited
    },
  }
}

const administratorKey = ({ data }: CenterHome): string => readFileSync(join(data, 'admin.key'), 'utf8').trim()

/** The address of the private Redis, with its password. */
export const redisUrlOf = ({ data }: CenterHome): string =>
  JSON.parse(readFileSync(join(data, 'redis.json'), 'utf8')).url

/** `dure` in a process of its own, as from another shell. */
export async function dure({ data, desk }: CenterHome, args: readonly string[], options: DureOptions = {}) {
  const [program, ...words] = [...(options.on ?? []), process.execPath, command, ...args]
  const child = spawn(program!, words, {
    cwd: desk,
    env: { PATH: process.env.PATH, LANG: 'C', DURE_DATA: data, ...options.env },
  })
  child.stdin.end(options.input ?? '')
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const [code] = await once(child, 'close')
  return { stdout, stderr, code: code as number | null } satisfies Ended
}

/** Waits for a condition, looking often: what is waited for happens in other processes. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, patienceMs = 60_000): Promise<void> {
  const deadlineMs = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`waited ${patienceMs} ms in vain for ${what}`)
    await pause(50)
  }
}

/**
 * Processes that belong to a center: its folder stands on their command line, in their environment, or is where they
 * work. `dure` started by a test counts while it runs.
 */
export function processesOf({ data }: CenterHome): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map((entry) => ({ pid: Number(entry), seen: lookAt(entry) }))
    .filter(({ seen }) => seen.some((text) => text.includes(data)))
    .map(({ pid, seen }) => ({ pid, command: seen[0]?.replaceAll('\0', ' ').trim() ?? '' }))
}

function lookAt(pid: string): string[] {
  try {
    return [
      readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
      readFileSync(`/proc/${pid}/environ`, 'utf8'),
      readlinkSync(`/proc/${pid}/cwd`),
    ]
  } catch {
    return [] // It ended while we looked, or belongs to somebody else.
  }
}

/** For the end of a test file: whatever the tests came to, nothing of their center stays. */
export async function leaveNothing(home: CenterHome): Promise<void> {
  for (const { pid } of processesOf(home)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone already.
    }
  }
  await until('the processes of the center to be gone', () => processesOf(home).length === 0)
  home.remove()
}

function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
  return () => text
}
