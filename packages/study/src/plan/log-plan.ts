// Groups whose demand is a job log: whose users its users become, how fast its jobs come in the scenario's year, where they run. Logs
// themselves are read elsewhere and handed in by the hash of what is in them.

import {
  type Bilingual,
  type CheckedScenario,
  koreanYear,
  pointerOf,
  type ScenarioFile,
  withParticle,
} from '@dure/contract'
import type { CenterConfig } from '@dure/core'
import {
  accelerators,
  associationsOf,
  capacityFor,
  type DemandSource,
  jobKinds,
  type KindSpeed,
  logAccelerators,
  logDemand,
  logLengthS,
  queuesOf,
  type Trace,
} from '@dure/sim'
import { driven, type Work } from './demand-plan.ts'

type Group = CheckedScenario['demand']['groups'][number]

/** Logs that have been read, by the SHA-256 of their files. */
export type Traces = ReadonlyMap<string, Trace>

/** Why a log cannot be demand of a scenario. The message is English; `said` has both languages. */
export class LogFault extends Error {
  override readonly name = 'LogFault'
  /** Into the scenario: the field that may mend it. */
  readonly pointer: string
  readonly code: string
  readonly said: Bilingual

  constructor({ pointer, code, said }: Pick<LogFault, 'pointer' | 'code' | 'said'>) {
    super(said.en)
    this.pointer = pointer
    this.code = code
    this.said = said
  }
}

/** A log that a scenario asks for. */
export interface LogReference {
  /** Of the group, into the scenario. */
  readonly pointer: string
  readonly file: string
  readonly sha256: string
}

interface UsedLog {
  readonly group: Group
  readonly use: NonNullable<Group['trace']>
  readonly trace: Trace
  /** @throws {LogFault} */
  readonly fail: (path: readonly string[], code: string, said: Bilingual) => never
}

/** What people call a log: its file, without the folders of one machine. */
export const logName = (file: string): string => file.split(/[/\\]/).at(-1)!

