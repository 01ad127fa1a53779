// A whole center in a simulated world: schedulers, executors and APIs, each a process on a machine of its own, around one Redis;
// and the faults that befall them.

import { execute } from '../executor.ts'
import { Archive } from '../leader/archive.ts'
import { lead } from '../leader/lead.ts'
import type { Term } from '../leader/term.ts'
import type { Logger } from '../logger.ts'
import { memorySegments } from '../memory/segments.ts'
import type { Ports } from '../ports.ts'
import { Connection, type Link, soundLink } from './connection.ts'
import { endOf, type Fault, type HostName, LEASE_TTL_MS, type Role, roleOf } from './faults.ts'
import type { Violation } from './history.ts'
import { Life, Trap } from './life.ts'
import { type Api, People } from './people.ts'
import type { Plan } from './plan.ts'
import { RedisModel } from './redis-model.ts'
import { simulatedLedger, simulatedPorts } from './simulated-ports.ts'
import { simulatedSegments } from './simulated-segments.ts'
import { World } from './world.ts'

/** As the executor service has it. */
const SILENT_MS_MAX = 10_000
const MESSAGES_AT_ONCE = 64

/** What the supervisor waits before it starts a process again that has ended. */
const BACKOFF_MS = 500
/** A connection that was cut off is given up after this time. */
const SOCKET_SILENT_MS_MAX = 8_000

/** Puts something else in the place of some ports of a process. */
export type PortsChange = (ports: Ports, redis: RedisModel, life: Life) => Partial<Ports>

interface Host {
  readonly name: HostName
  readonly role: Role
  readonly link: Link
  life: Life
  /** How many processes it has had. */
  lives: number
  stopping: AbortController
  /** Until its next process starts, once this one has ended. */
  backoffMs: number
  ports: Ports
  /** The last term of a scheduler's present process. */
  term: Term | undefined
  /** The process is not to come back. */
  isRetired: boolean
}

export class SimulatedCenter {
  readonly world: World
  readonly redis: RedisModel
  readonly people: People
  readonly violations: Violation[] = []
  /** From the death of each leader to the next leader's term. */
  readonly failoversMs: number[] = []
  readonly #plan: Plan
  readonly #change: PortsChange
  readonly #hosts = new Map<HostName, Host>()
  #calmMs: number
  /** When the last leader died that nobody has followed yet. */
  #leaderlessMs: number | undefined

