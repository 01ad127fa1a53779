import { formatDuration, type Language } from '@dure/contract'
import { facts, formatAmount, formatCount, formatMoment, table } from '@dure/report'
import { nearestRank, type SwfJobs, type SwfTrace } from '@dure/sim'
import type { Command } from 'commander'
import type { CommonOptions } from '../common-options.ts'
import { openScreen, type Screen } from '../screen.ts'
import { addFormatOption, countOf, readTrace, rejectionInWords } from '../trace-file.ts'

interface Options extends CommonOptions {
  readonly procs?: number
}

export function declare(command: Command, language: Language): void {
  command.argument(
    '<FILE>',
    { ko: '작업 기록(SWF), gzip 가능, 또는 -', en: 'job log (SWF), gzipped or not; - reads standard input' }[language],
  )
  addFormatOption(command, language)
  command
    .option(
      '--procs <N>',
      {
        ko: '시스템의 프로세서 수 (기본: 기록의 머리말)',
        en: 'processors of the machine (default: what the header says)',
      }[language],
      countOf('--procs'),
    )
    .action(async (file: string) => {
      const options = command.optsWithGlobals<Options>()
      const screen = openScreen(options, language)
      const trace = await readTrace(file, options.procs, language)
      const contents = contentsOf(trace)
      if (screen.json) screen.document(contents)
      else show(contents, trace, screen)
    })
}

type Contents = ReturnType<typeof contentsOf>

function contentsOf(trace: SwfTrace) {
  const { jobs, header, processors } = trace
  const firstS = jobs.submitS[0] ?? 0
  const lastS = jobs.submitS[jobs.count - 1] ?? 0
  const startS = Number(header.get('UnixStartTime'))
  return {
    jobs: jobs.count,
    lines: trace.lines,
    rejected: trace.rejected,
    rejections: trace.rejections.map(({ reason, count, firstLines }) => ({ reason, count, first_lines: firstLines })),
    out_of_order: trace.outOfOrder,
    overran: trace.overran,
    has_estimates: !trace.estimated,
    processors,
    first_submit_s: firstS,
    last_submit_s: lastS,
    span_s: lastS - firstS,
    first_submit_at_ms: startS > 0 ? 1000 * (startS + firstS) : null,
    users: distinct(jobs.user),
    groups: distinct(jobs.group),
    queues: distinct(jobs.queue),
    work_processor_s: workOf(jobs),
    /** Work ÷ what the machine could do in the time span of the submissions. */
    offered_load: processors !== null && lastS > firstS ? workOf(jobs) / (processors * (lastS - firstS)) : null,
    run_s: spread(jobs.runS),
    estimate_s: spread(jobs.estimateS),
    processors_per_job: spread(jobs.processors),
    sizes: sizesOf(jobs),
  }
}

const distinct = (column: Float64Array): number => new Set(column.filter((value) => value >= 0)).size

function workOf({ count, runS, estimateS, processors }: SwfJobs): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += Math.min(runS[i]!, estimateS[i]!) * processors[i]!
  return sum
}

function spread(column: Float64Array): { min: number; p50: number; p95: number; max: number } {
  const sorted = column.slice().sort()
  return {
    min: sorted[0] ?? 0,
    p50: nearestRank(sorted, 50),
    p95: nearestRank(sorted, 95),
    max: sorted.at(-1) ?? 0,
  }
}

/** Jobs by size, in classes that double: 1, 2, 3–4, 5–8, … */
function sizesOf({ count, processors, runS }: SwfJobs) {
  const classes = new Map<number, { from: number; to: number; jobs: number; work_processor_s: number }>()
  for (let i = 0; i < count; i++) {
    const size = processors[i]!
    let to = 1
    while (to < size) to *= 2
    const found = classes.get(to) ?? { from: Math.floor(to / 2) + 1, to, jobs: 0, work_processor_s: 0 }
    found.jobs++
    found.work_processor_s += size * runS[i]!
    classes.set(to, found)
  }
  return [...classes.values()].sort((a, b) => a.to - b.to)
}

function show(contents: Contents, trace: SwfTrace, screen: Screen): void {
  const { header } = trace
  const load = contents.offered_load
  screen.data(
    facts([
      ['computer', header.get('Computer') ?? null],
      ['installation', header.get('Installation') ?? null],
      ['acknowledge', header.get('Acknowledge') ?? null],
      ['jobs', formatCount(contents.jobs)],
      ['rejected lines', formatCount(contents.rejected)],
      ['processors', contents.processors === null ? 'not stated: give --procs' : formatCount(contents.processors)],
      [
        'first submit',
        contents.first_submit_at_ms === null
          ? `${contents.first_submit_s} s`
          : formatMoment(contents.first_submit_at_ms),
      ],
      ['span', formatDuration(1000 * contents.span_s)],
      ['users', formatCount(contents.users)],
      ['groups', formatCount(contents.groups)],
      ['queues', formatCount(contents.queues)],
      ['offered load', load === null ? null : formatAmount(load, 3)],
      ['run time', inDurations(contents.run_s)],
      ['estimate', contents.has_estimates ? inDurations(contents.estimate_s) : 'none in the log'],
      ['past estimate', contents.overran === 0 ? null : formatCount(contents.overran)],
      ['out of order', contents.out_of_order === 0 ? null : formatCount(contents.out_of_order)],
    ]),
  )
  const workAll = contents.sizes.reduce((sum, { work_processor_s }) => sum + work_processor_s, 0)
  screen.data('')
  screen.data(
    table(
      [
        { title: 'PROCESSORS', value: ({ from, to }) => (from === to ? `${to}` : `${from}-${to}`) },
        { title: 'JOBS', value: ({ jobs }) => formatCount(jobs), align: 'right' },
        { title: 'JOBS %', value: ({ jobs }) => percent(jobs / contents.jobs), align: 'right' },
        { title: 'WORK %', value: (row) => percent(row.work_processor_s / workAll), align: 'right' },
      ],
      contents.sizes,
      screen,
    ),
  )
  if (trace.rejections.length === 0) return
  screen.data('')
  screen.data(screen.language === 'ko' ? '거부된 줄:' : 'Rejected lines:')
  for (const rejection of trace.rejections) screen.data(`  ${rejectionInWords(rejection, screen.language)}`)
}

const percent = (ratio: number): string => (100 * ratio).toFixed(1)

const inDurations = ({ min, p50, p95, max }: Contents['run_s']): string =>
  `${formatDuration(1000 * min)} min, ${formatDuration(1000 * p50)} median, ${formatDuration(1000 * p95)} p95, ${formatDuration(1000 * max)} max`
