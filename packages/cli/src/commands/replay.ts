import type { Client } from '@dure/client'
import {
  formatDuration,
  jobLimits,
  type Language,
  type Me,
  type Overview,
  type Pool,
  type SubmitJobBody,
} from '@dure/contract'
import { facts, formatCount } from '@dure/report'
import type { Trace } from '@dure/sim'
import type { Command } from 'commander'
import { getPages, openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { Failure } from '../failure.ts'
import { interruption, pause } from '../interruption.ts'
import { type JobTally, openTally } from '../job-tally.ts'
import { openProgress } from '../progress.ts'
import { openScreen, type Screen } from '../screen.ts'
import { type DueJob, feed } from '../submission-feed.ts'
import { addFormatOptions, countOf, openTrace, sayRejected, type TraceFlags, traceFileText } from '../trace-file.ts'

interface Options extends ServerOptions, Pick<TraceFlags, 'format' | 'unit'> {
  readonly pool?: string
  readonly scale: number
  readonly limit?: number
}

interface Association {
  readonly account: string
  readonly user: string
}

/** Where the jobs of a log go in a center that has never heard of its users and processors. */
interface Mapping {
  readonly pool: Pool
  /** Accelerators for a processor. */
  readonly scale: number
  readonly associations: readonly Association[]
}

const rules: Readonly<Record<Language, string>> = {
  ko: `
규칙
  사용자   기록에 나온 순서로 센터의 (계정, 사용자)에 차례로 배정하고, 다 쓰면 처음부터 다시.
           관리자 키가 아니면 키의 사용자가 속한 계정에 차례로 배정합니다.
  크기     프로세서(또는 가속기) 1개 = 가속기 --scale 개. 한 노드에 들어가면 노드 하나, 아니면 온전한 노드 여럿.
           풀보다 큰 작업은 제출하지 않고 세기만 합니다.
  시간     제출 간격은 센터 시계로 기록과 같습니다. 실행 시간과 시간 제한도 기록과 같습니다.`,
  en: `
Rules
  users    in order of appearance, each becomes the next (account, user) of the center, from the top again after the last;
           with a key that is no administrator's, the accounts of the key's user take turns.
  sizes    a processor or accelerator of the log is --scale accelerators; on one node where they fit, else on whole nodes.
           Jobs larger than the pool are not submitted, but counted.
  times    jobs are submitted as far apart on the center's clock as in the log; run times and limits are the log's.`,
}

export function declare(command: Command, language: Language): void {
  command.argument('<TRACE>', traceFileText[language])
  addFormatOptions(command, language)
  command
    .option(
      '--pool <POOL>',
      { ko: '풀 (기본: 가장 큰 GPU 풀)', en: 'pool for all of it (default: the largest GPU pool)' }[language],
    )
    .option(
      '--scale <N>',
      { ko: '프로세서당 가속기 수', en: 'accelerators for a processor of the log' }[language],
      scaleOf,
      1,
    )
    .option('--limit <N>', { ko: '처음 N개 작업만', en: 'the first N jobs only' }[language], countOf('--limit'))
  addServerOptions(command, language)
  command.addHelpText('after', rules[language])
  command.action(async (file: string) => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const center = openCenter(options, language)
    const trace = await openTrace(file, options, screen)
    sayRejected(trace, screen)
    await replay(trace, options, center, screen)
  })
}

function scaleOf(text: string): number {
  const scale = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0
  if (scale > 0) return scale
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `--scale은 1, 0.5와 같이 0보다 큰 숫자여야 합니다. 받은 값은 "${text}"입니다`,
      en: `--scale must be a number above 0, such as 1 or 0.5; it is "${text}"`,
    },
  })
}

