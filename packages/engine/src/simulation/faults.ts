// What may go wrong: to processes, to the network, to the store and its clock, to messages. Each run meets a few kinds only, so
// that rare kinds are not always drowned by frequent ones.

import type { Stream } from '@dure/sim'
import type { Moment } from './life.ts'
import type { Mode } from './plan.ts'
import type { Full } from './redis-model.ts'

const roles = ['scheduler', 'executor', 'api'] as const
export type Role = (typeof roles)[number]

/** As the scheduler service has it. */
export const LEASE_TTL_MS = 5_000

/** A machine with one process on it: `scheduler-1`. */
export type HostName = `${Role}-${number}`

/** `forMs` later it is over. */
export type Fault = { readonly atMs: number; readonly forMs: number } /** SIGKILL; a new process comes after. */ & (
  | { readonly kind: 'crash'; readonly host: HostName }
  /** The same, or SIGSTOP, where a process comes to this operation. */
  | ({ readonly kind: 'crash-at' | 'stop-at'; readonly host: HostName } & Place)
  /** SIGTERM; a new process comes after. */
  | { readonly kind: 'restart'; readonly host: HostName }
  /** SIGSTOP, then SIGCONT. */
  | { readonly kind: 'stop'; readonly host: HostName }
  | { readonly kind: 'partition'; readonly host: HostName; readonly way: 'both' | 'to-store' | 'from-store' }
  | { readonly kind: 'slow'; readonly host: HostName; readonly times: number }
  | { readonly kind: 'redis-kill' | 'power-cut' | 'redis-stop' }
  /** The same where the store comes to this operation, whoever asked for it. */
  | ({ readonly kind: 'redis-kill-at' | 'power-cut-at' } & Place)
  | { readonly kind: 'redis-full'; readonly full: Exclude<Full, 'nothing'> }
  /** The store's clock is set to another time, and back. */
  | { readonly kind: 'clock'; readonly offMs: number }
  /** The lease's key is deleted; or it is taken by somebody who dies at once. */
  | { readonly kind: 'lease-lost' | 'lease-taken' }
  /** Messages that are held come a second time; those that wait change places. */
  | { readonly kind: 'duplicate' | 'shuffle' }
)

/** Where something happens: at the next operation of this name, after so many that pass. */
interface Place {
  readonly operation: string
  readonly moment: Moment
  readonly skip: number
}

export type FaultKind = Fault['kind']

export const faultKinds: readonly FaultKind[] = [
  ...(['crash', 'crash-at', 'restart', 'stop', 'stop-at', 'partition', 'slow'] as const),
  ...(['redis-kill', 'redis-kill-at', 'power-cut', 'power-cut-at', 'redis-stop', 'redis-full', 'clock'] as const),
  ...(['lease-lost', 'lease-taken', 'duplicate', 'shuffle'] as const),
]

/** Where a process may die, by what it does there. */
const operationsOf: Readonly<Record<Role, readonly string[]>> = {
  scheduler: [
    ...['lease.acquire', 'lease.renew', 'lease.release', 'ledger.read', 'ledger.append', 'runs.dispatch'],
    ...['registry.all', 'registry.remove', 'commands take over', 'commands fetch', 'commands complete'],
    ...['commands hand back', 'savepoints.store', 'clock.publish', 'segments.store', 'ledger.trim'],
  ],
  executor: [
    ...['registry.record', 'registry.due', 'registry.remove', 'registry.adopt', 'registry.heartbeat', 'commands add'],
    ...['runs-gpu fetch', 'runs-gpu complete', 'runs-npu complete'],
  ],
  api: ['intake.reserve', 'commands add', 'intake.settle'],
}

/** When the last fault may begin. */
const FAULTS_MS: Readonly<Record<Mode, number>> = { liveness: 15_000, safety: 25_000 }
const FAULTS_MAX: Readonly<Record<Mode, number>> = { liveness: 8, safety: 16 }

const HOUR_MS = 3_600_000

