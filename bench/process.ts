// Processes that take part in a bench. They end with it, however it ends.

import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const kills = new Set<() => void>()
process.once('exit', () => kills.forEach((kill) => kill()))

/** Starts `module` on the same Node and with the same flags, so that a profiler asked for profiles it too. */
export function startProcess(
  module: URL,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const options: ForkOptions = { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }
  const child = fork(fileURLToPath(module), args, options)
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  kills.add(kill)
  child.once('exit', () => kills.delete(kill))
  return child
}

/** Asks a process to end in order, and waits until it has. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** The next message of a process. Throws if it ends without one. */
export async function messageOf(child: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const gone = (code: number | null): void =>
    reject(new Error(`${child.spawnargs.join(' ')} ended with ${code} before it said anything`))
  child.once('message', resolve)
  child.once('exit', gone)
  try {
    return await promise
  } finally {
    child.off('message', resolve)
    child.off('exit', gone)
  }
}
