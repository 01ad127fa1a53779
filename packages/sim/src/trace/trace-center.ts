// A center for the jobs of a trace, and the demand they make on it. A log says who ran what; what it does not say is decided here:
// - Every group of the log is an account and every user in a group an association, one share each, in order of first appearance:
//   a log does not know who is owed what. Those that a given center has already keep the shares they have there.
// - Where pools are counted, only the size of a job is. On nodes a job keeps the number of nodes it had if each has that much,
//   goes on one node if it fits there, and on whole nodes otherwise.
// - CPUs and memory are asked for as the log tells, or in proportion to the accelerators of a node.
// - Pools named as a job's partition or queue, or of that model, are the ones it may run in. For jobs of other queues it is every
//   pool of GPUs or processors; NPUs and PIM run other programs, so it is they only in a center that has nothing else.

import {
  type AccountConfig,
  type AssociationConfig,
  type CenterConfig,
  isCounted,
  type JobRequest,
  type Policy,
  type PoolConfig,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'
import { type Demand, emptyDemand } from '../demand.ts'
import {
  alternatives,
  groupName,
  partitionName,
  queueName,
  type Rejection,
  RejectionTally,
  type Trace,
  type TraceJobs,
  type TraceNames,
  userName,
} from './trace.ts'
import { inOrder } from './trace-rows.ts'

export type TraceTarget =
  /** One pool of interchangeable processors, or accelerators where the trace counts those. */
  { readonly kind: 'counted'; readonly processors: number } | { readonly kind: 'center'; readonly config: CenterConfig }

export interface TraceCenter {
  readonly config: CenterConfig
  readonly demand: Demand
  /** The jobs of the demand, in its order. */
  readonly jobs: TraceJobs
  /** Jobs that the center could never run. */
  readonly rejections: readonly Rejection[]
  readonly rejected: number
  /** Partitions and queues without a pool of their own, though others have one. */
  readonly unmatched: readonly string[]
}

type Subject = Pick<Trace, 'jobs' | 'names'>

export function traceCenter(trace: Subject, target: TraceTarget, policy: Policy): TraceCenter {
  const shaping =
    target.kind === 'counted' ? countedShaping(target.processors, trace.jobs) : poolShaping(target.config, trace)
  const tally = new RejectionTally()
  const kept = new Int32Array(trace.jobs.count)
  const shapes = new Int32Array(trace.jobs.count)
  let count = 0
  for (let i = 0; i < trace.jobs.count; i++) {
    const shape = shaping.requestOf(i)
    if (shape < 0) tally.add(target.kind === 'counted' ? 'larger-than-machine' : 'fits-no-pool', trace.jobs.line[i]!)
    else {
      shapes[count] = shape
      kept[count++] = i
    }
  }
  const jobs = count === trace.jobs.count ? trace.jobs : inOrder(trace.jobs, kept.subarray(0, count))
  const owners = ownersOf(jobs, trace.names, target.kind === 'counted' ? null : target.config)
  const demand = emptyDemand(count, shaping.requests)
  demand.job.set(jobs.job)
  demand.request.set(shapes.subarray(0, count))
  demand.association.set(owners.association)
  for (let i = 0; i < count; i++) {
    demand.submitMs[i] = 1000 * jobs.submitS[i]!
    demand.runMs[i] = 1000 * jobs.runS[i]!
    demand.limitMs[i] = 1000 * jobs.estimateS[i]!
  }
  const { accounts, associations } = owners
  const config: CenterConfig =
    target.kind === 'counted'
      ? { name: 'log', pools: [countedPool(target.processors)], accounts, associations, policy }
      : { ...target.config, accounts, associations, policy }
  return { config, demand, jobs, rejections: tally.list(), rejected: tally.total, unmatched: shaping.unmatched() }
}

const nameless: TraceNames = { users: new Map(), groups: new Map(), queues: new Map(), partitions: new Map() }

/** The machine of a Standard Workload Format log: so many processors, with its jobs to run on it. */
export const swfCenter = (jobs: TraceJobs, processors: number, policy: Policy): TraceCenter =>
  traceCenter({ jobs, names: nameless }, { kind: 'counted', processors }, policy)

const countedPool = (processors: number): PoolConfig => ({ name: 'processors', kind: 'cpu', processors })

interface Owners {
  readonly accounts: readonly AccountConfig[]
  readonly associations: readonly AssociationConfig[]
  /** Per job. */
  readonly association: Int32Array
}

function ownersOf(jobs: TraceJobs, names: TraceNames, given: CenterConfig | null): Owners {
  const accounts = given === null ? [] : given.accounts.slice()
  const associations = given === null ? [] : given.associations.slice()
  const hasAccount = new Set(accounts.map(({ name }) => name))
  const placeOf = new Map(associations.map(({ account, user }, i) => [JSON.stringify([account, user]), i]))
  const known = new Map<string, number>()
  const association = new Int32Array(jobs.count)
  for (let i = 0; i < jobs.count; i++) {
    const group = jobs.group[i]!
    const user = jobs.user[i]!
    const key = `${group} ${user}`
    let place = known.get(key)
    if (place === undefined) {
      const owner = { account: groupName(names, group), user: userName(names, user) }
      const nameKey = JSON.stringify([owner.account, owner.user])
      place = placeOf.get(nameKey) ?? associations.push({ ...owner, shares: 1 }) - 1
      if (!hasAccount.has(owner.account)) accounts.push({ name: owner.account, parent: null, shares: 1 })
      hasAccount.add(owner.account)
      placeOf.set(nameKey, place)
      known.set(key, place)
    }
    association[i] = place
  }
  return { accounts, associations, association }
}

interface Shaping {
  readonly requests: readonly JobRequest[]
  /** Index into `requests`, -1 where no pool could ever run the job. */
  readonly requestOf: (index: number) => number
  readonly unmatched: () => readonly string[]
}

function countedShaping(processors: number, jobs: TraceJobs): Shaping {
  const { name } = countedPool(processors)
  const requests: JobRequest[] = []
  const known = new Map<number, number>()
  return {
    requests,
    unmatched: () => [],
    requestOf(index) {
      const size = jobs.processors[index]!
      if (size > processors) return -1
      let request = known.get(size)
      if (request === undefined) {
        const acceleratorsMilli = size * WHOLE_ACCELERATOR_MILLI
        request = requests.push({ pools: [name], nodes: 1, acceleratorsMilli, cpuMilli: 0, memoryMib: 0 }) - 1
        known.set(size, request)
      }
      return request
    },
  }
}

/** What a job asks for, before it is known on which nodes. */
interface Size {
  readonly accelerators: number
  /** -1: the log does not say. */
  readonly nodes: number
  /** In all; -1: the log does not say. */
  readonly cpuMilli: number
  readonly memoryMib: number
  /** Thousandths of one accelerator; -1: whole ones. */
  readonly sliceMilli: number
}

function poolShaping({ pools }: CenterConfig, { jobs, names }: Subject): Shaping {
  const ordinary = pools.filter(({ kind }) => kind === 'gpu' || kind === 'cpu')
  const poolsFor = poolsByName(pools, ordinary.length > 0 ? ordinary : pools)
  const requests: JobRequest[] = []
  const known = new Map<string, number>()
  const { shape } = jobs
  return {
    requests,
    unmatched: poolsFor.unmatched,
    requestOf(index) {
      const nodes = shape?.nodes[index] ?? -1
      const size: Size = {
        accelerators: jobs.processors[index]!,
        nodes,
        cpuMilli: inAll(shape?.cpuMilli[index] ?? -1, nodes),
        memoryMib: inAll(shape?.memoryMib[index] ?? -1, nodes),
        sliceMilli: shape?.sliceMilli[index] ?? -1,
      }
      const [partition, queue] = [jobs.partition[index]!, jobs.queue[index]!]
      const key = [partition, queue, ...Object.values<number>({ ...size })].join(' ')
      let request = known.get(key)
      if (request === undefined) {
        const labels = [partition < 0 ? '' : partitionName(names, partition), queue < 0 ? '' : queueName(names, queue)]
        const made = requestFor(size, poolsFor.of(labels))
        request = made === null ? -1 : requests.push(made) - 1
        known.set(key, request)
      }
      return request
    },
  }
}

const inAll = (perNode: number, nodes: number): number => (perNode < 0 ? -1 : perNode * Math.max(1, nodes))

function poolsByName(
  pools: readonly PoolConfig[],
  others: readonly PoolConfig[],
): { of: (labels: readonly string[]) => readonly PoolConfig[]; unmatched: () => readonly string[] } {
  const unmatched = new Set<string>()
  let isAnyMatched = false
  return {
    unmatched: () => (isAnyMatched ? [...unmatched] : []),
    of(labels) {
      for (const label of labels) {
        const wanted = alternatives(label).map((name) => name.toLowerCase())
        const found = pools.filter(
          (pool) =>
            wanted.includes(pool.name.toLowerCase()) || (!isCounted(pool) && wanted.includes(pool.model.toLowerCase())),
        )
        if (found.length === 0) continue
        isAnyMatched = true
        return found
      }
      for (const label of labels) if (label !== '') unmatched.add(label)
      return others
    },
  }
}

/** The shape that the first pool able to hold the job gives it, with all the pools that can hold that shape; null: none can. */
function requestFor(size: Size, pools: readonly PoolConfig[]): JobRequest | null {
  for (const pool of pools) {
    const spread = spreadOn(pool, size)
    if (spread === null) continue
    const { nodes, acceleratorsMilli } = spread
    const told = {
      cpuMilli: size.cpuMilli < 0 ? -1 : Math.ceil(size.cpuMilli / nodes),
      memoryMib: size.memoryMib < 0 ? -1 : Math.ceil(size.memoryMib / nodes),
    }
    if (!holds(pool, spread, told)) continue
    const able = pools.filter((other) => holds(other, spread, told))
    const onNodes = able.filter((other) => !isCounted(other))
    // What is counted has no CPUs or memory to ask for. Otherwise the smallest of the parts, which fits all of them.
    const part = (of: 'cpuMilli' | 'memoryMib'): number => {
      if (onNodes.length < able.length) return 0
      if (told[of] >= 0) return told[of]
      return onNodes.reduce((least, { perNode }) => {
        const whole = perNode.accelerators * WHOLE_ACCELERATOR_MILLI
        return Math.min(least, Math.floor((perNode[of] * acceleratorsMilli) / whole))
      }, Infinity)
    }
    return {
      pools: able.map(({ name }) => name),
      nodes,
      acceleratorsMilli,
      cpuMilli: part('cpuMilli'),
      memoryMib: part('memoryMib'),
    }
  }
  return null
}

interface Spread {
  readonly nodes: number
  readonly acceleratorsMilli: number
}

function spreadOn(pool: PoolConfig, { accelerators, nodes, sliceMilli }: Size): Spread | null {
  if (isCounted(pool)) {
    return accelerators <= pool.processors
      ? { nodes: 1, acceleratorsMilli: accelerators * WHOLE_ACCELERATOR_MILLI }
      : null
  }
  if (sliceMilli > 0) return { nodes: 1, acceleratorsMilli: sliceMilli }
  const most = pool.perNode.accelerators
  const had = Math.min(nodes, accelerators)
  const perNodeHad = had > 0 ? Math.ceil(accelerators / had) : Infinity
  const spread = (on: number, each: number): Spread | null =>
    on <= pool.nodes ? { nodes: on, acceleratorsMilli: each * WHOLE_ACCELERATOR_MILLI } : null
  if (perNodeHad <= most && had <= pool.nodes) return spread(had, perNodeHad)
  if (accelerators <= most) return spread(1, accelerators)
  return spread(Math.ceil(accelerators / most), most)
}

function holds(
  pool: PoolConfig,
  { nodes, acceleratorsMilli }: Spread,
  told: { readonly cpuMilli: number; readonly memoryMib: number },
): boolean {
  if (isCounted(pool)) return Math.ceil((nodes * acceleratorsMilli) / WHOLE_ACCELERATOR_MILLI) <= pool.processors
  const { perNode } = pool
  return (
    nodes <= pool.nodes &&
    acceleratorsMilli <= perNode.accelerators * WHOLE_ACCELERATOR_MILLI &&
    told.cpuMilli <= perNode.cpuMilli &&
    told.memoryMib <= perNode.memoryMib
  )
}
