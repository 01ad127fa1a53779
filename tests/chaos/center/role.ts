// One process of a center under test: can be ended, paused and told things, and is started again when it ends, as its
// supervisor would.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Order, Told } from '../doubles/order.ts'

export type ServiceName = 'api' | 'executor' | 'scheduler'

export interface RoleOptions {
  readonly service: ServiceName
  readonly name: string
  readonly env: Readonly<Record<string, string>>
  /** Modules loaded before the service's own. */
  readonly preloads: readonly URL[]
}

/** What is to be ended when the harness ends, however it does: one listener for all, of whom there may be dozens. */
const kills = new Set<() => void>()
process.once('exit', () => kills.forEach((kill) => kill()))

/** A supervisor waits this long before it starts a process again that was well. */
const RESTART_MS = 500
/** Exit status of a service that says that starting it again would not help. */
const BAD_CONFIGURATION = 78

export class Role {
  readonly name: string
  readonly #options: RoleOptions
  #child: ChildProcess | undefined
  #ready: Promise<unknown> = Promise.resolve()
  #isWanted = false
  #isStopping = false
  #output = ''
  #measured: ((bytes: number) => void) | undefined
  /** Writes to the ledger that were refused, over all its lives. */
  refusedWrites = 0
  /** Ends that nobody asked for, in words. */
  readonly accidents: string[] = []

  constructor(options: RoleOptions) {
    this.#options = options
    this.name = options.name
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Everything it has written so far, over all its lives. */
  output(): string {
    return this.#output
  }

  /** Resolves when it has said that it can be used. */
  get ready(): Promise<unknown> {
    return this.#ready
  }

  start(): Promise<unknown> {
    this.#isWanted = true
    this.#isStopping = false
    const { service, env, preloads } = this.#options
    const main = fileURLToPath(new URL(`../../../services/${service}/src/main.ts`, import.meta.url))
    const child = spawn(process.execPath, [...preloads.flatMap(({ href }) => ['--import', href]), main], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    // It must not outlive the harness, however that ends.
    const killWithUs = () => child.kill('SIGKILL')
    kills.add(killWithUs)
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text) => {
        this.#output = (this.#output + String(text)).slice(-100_000)
      })
    // An order may come too late for a process that has just ended.
    child.on('error', () => {})
    this.#ready = new Promise((resolve) => {
      child.on('message', (message: Told | { readonly ready: true }) => {
        if ('refused' in message) this.refusedWrites++
        else if ('heldBytes' in message) this.#measured?.(message.heldBytes)
        else resolve(message)
      })
    })
    child.once('exit', (code, signal) => {
      kills.delete(killWithUs)
      void this.#ended(code, signal)
    })
    return this.#ready
  }

  /** Ends it at once, as a crash would. It is started again after a moment. */
  async kill(): Promise<void> {
    if (!this.isRunning) return
    const gone = once(this.#child!, 'exit')
    this.#child!.kill('SIGKILL')
    await gone
  }

  /** Asks it to end in order, and leaves it so. Resolves with its exit code. */
  async stop(): Promise<number | null> {
    this.#isWanted = false
    return this.#askToEnd()
  }

  /** Ends it for good. */
  async remove(): Promise<void> {
    this.#isWanted = false
    await this.kill()
  }

  /** Asks it to end in order, and starts it again. Resolves with its exit code when it has ended. */
  async restart(): Promise<number | null> {
    this.#isStopping = true
    return this.#askToEnd()
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  goOn(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Resolves when it sleeps; false after `ms`. */
  async asleep(ms: number): Promise<boolean> {
    for (const untilMs = performance.now() + ms; performance.now() < untilMs; await pause(10)) {
      // The state stands behind the name, which is in brackets.
      const [state] = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ').at(-1) ?? ''
      if (state === 'T') return true
    }
    return false
  }

  tell(order: Order): void {
    if (this.isRunning && this.#child!.connected) this.#child!.send(order, () => {})
  }

  /** Bytes that live in its heap and in buffers beside it, after a collection; undefined where it does not answer within 10 s. */
  async heldBytes(): Promise<number | undefined> {
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    const timer = setTimeout(() => resolve(undefined), 10_000)
    this.#measured = resolve
    this.tell({ order: 'measure' })
    const bytes = await promise
    clearTimeout(timer)
    return bytes
  }

  /** Resolves when it has ended, by whatever; false after `ms`. */
  async ended(ms: number): Promise<boolean> {
    const child = this.#child
    if (!this.isRunning || child === undefined) return true
    const late = new AbortController()
    const gone = once(child, 'exit', { signal: late.signal }).then(
      () => true,
      () => false,
    )
    const timer = setTimeout(() => late.abort(), ms)
    const outcome = await gone
    clearTimeout(timer)
    return outcome
  }

  async #askToEnd(): Promise<number | null> {
    if (!this.isRunning) return null
    const gone = once(this.#child!, 'exit')
    this.#child!.kill('SIGTERM')
    const [code] = await gone
    return code as number | null
  }

  async #ended(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const isAsked = signal === 'SIGKILL' || (code === 0 && (this.#isStopping || !this.#isWanted))
    if (!isAsked) {
      const words = this.#output.trim().split('\n').at(-1) ?? ''
      this.accidents.push(`${this.name} ended with ${signal ?? code}: ${words.slice(0, 500)}`)
    }
    // A supervisor gives up on a process that says so itself.
    if (!this.#isWanted || code === BAD_CONFIGURATION) return
    await pause(RESTART_MS)
    if (this.#isWanted && !this.isRunning) await this.start()
  }
}