async function replay(trace: Trace, options: Options, center: Client, screen: Screen): Promise<void> {
  const [overview, mapping] = await Promise.all([center.getOverview(), mappingTo(center, options)])
  const { due, tooLarge } = dueJobs(trace, mapping, options.limit ?? trace.jobs.count)
  sayPlan(due, mapping, overview, screen)

  const interrupted = interruption()
  const finished = new AbortController()
  const tally = openTally()
  const refusals = new Map<string, number>()
  const progress = await openProgress(screen, due.length, screen.language === 'ko' ? '작업 종료' : 'jobs ended')
  const beganMs = performance.now()
  const showProgress = (): void => progress.update([...tally.ended.values()].reduce((sum, count) => sum + count, 0))
  // Listening begins before the first submit, so that no end can be missed.
  const signal = AbortSignal.any([interrupted, finished.signal])
  const following = follow(center, overview.revision, tally, signal, showProgress)
  let accepted = 0
  try {
    const feeding = feed(due, {
      center,
      speed: overview.speed,
      signal,
      accepted: (id) => {
        accepted++
        tally.accepted(id)
      },
      refused: ({ problem }) => void refusals.set(problem.code, (refusals.get(problem.code) ?? 0) + 1),
    })
    // Whichever fails first ends both; what the other then says is of no interest.
    for (const part of [feeding, following]) part.catch(() => {})
    await Promise.race([feeding, following.then(() => feeding)])
    tally.settle()
    await allEnded(center, tally, interrupted, following)
  } finally {
    finished.abort()
    progress.stop()
  }
  await following

  const summary = {
    jobs: due.length,
    rejected_lines: trace.rejected,
    larger_than_pool: tooLarge,
    submitted: accepted,
    refused: Object.fromEntries(refusals),
    ended: Object.fromEntries(tally.ended),
    not_ended: tally.open.size,
    wall_s: Math.round(performance.now() - beganMs) / 1000,
    pool: mapping.pool.name,
    speed: overview.speed,
  }
  if (screen.json) screen.document(summary)
  else screen.data(inWords(summary))
  if (interrupted.aborted)
    throw new Failure('ERR_INTERRUPTED', {
      detail: {
        ko: `제출한 작업 가운데 ${summary.not_ended}개가 끝나지 않았습니다`,
        en: `${summary.not_ended} of the submitted jobs have not ended`,
      },
    })
}

/** What the center has for the log: a pool, and people to be. */
async function mappingTo(center: Client, { pool: wanted, scale }: Options): Promise<Mapping> {
  const [{ items: pools }, me] = await Promise.all([center.listPools(), center.getMe()])
  const largest = pools
    .filter(({ kind }) => kind === 'gpu' || kind === 'cpu')
    .sort((a, b) => b.accelerators - a.accelerators)[0]
  const pool = wanted === undefined ? (largest ?? pools[0]) : pools.find(({ name }) => name === wanted)
  if (pool === undefined) {
    const names = pools.map(({ name }) => name).join(', ')
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `풀 ${wanted}이(가) 없습니다. 있는 풀: ${names}`,
        en: `there is no pool ${wanted}; there are ${names}`,
      },
    })
  }
  return { pool, scale, associations: await associationsFor(center, me) }
}

/** Only an administrator may submit for others. */
async function associationsFor(center: Client, me: Me): Promise<Association[]> {
  const own = me.accounts.map((account) => ({ account, user: me.user }))
  if (me.role !== 'administrator') {
    if (own.length > 0) return own
    throw new Failure('ERR_UNKNOWN_ACCOUNT', {
      detail: {
        ko: `사용자 ${me.user}이(가) 속한 계정이 이 센터에 없습니다`,
        en: `user ${me.user} belongs to no account of this center`,
      },
    })
  }
  const { items } = await getPages((page) => center.listAccounts(page))
  return items.flatMap(({ account, user }) => (user === null ? [] : [{ account, user }]))
}

function dueJobs({ format, jobs }: Trace, mapping: Mapping, limit: number): { due: DueJob[]; tooLarge: number } {
  const { associations } = mapping
  const turnOf = new Map<string, number>()
  const due: DueJob[] = []
  let tooLarge = 0
  for (let i = 0; i < Math.min(limit, jobs.count); i++) {
    const person = `${jobs.group[i]} ${jobs.user[i]}`
    const turn = turnOf.get(person) ?? turnOf.size
    turnOf.set(person, turn)
    const size = sizeOn(mapping, jobs.processors[i]!)
    if (size === null) {
      tooLarge++
      continue
    }
    const body: SubmitJobBody = {
      name: `${format}-${jobs.job[i]}`,
      ...associations[turn % associations.length]!,
      pools: [mapping.pool.name],
      ...size,
      time_limit_ms: within(1000 * jobs.estimateS[i]!),
      run_time_ms: within(1000 * jobs.runS[i]!),
    }
    due.push({ afterMs: 1000 * (jobs.submitS[i]! - jobs.submitS[0]!), body })
  }
  return { due, tooLarge }
}

