// A service of the center as a process of its own, as the supervisor would run it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface ServiceProcess {
  readonly pid: number | undefined
  /** What it told its supervisor when it was ready. */
  readonly ready: Promise<Record<string, unknown>>
  /** Everything it has written so far. */
  output(): string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Asks it to stop in order. Resolves with its exit code. */
  stop(): Promise<number | null>
}

/** @param on what comes before its command, where it is to run on another host */
export function startService(
  name: 'api' | 'executor' | 'scheduler' | 'studies',
  env: Record<string, string>,
  on: readonly string[] = [],
): ServiceProcess {
  const main = fileURLToPath(new URL(`../../services/${name}/src/main.ts`, import.meta.url))
  const [program, ...args] = [...on, process.execPath, main]
  const child: ChildProcess = spawn(program!, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const exited = once(child, 'exit')
  const ready = Promise.race([
    once(child, 'message').then(([message]) => message as Record<string, unknown>),
    exited.then(([code]) => {
      throw new Error(`${name} ended with ${code} before it was ready:\n${output}`)
    }),
  ])
  ready.catch(() => {})
  return {
    pid: child.pid,
    ready,
    output: () => output,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = await exited
      return code as number | null
    },
  }
}