/** `kinds`: the only ones there are, all of them; some of all where absent. */
export function drawFaults(
  random: Stream,
  mode: Mode,
  hosts: Readonly<Record<Role, number>>,
  kinds?: readonly FaultKind[],
): Fault[] {
  const allowed = kinds ?? faultKinds.filter(() => random.chance(0.4))
  if (allowed.length === 0) return []
  const names = roles.flatMap((role) => Array.from({ length: hosts[role] }, (_, i): HostName => `${role}-${i + 1}`))
  // Leaders are what most depends on.
  const anyHost = (): HostName =>
    random.chance(0.5)
      ? (`scheduler-${random.int(1, hosts.scheduler)}` as const)
      : names[random.int(0, names.length - 1)]!
  const faults = Array.from({ length: random.int(1, FAULTS_MAX[mode]) }, (): Fault => {
    const atMs = Math.round(random.uniform() * FAULTS_MS[mode])
    const forMs = (meanMs: number): number => Math.round(Math.min(20_000, 50 + random.exponential(meanMs)))
    const kind = allowed[random.int(0, allowed.length - 1)]!
    switch (kind) {
      case 'crash':
      case 'restart':
        return { atMs, forMs: forMs(1_500), kind, host: anyHost() }
      case 'crash-at': {
        const host = anyHost()
        return { atMs, forMs: forMs(1_500), kind, host, ...placeOf(random, roleOf(host), moments) }
      }
      case 'stop-at': {
        const host = anyHost()
        return { atMs, forMs: forMs(5_000), kind, host, ...placeOf(random, roleOf(host), moments) }
      }
      case 'redis-kill-at':
      case 'power-cut-at':
        return {
          atMs,
          forMs: forMs(1_500),
          kind,
          ...placeOf(random, roles[random.int(0, roles.length - 1)]!, storeMoments),
        }
      case 'stop':
        return { atMs, forMs: forMs(5_000), kind, host: anyHost() }
      case 'partition':
        return {
          atMs,
          forMs: forMs(5_000),
          kind,
          host: anyHost(),
          way: (['both', 'to-store', 'from-store'] as const)[random.int(0, 2)]!,
        }
      case 'slow':
        return { atMs, forMs: forMs(4_000), kind, host: anyHost(), times: random.int(10, 1_000) }
      case 'redis-kill':
      case 'power-cut':
        return { atMs, forMs: forMs(1_500), kind }
      case 'redis-stop':
        return { atMs, forMs: forMs(2_500), kind }
      case 'redis-full':
        return { atMs, forMs: forMs(3_000), kind, full: random.chance(0.5) ? 'memory' : 'disk' }
      case 'clock':
        return { atMs, forMs: forMs(3_000), kind, offMs: clockOff(random) }
      case 'lease-lost':
        return { atMs, forMs: 0, kind }
      case 'lease-taken':
        return { atMs, forMs: LEASE_TTL_MS, kind }
      case 'duplicate':
      case 'shuffle':
        return { atMs, forMs: 0, kind }
      default: {
        const never: never = kind
        throw new RangeError(`unknown fault ${never}`)
      }
    }
  })
  return faults.sort((a, b) => a.atMs - b.atMs)
}

const moments: readonly Moment[] = ['before', 'during', 'after']
/** The store knows nothing of what becomes of its answers. */
const storeMoments: readonly Moment[] = ['before', 'during']

function placeOf(random: Stream, role: Role, among: readonly Moment[]): Place {
  const operations = operationsOf[role]
  return {
    operation: operations[random.int(0, operations.length - 1)]!,
    moment: among[random.int(0, among.length - 1)]!,
    skip: random.int(0, 3),
  }
}

const clockOff = (random: Stream): number =>
  [HOUR_MS, -HOUR_MS, 30_000, -30_000, random.int(-5_000, 5_000)][random.int(0, 4)]!

export const roleOf = (host: HostName): Role => host.slice(0, host.indexOf('-')) as Role

/** When the last fault is over. */
export const endOf = (faults: readonly Fault[]): number => Math.max(0, ...faults.map(({ atMs, forMs }) => atMs + forMs))