/** Logs hold a run of years now and then, most often by mistake. */
const within = (ms: number): number => Math.min(jobLimits.timeLimitMsMax, Math.max(jobLimits.timeLimitMsMin, ms))

function sizeOn(
  { pool, scale }: Mapping,
  processors: number,
): Pick<SubmitJobBody, 'nodes' | 'accelerators_per_node'> | null {
  const accelerators = Math.ceil(processors * scale)
  const perNode = pool.kind === 'cpu' ? 1 : pool.accelerators_per_node
  const nodes = Math.ceil(accelerators / perNode)
  if (nodes > (pool.kind === 'cpu' ? pool.accelerators : pool.nodes)) return null
  return { nodes, accelerators_per_node: nodes === 1 ? accelerators : perNode }
}

function sayPlan(
  due: readonly DueJob[],
  { pool, associations }: Mapping,
  { center, policy, speed }: Overview,
  screen: Screen,
): void {
  const spanMs = due.at(-1)?.afterMs ?? 0
  const hereMs = 1000 * Math.ceil(spanMs / speed / 1000)
  const [jobs, people] = [formatCount(due.length), formatCount(associations.length)]
  screen.say(
    {
      ko: `작업 ${jobs}개를 ${center}(정책 ${policy})의 풀 ${pool.name}에, 사용자 ${people}명의 이름으로 제출합니다.\n센터 속도 ${speed}배: 기록의 ${formatDuration(spanMs)}이(가) 여기서는 ${formatDuration(hereMs)}입니다.`,
      en: `${jobs} jobs go to pool ${pool.name} of ${center} (policy ${policy}) in the names of ${people} users.\nThe center runs ${speed} seconds a second: ${formatDuration(spanMs)} of the log take ${formatDuration(hereMs)} here.`,
    }[screen.language],
  )
}

/** Takes every change of a job into the tally, until the signal. */
async function follow(
  center: Client,
  revision: number,
  tally: JobTally,
  signal: AbortSignal,
  changed: () => void,
): Promise<void> {
  for await (const { event, data } of center.followEvents({ after: revision, only: 'commit', signal })) {
    if (event === 'commit') {
      for (const change of data.changes) if (change.type === 'job') tally.changed(change.job, change.state)
      changed()
    } else if (event === 'reset') await askAbout(center, tally, signal)
  }
}

/** Between two looks at jobs that say nothing; events are what ends the waiting, this is for those that got lost. */
const LOOK_MS = 15_000
const TICK_MS = 100

async function allEnded(center: Client, tally: JobTally, signal: AbortSignal, following: Promise<void>): Promise<void> {
  let brokenOff: unknown
  following.catch((error: unknown) => {
    brokenOff = error
  })
  let openBefore = tally.open.size
  let quietMs = 0
  while (tally.open.size > 0 && !signal.aborted) {
    if (brokenOff !== undefined) throw brokenOff
    await pause(TICK_MS, signal)
    quietMs = tally.open.size === openBefore ? quietMs + TICK_MS : 0
    openBefore = tally.open.size
    if (quietMs < LOOK_MS) continue
    quietMs = 0
    await askAbout(center, tally, signal)
  }
}

/** Asks for the state of every open job, one after the other. */
async function askAbout(center: Client, tally: JobTally, signal: AbortSignal): Promise<void> {
  for (const id of [...tally.open]) {
    if (signal.aborted) return
    tally.changed(id, (await center.getJob(id)).state)
  }
}

interface ReplaySummary {
  readonly jobs: number
  readonly rejected_lines: number
  readonly larger_than_pool: number
  readonly submitted: number
  readonly refused: Readonly<Record<string, number>>
  readonly ended: Readonly<Record<string, number>>
  readonly not_ended: number
  readonly wall_s: number
}

const inWords = (summary: ReplaySummary): string =>
  facts([
    ['jobs to submit', formatCount(summary.jobs)],
    ['rejected lines', formatCount(summary.rejected_lines)],
    ['larger than pool', formatCount(summary.larger_than_pool)],
    ['submitted', formatCount(summary.submitted)],
    ...Object.entries(summary.refused).map(([code, count]) => [`refused ${code}`, formatCount(count)] as const),
    ...Object.entries(summary.ended).map(([state, count]) => [state, formatCount(count)] as const),
    ['not ended', formatCount(summary.not_ended)],
    ['took', formatDuration(1000 * Math.round(summary.wall_s))],
  ])
