// A supervisor over stand-in services, run as a process of its own and watched from outside.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface RunningCenter {
  readonly child: ChildProcess
  /** What it said on the way, a line each. */
  readonly said: readonly string[]
  /** Resolves with what the center welcomed people with, for the `nth` time; rejects when it ends before. */
  welcomed(nth?: number): Promise<{ url: string; sign_in_url: string }>
  readonly exit: Promise<number | null>
}

export interface Event {
  readonly name: string
  readonly event: string
  readonly pid: number
  /** How often this service has been started on this data. */
  readonly starts: number
}

const program = fileURLToPath(new URL('./stand-in-center.ts', import.meta.url))

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'dure-center-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** @param toServices such as `--scheduler=--stubborn` */
export function runStandInCenter(
  data: string,
  { args = [] as string[], toServices = [] as string[], env = {} as NodeJS.ProcessEnv, uid }: RunOptions = {},
): RunningCenter {
  const child = spawn(
    process.execPath,
    [program, '--data', data, '--port', '0', ...args, ...(toServices.length > 0 ? ['--', ...toServices] : [])],
    {
      env: { ...process.env, REDIS_URL: '', DURE_REDIS_URL: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid }),
    },
  )
  const said: string[] = []
  const welcomes: string[] = []
  collectLines(child.stderr, said)
  collectLines(child.stdout, welcomes)
  const exit = once(child, 'close').then(([status]) => status as number | null)
  return {
    child,
    said,
    exit,
    async welcomed(nth = 1) {
      await until(`welcome ${nth}`, () => {
        if (child.exitCode !== null) throw new Error(`the center ended with ${child.exitCode}: ${said.join('\n')}`)
        return welcomes.length >= nth
      })
      return JSON.parse(welcomes[nth - 1] as string)
    },
  }
}

interface RunOptions {
  args?: string[]
  toServices?: string[]
  env?: NodeJS.ProcessEnv
  uid?: number
}

function collectLines(stream: NodeJS.ReadableStream | null, lines: string[]): void {
  let rest = ''
  stream?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
}

/** Waits for a condition, looking often; there is nothing to subscribe to outside one's own process. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, patienceMs = 30_000): Promise<void> {
  const deadlineMs = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`waited ${patienceMs} ms in vain for: ${what}`)
    await sleep(20)
  }
}

/** What has happened to the services of the center in this folder, in order. */
export function eventsOf(data: string): readonly Event[] {
  let text = ''
  try {
    text = readFileSync(join(data, 'events.log'), 'utf8')
  } catch {
    return [] // No service has come far enough to write it.
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [name = '', event = '', pid, starts] = line.split(' ')
      return { name, event, pid: Number(pid), starts: Number(starts) }
    })
}

export function redisUrlOf(data: string): string {
  return JSON.parse(readFileSync(join(data, 'redis.json'), 'utf8')).url
}

/** Command lines of all processes on this machine that contain one of these texts, except this one's own. */
export function processesMentioning(...texts: readonly string[]): readonly { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map((entry) => ({ pid: Number(entry), command: commandLineOf(entry) }))
    .filter(({ command }) => texts.some((text) => command.includes(text)))
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return '' // It ended while we looked.
  }
}