const DAY_S = 86_400
const daysOf = (seconds: number): number => Math.round((100 * seconds) / DAY_S) / 100
const inDays = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`

/** The logs of a scenario that has been read. */
export const logsIn = (file: ScenarioFile): LogReference[] =>
  (file.demand.groups ?? []).flatMap(({ trace }, index) =>
    trace?.sha256 === undefined
      ? []
      : [{ pointer: pointerOf(['demand', 'groups', index, 'trace']), file: trace.file, sha256: trace.sha256 }],
  )

/** @throws {LogFault} where one has not been read */
export function usedLogs({ demand }: CheckedScenario, traces: Traces): UsedLog[] {
  return demand.groups.flatMap((group, index): UsedLog[] => {
    const { trace: use } = group
    if (use === undefined) return []
    const fail: UsedLog['fail'] = (path, code, said) => {
      throw new LogFault({ pointer: pointerOf(['demand', 'groups', index, 'trace', ...path]), code, said })
    }
    const name = logName(use.file)
    const trace = use.sha256 === undefined ? undefined : traces.get(use.sha256)
    return [
      {
        group,
        use,
        fail,
        trace:
          trace ??
          fail(['file'], 'log_not_read', {
            ko: `집단 ${group.name}의 작업 기록 ${name}을(를) 여기서는 읽지 않았습니다. 기록이 있는 컴퓨터에서 실행하세요.`,
            en: `The log ${name} of group ${group.name} has not been read here: run it on the machine that has the log.`,
          }),
      },
    ]
  })
}

const kindOf = ({ use }: UsedLog) => jobKinds.find(({ name }) => name === use.kind)!

/** How many times as fast as in the log its jobs come. */
export function rateOf(
  log: UsedLog,
  { demand, date }: CheckedScenario,
  standing: CenterConfig['pools'],
  speeds: readonly KindSpeed[],
): number {
  const { use, group, trace } = log
  const { load, load_factor = 1 } = use
  const logged = logAccelerators(trace, use.accelerators_per_processor)
  const then =
    load === undefined
      ? load_factor
      : (load * capacityFor({ pools: standing }, { kinds: [kindOf(log)] }, speeds)) / logged
  return demand.pressure * driven(group, then, demand, koreanYear(date))
}

/** What a log asks for, as work of its kind. */
export const workOf = (log: UsedLog, rate: number): Work => ({
  model: { kinds: [{ ...kindOf(log), percent: 100 }] },
  amount: rate * logAccelerators(log.trace, log.use.accelerators_per_processor),
})

/** The jobs of a log in the days of the scenario. @throws {LogFault} */
export function logSource(
  log: UsedLog,
  rate: number,
  { days }: CheckedScenario,
  config: CenterConfig,
  speeds: readonly KindSpeed[],
): DemandSource[] {
  const { group, use, trace, fail } = log
  // Drivers may have come to nothing.
  if (rate === 0) return []
  const name = logName(use.file)
  const own = speeds.filter(({ kind }) => kind === use.kind)
  const pools = config.pools.filter((pool) => own.some((speed) => speed.pool === pool.name))
  if (pools.length === 0) {
    fail(['kind'], 'runs_nowhere', {
      ko: `${use.kind} 작업을 돌릴 풀이 없어 기록 ${name}을(를) 쓸 수 없습니다. 다른 \`kind\`를 적거나 알맞은 풀을 두세요.`,
      en: `No pool runs ${use.kind} work, which the log ${name} is said to be. Write another \`kind\`, or have a pool for it.`,
    })
  }
  checkQueues(log, pools)
  const offsetS = use.offset / 1000
  const lengthS = logLengthS(trace)
  if (!use.repeat && offsetS + rate * days * DAY_S > lengthS) {
    const [has, left, needs] = [lengthS, Math.max(0, lengthS - offsetS), rate * days * DAY_S].map(daysOf) as [
      number,
      number,
      number,
    ]
    fail(['file'], 'log_too_short', {
      ko: `기록 ${name}은(는) ${has}일 분량이고 \`offset\` 뒤로 ${left}일이 남는데, ${days}일을 모사하려면 ${needs}일이 필요합니다. \`repeat: true\`를 적거나 \`days\`나 \`offset\`을 줄이세요.`,
      en: `The log ${name} has ${inDays(has)}, ${inDays(left)} of it after its \`offset\`, and ${days} simulated days take ${inDays(needs)} of it. Write \`repeat: true\`, or fewer \`days\`, or a smaller \`offset\`.`,
    })
  }
  const users = associationsOf(config, group)
  if (users.length === 0) {
    fail([], 'no_users', {
      ko: `집단 ${group.name}의 계정에 사용자가 없어 기록 ${name}의 작업을 낼 사람이 없습니다. 계정에 \`users\`를 적으세요.`,
      en: `The accounts of group ${group.name} have no users, so nobody can submit the jobs of ${name}. Give an account \`users\`.`,
    })
  }
  const { demand, rejected, rejections } = logDemand(trace, {
    config,
    users,
    speeds: own,
    offsetS,
    lastsS: days * DAY_S,
    rate,
    repeats: use.repeat,
    acceleratorsPerProcessor: use.accelerators_per_processor,
    pools: new Map(Object.entries(use.queues)),
  })
  if (rejected > 0 && use.too_large === 'refuse') {
    const largest = pools.reduce((most, pool) => Math.max(most, accelerators({ ...config, pools: [pool] })), 0)
    const lines = rejections.flatMap(({ firstLines }) => firstLines).join(', ')
    fail(['file'], 'too_large', {
      ko: `기록 ${name}의 작업 ${rejected}개가 어느 풀에도 들어가지 않습니다(줄 ${lines}). 가장 큰 풀의 가속기는 ${largest}개입니다. \`accelerators_per_processor\`를 줄이거나 \`too_large: leave-out\`을 적으세요.`,
      en: `${rejected === 1 ? 'A job' : `${rejected} jobs`} of the log ${name} fit${rejected === 1 ? 's' : ''} no pool (${rejected === 1 ? 'line' : 'lines'} ${lines}): the largest that runs ${use.kind} work has ${largest} accelerators. Make \`accelerators_per_processor\` smaller, or write \`too_large: leave-out\`.`,
    })
  }
  if (demand.count === 0) {
    fail(['file'], 'no_jobs', {
      ko: `모사하는 날에 기록 ${name}에서 낼 작업이 하나도 없습니다. \`offset\`을 바꾸세요.`,
      en: `The log ${name} has no job to run in the simulated days. Choose another \`offset\`.`,
    })
  }
  return [{ kind: 'given', demand, startMs: 0 }]
}

function checkQueues({ use, trace, fail }: UsedLog, pools: CenterConfig['pools']): void {
  const queues = queuesOf(trace)
  const list = (names: Iterable<string>): string => [...names].slice(0, 12).join(', ') || '–'
  for (const [queue, pool] of Object.entries(use.queues)) {
    if (!queues.has(queue)) {
      fail(['queues', queue], 'unknown_queue', {
        ko: `기록 ${logName(use.file)}에 ${withParticle(queue, '이')}라는 큐나 파티션이 없습니다. 있는 것: ${list(queues)}.`,
        en: `No job of the log ${logName(use.file)} is in a queue or partition ${queue}. There are ${list(queues)}.`,
      })
    }
    if (pools.every(({ name }) => name !== pool)) {
      const names = list(pools.map(({ name }) => name))
      fail(['queues', queue], 'runs_elsewhere', {
        ko: `풀 ${pool}에서는 ${use.kind} 작업이 돌지 않습니다. 도는 곳: ${names}.`,
        en: `Pool ${pool} runs no ${use.kind} work in these days. There are ${names}.`,
      })
    }
  }
}
