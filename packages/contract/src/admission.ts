// From a submit as people send it to the core's command: who is charged, which pools, and what part of a node by default.
// Refuses what can be seen to be wrong beforehand with the sentence that says so; the core refuses the same and more.

import { type CenterConfig, type PoolConfig, type SubmitCommand, WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import type { ErrorCode } from './errors.ts'
import type { SubmitJob } from './http/job.ts'
import { writeLabel } from './job-label.ts'
import type { Bilingual } from './language.ts'
import { nearestName } from './nearest-name.ts'

export type Admission =
  | { readonly kind: 'admitted'; readonly command: Omit<SubmitCommand, 'job' | 'type'> }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly pointer: string; readonly detail: Bilingual }

type Refused = Extract<Admission, { kind: 'refused' }>

const refused = (code: ErrorCode, pointer: string, ko: string, en: string): Refused => ({
  kind: 'refused',
  code,
  pointer,
  detail: { ko, en },
})

/** The part of `whole` that `taken` of `of` accelerators stand for. */
const part = (whole: number, taken: number, of: number): number => (of === 0 ? 0 : Math.floor((whole * taken) / of))

/** A pool as a request meets it: `nodes` nodes of so much each; a counted pool has no CPUs or memory to count. */
interface Room {
  readonly name: string
  readonly kind: PoolConfig['kind']
  readonly model: string | null
  readonly nodes: number
  readonly accelerators: number
  readonly cpuMilli: number
  readonly memoryMib: number
}

const roomOf = (pool: PoolConfig): Room =>
  pool.kind === 'cpu'
    ? {
        name: pool.name,
        kind: pool.kind,
        model: null,
        nodes: pool.processors,
        accelerators: pool.processors,
        cpuMilli: 0,
        memoryMib: 0,
      }
    : { name: pool.name, kind: pool.kind, model: pool.model, nodes: pool.nodes, ...pool.perNode }

/** Prepares the checks for one center; the returned function costs the same however large the center is, but for its pools. */
export function admissionOf(config: CenterConfig): (job: SubmitJob, user: string) => Admission {
  const rooms = config.pools.map(roomOf)
  const accountsOf = new Map<string, string[]>()
  for (const { user, account } of config.associations) {
    const accounts = accountsOf.get(user)
    if (accounts) accounts.push(account)
    else accountsOf.set(user, [account])
  }

  return (job, user) => {
    const account = chargedAccount(job.account, user, accountsOf.get(user) ?? [])
    if (typeof account !== 'string') return account
    const candidates = candidateRooms(job, rooms)
    if (!Array.isArray(candidates)) return candidates
    const speedOf = speedsIn(job)
    if (typeof speedOf === 'object') return speedOf
    const able = candidates.filter((room) => holds(room, job))
    const [first] = able
    if (first === undefined) return impossible(job, candidates)
    const counted = able.some((room) => room.kind === 'cpu')
    const takes = job.accelerators_per_node
    // The smallest of the parts fits every pool the job may run in.
    const cpuMilli = Math.min(...able.map((room) => part(room.cpuMilli, takes, room.accelerators)))
    const memoryMib = Math.min(...able.map((room) => part(room.memoryMib, takes, room.accelerators)))
    return {
      kind: 'admitted',
      command: {
        account,
        user,
        request: {
          pools: able.map((room) => room.name),
          ...(speedOf && { speedsMille: able.map((room) => speedOf(room.name)) }),
          nodes: job.nodes,
          acceleratorsMilli: takes * WHOLE_ACCELERATOR_MILLI,
          cpuMilli: counted ? 0 : job.cpus_per_node === undefined ? cpuMilli : job.cpus_per_node * 1000,
          memoryMib: counted ? 0 : (job.memory_mib_per_node ?? memoryMib),
        },
        timeLimitMs: job.time_limit_ms,
        held: job.hold ? 'user' : null,
        label: writeLabel({
          name: job.name,
          run_time_ms: job.run_time_ms ?? Math.floor(job.time_limit_ms / 2),
          exit_code: job.exit_code,
          ...(job.comment !== undefined && { comment: job.comment }),
        }),
      },
    }
  }
}

function chargedAccount(named: string | undefined, user: string, accounts: readonly string[]): string | Refused {
  const [only] = accounts
  if (only === undefined) {
    return refused(
      'ERR_UNKNOWN_ACCOUNT',
      '/user',
      `사용자 ${user}에게 등록된 계정이 없습니다.`,
      `User ${user} belongs to no account of this center.`,
    )
  }
  const list = accounts.slice(0, 8).join(', ')
  if (named === undefined) {
    if (accounts.length === 1) return only
    return refused(
      'ERR_ACCOUNT_REQUIRED',
      '/account',
      `사용자 ${user}의 계정이 여럿입니다: ${list}.`,
      `User ${user} belongs to several accounts: ${list}.`,
    )
  }
  if (accounts.includes(named)) return named
  return refused(
    'ERR_UNKNOWN_ACCOUNT',
    '/account',
    `사용자 ${user}의 계정에 ${named} 계정이 없습니다. 쓸 수 있는 계정: ${list}.`,
    `User ${user} does not belong to account ${named}; accounts to charge: ${list}.`,
  )
}