  constructor(plan: Plan, change: PortsChange, trace: string[] | undefined) {
    this.#plan = plan
    this.#change = change
    this.#calmMs = endOf(plan.faults)
    this.world = new World(plan.seed, trace)
    this.redis = new RedisModel(this.world, plan.fsync)
    this.people = new People(this.world, () => this.#apis())
    const counts: readonly [Role, number][] = [
      ['scheduler', plan.schedulers],
      ['executor', plan.executors],
      ['api', plan.apis],
    ]
    for (const [role, count] of counts) for (let i = 1; i <= count; i++) this.#addHost(`${role}-${i}`)
    this.people.comeWith(plan)
    for (const fault of plan.faults) this.world.at(fault.atMs, () => this.#inflict(fault))
  }

  /** When the last fault is over that has begun or is sure to begin. */
  get calmMs(): number {
    return this.#calmMs
  }

  /** Whether everything that was asked for has been accepted and is over, and nothing of it is left anywhere. */
  get isFinished(): boolean {
    const { store, watcher } = this.redis
    return (
      this.people.underWay === 0 &&
      watcher.ledger.live.size === 0 &&
      store.runs.size === 0 &&
      this.redis.queueNames.every((name) => {
        const { waiting, activeCount } = this.redis.queue(name)
        // A message of runs whose fetch was lost may be locked for as long as a clock was off; its runs are sent anew.
        return waiting.length === 0 && (name !== 'commands' || activeCount === 0)
      })
    )
  }

  /** What there is left to do, for whoever wonders why it is not finished. */
  get leftovers(): string {
    const { store, watcher } = this.redis
    const queues = this.redis.queueNames.map((name) => {
      const { waiting, activeCount } = this.redis.queue(name)
      return `${name} ${waiting.length}+${activeCount}`
    })
    return [
      `requests ${this.people.underWay}`,
      `live jobs ${[...watcher.ledger.live].join(',') || 'none'}`,
      `recorded runs ${[...store.runs.keys()].join(',') || 'none'}`,
      `queues ${queues.join(', ') || 'none'}`,
    ].join('; ')
  }

  /** The term of whoever leads, if somebody does. */
  get term(): Term | undefined {
    const terms = [...this.#hosts.values()].flatMap(({ term, life }) => (term && !life.isDead ? [term] : []))
    return terms.find(({ epoch }) => epoch === this.redis.store.epoch)
  }

  /** Nothing happens any more at operations that nobody has come to so far. */
  disarm(): void {
    this.redis.trap = undefined
    for (const { life } of this.#hosts.values()) life.trap = undefined
  }

  /** Asks every process to stop, for good. */
  stopAll(): void {
    for (const host of this.#hosts.values()) {
      host.isRetired = true
      host.stopping.abort()
      if (host.role === 'api') host.life.kill()
    }
  }

  /** Processes that have not ended. */
  get living(): readonly string[] {
    return [...this.#hosts.values()].flatMap(({ life }) => (life.isDead ? [] : [life.name]))
  }

  // ---- processes

  #apis(): Api[] {
    return [...this.#hosts.values()].flatMap(({ role, life, ports }) =>
      role === 'api' && !life.isDead && !life.isStopped ? [{ life, ports }] : [],
    )
  }

  #addHost(name: HostName): void {
    const link = soundLink(name)
    this.redis.links.add(link)
    const first = this.#newLife(name, 1)
    const host: Host = {
      name,
      role: roleOf(name),
      link,
      life: first,
      lives: 1,
      stopping: new AbortController(),
      backoffMs: BACKOFF_MS,
      ports: this.#portsOf(first, link),
      term: undefined,
      isRetired: false,
    }
    this.#hosts.set(name, host)
    this.#work(host)
  }

  #newLife(name: HostName, number: number): Life {
    return new Life(this.world, `${name}.${number}`)
  }

  #portsOf(life: Life, link: Link): Ports {
    const ports = simulatedPorts(life, link, this.redis, this.#plan.resets)
    return { ...ports, ...this.#change(ports, this.redis, life) }
  }

  /** Starts the next process on a machine, unless one is there. */
  #start(host: Host): void {
    if (!host.life.isDead || host.isRetired) return
    host.lives++
    host.life = this.#newLife(host.name, host.lives)
    host.stopping = new AbortController()
    host.backoffMs = BACKOFF_MS
    host.ports = this.#portsOf(host.life, host.link)
    host.term = undefined
    this.world.tell(`${host.life.name} starts`)
    this.#work(host)
  }

  #work(host: Host): void {
    const { life } = host
    life.ended = () => {
      if (host.term?.epoch === this.redis.store.epoch) this.#leaderlessMs ??= this.world.nowMs
      this.world.after(host.backoffMs, () => this.#start(host))
    }
    this.#serve(host).then(
      () => life.kill(),
      (error: unknown) => {
        this.violations.push({ invariant: 'alive', what: `${life.name} gave up: ${String(error)}` })
        life.kill()
      },
    )
  }

  #serve(host: Host): Promise<void> {
    const { life, ports, stopping, role } = host
    const { monotonicMs } = life
    const own = { owner: life.name, monotonicMs, timers: life, logger: this.#logger(life) }
    const { config, speed, archive } = this.#plan
    let appends = 0
    switch (role) {
      case 'scheduler':
        return lead(
          ports,
          {
            ...own,
            genesis: config,
            genesisMs: 0,
            speed,
            leaseTtlMs: LEASE_TTL_MS,
            concurrency: MESSAGES_AT_ONCE,
            nonce: () => `${life.name}-${++appends}`,
            savepointEntries: archive.savepointEntries,
            archive: this.#archiveOf(host),
            onTerm: (term) => {
              host.term = term
              if (this.#leaderlessMs === undefined) return
              this.failoversMs.push(this.world.nowMs - this.#leaderlessMs)
              this.#leaderlessMs = undefined
            },
          },
          stopping.signal,
        )
      case 'executor':
        return execute(
          ports,
          { ...own, kinds: ['gpu', 'npu'], concurrency: MESSAGES_AT_ONCE, silentMsMax: SILENT_MS_MAX },
          stopping.signal,
        )
      case 'api':
        return new Promise(() => {})
    }
  }

  #archiveOf({ life, link, ports }: Host): Archive {
    const connection = new Connection(life, link, this.redis, 'archive', this.#plan.resets)
    const own = simulatedLedger(life, this.redis, connection)
    const { ledger = own } = this.#change({ ...ports, ledger: own }, this.redis, life)
    const segments = simulatedSegments(life, memorySegments(this.redis.store))
    return new Archive({ ...this.#plan.archive, ledger, segments })
  }

  #logger({ name }: Life): Logger {
    const say = (fields: object, message: string): void => {
      if (this.world.trace === undefined) return
      const { err } = fields as { readonly err?: unknown }
      this.world.tell(`${name} says: ${message}${err === undefined ? '' : ` (${String(err)})`}`)
    }
    return { info: say, warn: say, error: say }
  }

  // ---- faults

  #inflict(fault: Fault): void {
    const { redis, world } = this
    if (world.trace !== undefined) world.tell(`fault ${JSON.stringify(fault)}`)
    const later = (act: () => void): void => {
      this.#calmMs = Math.max(this.#calmMs, world.nowMs + fault.forMs)
      world.after(fault.forMs, act)
    }
    switch (fault.kind) {
      case 'crash': {
        const host = this.#host(fault.host)
        host.backoffMs = fault.forMs
        host.life.kill()
        break
      }
      case 'crash-at': {
        const host = this.#host(fault.host)
        const { life } = host
        life.trap = new Trap(fault.operation, fault.moment, fault.skip, () => {
          host.backoffMs = fault.forMs
          life.kill()
        })
        break
      }
      case 'stop-at': {
        const { life } = this.#host(fault.host)
        life.trap = new Trap(fault.operation, fault.moment, fault.skip, () => {
          life.stop()
          later(() => life.goOn())
        })
        break
      }
      case 'redis-kill-at':
      case 'power-cut-at':
        redis.trap = new Trap(fault.operation, fault.moment, fault.skip, () => {
          redis.crash(fault.kind === 'redis-kill-at' ? 'kill' : 'power')
          later(() => redis.restart())
        })
        break
      case 'restart': {
        const host = this.#host(fault.host)
        host.backoffMs = fault.forMs
        host.stopping.abort()
        if (host.role === 'api') host.life.kill()
        break
      }
      case 'stop': {
        const { life } = this.#host(fault.host)
        life.stop()
        later(() => life.goOn())
        break
      }
      case 'partition': {
        const { link } = this.#host(fault.host)
        this.#cut(link, fault.way)
        later(() => this.#heal(link))
        break
      }
      case 'slow': {
        const { link } = this.#host(fault.host)
        link.slowness = fault.times
        later(() => {
          link.slowness = 1
        })
        break
      }
      case 'redis-kill':
      case 'power-cut':
        redis.crash(fault.kind === 'redis-kill' ? 'kill' : 'power')
        later(() => redis.restart())
        break
      case 'redis-stop':
        redis.freeze()
        later(() => redis.thaw())
        break
      case 'redis-full':
        redis.full = fault.full
        later(() => {
          redis.full = 'nothing'
        })
        break
      case 'clock':
        redis.clockOffMs = fault.offMs
        later(() => {
          redis.clockOffMs = 0
        })
        break
      case 'lease-lost':
        redis.loseLease()
        break
      case 'lease-taken':
        redis.takeLease('nobody', fault.forMs)
        break
      case 'duplicate':
      case 'shuffle': {
        const random = world.stream(`${fault.kind} at ${fault.atMs}`)
        const choose = (count: number): number => random.int(0, count - 1)
        for (const name of redis.queueNames) redis.queue(name)[fault.kind](choose)
        break
      }
      default: {
        const never: never = fault
        throw new RangeError(`unknown fault ${JSON.stringify(never)}`)
      }
    }
  }

  #host(name: HostName): Host {
    return this.#hosts.get(name)!
  }

  #cut(link: Link, way: 'both' | 'to-store' | 'from-store'): void {
    link.isCutToStore ||= way !== 'from-store'
    link.isCutFromStore ||= way !== 'to-store'
    const cut = ++link.cuts
    this.world.after(SOCKET_SILENT_MS_MAX, () => {
      if (link.cuts !== cut || !(link.isCutToStore || link.isCutFromStore)) return
      link.usableFromMs = Number.POSITIVE_INFINITY
      this.redis.resetAll(link)
    })
  }

  #heal(link: Link): void {
    link.isCutToStore = false
    link.isCutFromStore = false
    if (link.usableFromMs === Number.POSITIVE_INFINITY && this.redis.isUp) this.redis.reconnect(link)
    this.redis.flushAll(link)
  }
}
