import { closeSync, openSync, writeSync } from 'node:fs'
import type { Language } from '@dure/contract'
import { type Policy, policies } from '@dure/core'
import { facts, formatAmount, formatCount, formatPercent } from '@dure/report'
import {
  type Demand,
  jobStates,
  type PassPer,
  type Simulation,
  type Summary,
  simulate,
  summarize,
  swfCenter,
  width,
} from '@dure/sim'
import { type Command, Option } from 'commander'
import type { CommonOptions } from '../common-options.ts'
import { Failure } from '../failure.ts'
import { nameOf } from '../input-file.ts'
import { openProgress } from '../progress.ts'
import { openScreen, type Screen } from '../screen.ts'
import { addFormatOption, countOf, readTrace, sayOddities } from '../trace-file.ts'

interface Options extends CommonOptions {
  readonly trace: string
  readonly procs?: number
  readonly policy: string
  readonly passPer: PassPer
  readonly jobs?: string
  readonly strict?: boolean
}

export function declare(command: Command, language: Language): void {
  const names = policies.map(({ name }) => name).join(', ')
  command.requiredOption(
    '--trace <FILE>',
    { ko: '작업 기록(SWF), gzip 가능, 또는 -', en: 'job log (SWF), gzipped or not; - reads standard input' }[language],
  )
  addFormatOption(command, language)
  command
    .option(
      '--procs <N>',
      { ko: '프로세서 수 (기본: 기록의 MaxProcs)', en: 'processors (default: the log’s MaxProcs, else MaxNodes)' }[
        language
      ],
      countOf('--procs'),
    )
    .option('--policy <NAME>', { ko: `정책: ${names}`, en: `policy: ${names}` }[language], 'fairshare')
    .addOption(
      new Option(
        '--pass-per <RULE>',
        {
          ko: '배정 시점: 같은 순간의 일을 모두 처리한 뒤(instant), 또는 일마다(event)',
          en: 'decide once an instant, or after each event as published simulators do',
        }[language],
      )
        .choices(['instant', 'event'])
        .default('instant'),
    )
    .option(
      '--jobs <OUT.csv>',
      { ko: '작업마다 한 줄을 CSV로 기록', en: 'write one row a job: job,submit,start,end,procs,state' }[language],
    )
    .option('--strict', { ko: '거부된 줄이 있으면 실패', en: 'fail where a line of the log is rejected' }[language])
    .addHelpText('after', '\n  $ dure sim --trace log.swf.gz --policy easy --jobs starts.csv')
    .action(async () => {
      const options = command.optsWithGlobals<Options>()
      await simulateTrace(options, policyOf(options.policy), openScreen(options, language))
    })
}

function policyOf(name: string): Policy {
  const policy = policies.find((one) => one.name === name)
  if (policy !== undefined) return policy
  const names = policies.map((one) => one.name).join(', ')
  throw new Failure('ERR_UNKNOWN_POLICY', { detail: `there is no policy ${name}; there are ${names}` })
}

async function simulateTrace(options: Options, policy: Policy, screen: Screen): Promise<void> {
  const trace = await readTrace(options.trace, options.procs, screen.language)
  if (trace.processors === null) {
    const detail = 'the log does not state MaxProcs or MaxNodes: give --procs'
    throw new Failure('ERR_USAGE', { where: nameOf(options.trace), detail })
  }
  sayOddities(trace, screen)
  const rows = options.jobs === undefined ? null : openForWriting(options.jobs)
  const { config, demand } = swfCenter(trace.jobs, trace.processors, policy)
  const progress = await openProgress(screen, demand.count, screen.language === 'ko' ? '작업' : 'jobs')
  const simulation = simulate(config, demand, {
    passPer: options.passPer,
    clock: () => performance.now(),
    onProgress: progress.update,
  })
  progress.stop()
  if (rows !== null) writeJobs(rows, demand, simulation)
  const summary = summarize(config, demand, simulation, trace.rejected)
  if (screen.json)
    screen.document({ policy: policy.name, pass_per: options.passPer, processors: trace.processors, ...summary })
  else screen.data(inWords(summary, policy.name, trace.processors))
  if (options.strict && summary.rejected > 0) {
    throw new Failure('ERR_BAD_TRACE', {
      where: nameOf(options.trace),
      detail: `${summary.rejected} lines are rejected, and --strict allows none`,
    })
  }
}

const inWords = (summary: Summary, policy: string, processors: number): string =>
  facts([
    ['policy', policy],
    ['processors', formatCount(processors)],
    ['jobs', formatCount(summary.jobs)],
    ['rejected', formatCount(summary.rejected)],
    ['makespan', `${formatCount(summary.makespan_s)} s`],
    ['utilization', formatPercent(summary.utilization)],
    ['wait mean', `${formatAmount(summary.wait_mean_s, 1)} s`],
    [
      'wait p50, p95, p99',
      [summary.wait_p50_s, summary.wait_p95_s, summary.wait_p99_s].map((s) => `${formatCount(s)} s`).join(', '),
    ],
    ['bounded slowdown', formatAmount(summary.bounded_slowdown_mean, 3)],
    ['still waiting', summary.jobs_waiting_end === 0 ? null : formatCount(summary.jobs_waiting_end)],
    ['simulated', `${formatCount(summary.jobs_per_second)} jobs/s`],
    ['facts_hash', summary.facts_hash],
  ])

/** Rows written at once: enough that the disk is not asked a million times. */
const ROWS_A_WRITE = 4096

/** One row a job that the center took, by job number, in whole seconds. */
function writeJobs(file: number, demand: Demand, simulation: Simulation): void {
  const widths = demand.requests.map(width)
  const order = Int32Array.from({ length: demand.count }, (_, i) => i).sort((a, b) => demand.job[a]! - demand.job[b]!)
  let rows = 'job,submit,start,end,procs,state\n'
  for (const [nth, i] of order.entries()) {
    const state = jobStates[simulation.state[i]!]!
    if (state === 'refused') continue
    const [submit, start, end] = [demand.submitMs[i]!, simulation.startMs[i]!, simulation.endMs[i]!].map(seconds)
    rows += `${demand.job[i]},${submit},${start},${end},${widths[demand.request[i]!]},${state}\n`
    if (nth % ROWS_A_WRITE !== 0) continue
    writeSync(file, rows)
    rows = ''
  }
  writeSync(file, rows)
  closeSync(file)
}

/** Opened before anything runs: an hour of simulation must not end at a folder that cannot be written. */
function openForWriting(file: string): number {
  try {
    return openSync(file, 'w')
  } catch (error) {
    const detail = `it cannot be written: ${(error as Error).message}`
    throw new Failure('ERR_FILE_NOT_READ', { where: file, detail, cause: error })
  }
}

/** -1 for what did not happen. */
const seconds = (ms: number): number => (ms < 0 ? -1 : Math.floor(ms / 1000))