function candidateRooms(job: SubmitJob, rooms: readonly Room[]): Room[] | Refused {
  const { accelerator, model, pools } = job
  const names = rooms.map((room) => room.name)
  if (pools !== undefined) {
    const chosen: Room[] = []
    for (const [index, name] of pools.entries()) {
      const room = rooms.find((one) => one.name === name)
      const pointer = `/pools/${index}`
      if (room === undefined) {
        const meant = nearestName(name, names)
        return refused(
          'ERR_UNKNOWN_POOL',
          pointer,
          meant === null
            ? `${name} 풀이 없습니다. 있는 풀: ${names.join(', ')}.`
            : `${name} 풀이 없습니다. ${meant} 풀은 있습니다.`,
          meant === null
            ? `There is no pool ${name}; there are ${names.join(', ')}.`
            : `There is no pool ${name}. Did you mean ${meant}?`,
        )
      }
      const kindDiffers = accelerator !== undefined && room.kind !== accelerator
      const modelDiffers = model !== undefined && room.model?.toLowerCase() !== model.toLowerCase()
      if (kindDiffers || modelDiffers) {
        const wanted = kindDiffers ? accelerator : model
        const has = kindDiffers ? room.kind : (room.model ?? 'cpu')
        return refused(
          'ERR_IMPOSSIBLE_REQUEST',
          pointer,
          `${name} 풀의 가속기는 ${has}인데 작업은 ${wanted} 가속기를 요청합니다.`,
          `Pool ${name} has ${has}, but the job asks for ${wanted}.`,
        )
      }
      if (!chosen.includes(room)) chosen.push(room)
    }
    return chosen
  }
  if (model !== undefined) {
    const chosen = rooms.filter(
      (room) =>
        room.model?.toLowerCase() === model.toLowerCase() && (accelerator === undefined || room.kind === accelerator),
    )
    if (chosen.length > 0) return chosen
    const models = [...new Set(rooms.flatMap((room) => (room.model === null ? [] : [room.model])))].join(', ')
    return refused(
      'ERR_UNKNOWN_POOL',
      '/model',
      `${model} 가속기를 가진 풀이 없습니다. 있는 모델: ${models}.`,
      `No pool has ${model} accelerators; there are ${models}.`,
    )
  }
  const gpus = rooms.filter((room) => room.kind === (accelerator ?? 'gpu'))
  if (gpus.length > 0) return gpus
  if (accelerator === undefined) return [...rooms]
  return refused(
    'ERR_UNKNOWN_POOL',
    '/accelerator',
    `이 센터에는 ${accelerator} 풀이 없습니다.`,
    `This center has no ${accelerator} pool.`,
  )
}

/** The speed that a job says it has in a pool, in thousandths; undefined where it says nothing of speeds. */
function speedsIn({ pools, speeds }: SubmitJob): ((pool: string) => number) | Refused | undefined {
  if (speeds === undefined) return undefined
  if (pools === undefined) {
    return refused(
      'ERR_IMPOSSIBLE_REQUEST',
      '/speeds',
      '속도는 `pools`에 적은 풀마다 하나씩 적습니다. `pools`를 함께 적으십시오.',
      'Speeds stand beside `pools`, one for each: name the pools as well.',
    )
  }
  if (pools.length !== speeds.length) {
    return refused(
      'ERR_IMPOSSIBLE_REQUEST',
      '/speeds',
      `풀은 ${pools.length}개인데 속도는 ${speeds.length}개입니다. 풀마다 하나씩 적으십시오.`,
      `There are ${pools.length} pools and ${speeds.length} speeds; give one for each pool.`,
    )
  }
  return (pool) => Math.round(speeds[pools.indexOf(pool)]! * 1000)
}

function holds(room: Room, job: SubmitJob): boolean {
  if (room.kind === 'cpu') return job.nodes * job.accelerators_per_node <= room.nodes
  return (
    job.nodes <= room.nodes &&
    job.accelerators_per_node <= room.accelerators &&
    (job.cpus_per_node ?? 0) * 1000 <= room.cpuMilli &&
    (job.memory_mib_per_node ?? 0) <= room.memoryMib
  )
}

/** Says which size is beyond every candidate; where each alone would fit somewhere, that no pool has them together. */
function impossible(job: SubmitJob, rooms: readonly Room[]): Refused {
  const most = (measure: (room: Room) => number): number => Math.max(...rooms.map(measure))
  const names = rooms.map((room) => room.name).join(', ')
  const sizes = [
    ['/nodes', '노드', '개', 'nodes', job.nodes, most((room) => room.nodes)],
    [
      '/accelerators_per_node',
      '노드당 가속기',
      '개',
      'accelerators per node',
      job.accelerators_per_node,
      most((room) => room.accelerators),
    ],
    [
      '/cpus_per_node',
      '노드당 CPU',
      '개',
      'CPUs per node',
      job.cpus_per_node ?? 0,
      most((room) => Math.floor(room.cpuMilli / 1000)),
    ],
    [
      '/memory_mib_per_node',
      '노드당 메모리',
      ' MiB',
      'MiB of memory per node',
      job.memory_mib_per_node ?? 0,
      most((room) => room.memoryMib),
    ],
  ] as const
  for (const [pointer, ko, unit, en, asked, available] of sizes) {
    if (asked <= available) continue
    return refused(
      'ERR_IMPOSSIBLE_REQUEST',
      pointer,
      `${ko} ${asked}${unit}를 요청했지만 허용한 풀(${names})의 최대는 ${available}${unit}입니다.`,
      `It asks for ${asked} ${en}, but the most in ${names} is ${available}.`,
    )
  }
  return refused(
    'ERR_IMPOSSIBLE_REQUEST',
    '',
    `허용한 풀(${names}) 가운데 이 요청을 모두 담을 수 있는 풀이 없습니다.`,
    `Each size fits some pool of ${names}, but no one of them fits all.`,
  )
}
