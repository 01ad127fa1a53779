import type { Client } from '@dure/client'
import { type Job, JobState, type Language } from '@dure/contract'
import { type Column, formatCount, table } from '@dure/report'
import { type Command, Option } from 'commander'
import { getPages, openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { Failure } from '../failure.ts'
import { interruption, pause } from '../interruption.ts'
import { elapsed, inSeconds, placeOrReason, stateCode } from '../job-words.ts'
import { openScreen, type Screen } from '../screen.ts'
import { countOf } from '../trace-file.ts'

interface Options extends ServerOptions {
  readonly user?: string
  readonly account?: string
  readonly state?: string
  readonly pool?: string
  /** Slurm's name for a pool. */
  readonly partition?: string
  readonly limit: number
  readonly watch?: boolean
}

/** What a queue is unless somebody asks for more: jobs that have not ended. */
const LIVE = 'accepted,PENDING,RUNNING'
const LIMIT = 200
const WATCH_MS = 2000

interface Seen {
  readonly job: Job
  readonly nowMs: number
}

const columns: readonly Column<Seen>[] = [
  { title: 'JOBID', value: ({ job }) => job.id, align: 'right' },
  { title: 'NAME', value: ({ job }) => job.name, elastic: 2, widthMin: 12 },
  { title: 'USER', value: ({ job }) => job.user, elastic: 1, expendable: 2 },
  { title: 'ACCOUNT', value: ({ job }) => job.account, elastic: 1, expendable: 3 },
  { title: 'ST', value: ({ job }) => stateCode(job.state) },
  { title: 'TIME', value: timeOf, align: 'right' },
  { title: 'NODES', value: ({ job }) => job.nodes, align: 'right', expendable: 1 },
  { title: 'ACC', value: ({ job }) => job.accelerators, align: 'right' },
  { title: 'POOL', value: ({ job }) => job.pool ?? job.pools.join(','), elastic: 3, widthMin: 6 },
  { title: 'NODELIST(REASON)', value: ({ job }) => placeOrReason(job), elastic: 4, widthMin: 16 },
]

const slurmColumns: readonly Column<Seen>[] = [
  { title: 'JOBID', value: ({ job }) => job.id, align: 'right' },
  { title: 'PARTITION', value: ({ job }) => job.pool ?? job.pools.join(','), elastic: 3, widthMin: 9 },
  { title: 'NAME', value: ({ job }) => job.name, elastic: 2, widthMin: 12 },
  { title: 'USER', value: ({ job }) => job.user, elastic: 1, widthMin: 5 },
  { title: 'ST', value: ({ job }) => stateCode(job.state) },
  { title: 'TIME', value: ({ job, nowMs }) => elapsed(job, nowMs), align: 'right' },
  { title: 'NODES', value: ({ job }) => job.nodes, align: 'right' },
  { title: 'NODELIST(REASON)', value: ({ job }) => placeOrReason(job), elastic: 4, widthMin: 16 },
]

/** How long it has run, or waited so far. */
function timeOf({ job, nowMs }: Seen): string {
  return job.started_at_ms === null ? inSeconds(job.wait_ms ?? 0) : elapsed(job, nowMs)
}

export const declare = (command: Command, language: Language): void => declareWith(columns, command, language)
export const declareSqueue = (command: Command, language: Language): void =>
  declareWith(slurmColumns, command, language)

function declareWith(shown: readonly Column<Seen>[], command: Command, language: Language): void {
  command
    .option('-u, --user <USER>', { ko: '사용자', en: 'jobs of a user' }[language])
    .option('-A, --account <ACCOUNT>', { ko: '계정', en: 'jobs of an account' }[language])
    .option(
      '-t, --state <STATE,…>',
      { ko: '상태(예: PENDING,RUNNING 또는 all)', en: 'states, such as PENDING,RUNNING, or all' }[language],
    )
    .option('-p, --pool <POOL>', { ko: '풀', en: 'jobs that run or may run in a pool' }[language])
    .option(
      '--limit <N>',
      { ko: '최대 작업 수', en: 'no more jobs than this, the newest' }[language],
      countOf('--limit'),
      LIMIT,
    )
    .addOption(new Option('--partition <POOL>').hideHelp())
    .option('--watch', { ko: '2초마다 새로', en: 'again every two seconds, until Ctrl-C' }[language])
  addServerOptions(command, language)
  command.action(async () => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    if (options.watch && screen.json) {
      throw new Failure('ERR_USAGE', {
        detail: {
          ko: '--watch는 끝이 없어 JSON 문서가 되지 않습니다. 둘 중 하나를 빼십시오',
          en: '--watch has no end, so it makes no JSON document: leave out one of the two',
        },
      })
    }
    const center = openCenter(options, language)
    if (!options.watch) return show(options, center, shown, screen)
    const signal = interruption()
    while (!signal.aborted) {
      screen.clear()
      await show(options, center, shown, screen)
      await pause(WATCH_MS, signal)
    }
  })
}

async function show(options: Options, center: Client, shown: readonly Column<Seen>[], screen: Screen): Promise<void> {
  const query = {
    user: options.user,
    account: options.account,
    pool: options.pool ?? options.partition,
    state: statesOf(options.state),
  }
  const [jobs, { at_ms: nowMs }] = await Promise.all([
    getPages((page) => center.listJobs({ ...query, ...page }), options.limit),
    center.listPools(),
  ])
  if (screen.json) return screen.document(jobs)
  const rows = jobs.items.map((job) => ({ job, nowMs }))
  screen.data(table(shown, rows, screen))
  if (jobs.next_cursor !== null) {
    const count = formatCount(rows.length)
    screen.say(
      screen.language === 'ko' ? `가장 최근 ${count}개. 더 보려면 --limit` : `The newest ${count}; more with --limit.`,
    )
  }
}

/** Slurm's short names are understood too. */
function statesOf(text = LIVE): JobState[] | undefined {
  if (text.toLowerCase() === 'all') return undefined
  return text.split(',').map((word) => {
    const name = word.trim().toUpperCase()
    const state = JobState.options.find((one) => one.toUpperCase() === name || stateCode(one) === name)
    if (state !== undefined) return state
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `${word}(이)라는 상태가 없습니다. 있는 것: ${JobState.options.join(', ')}`,
        en: `there is no state ${word}; there are ${JobState.options.join(', ')}`,
      },
    })
  })
}
