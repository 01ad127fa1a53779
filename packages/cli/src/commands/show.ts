import { formatDuration, formatMemory, type Job, type Language } from '@dure/contract'
import { facts, formatMoment } from '@dure/report'
import type { Command } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { jobIdOf } from '../job-ids.ts'
import { inSeconds, nodeList } from '../job-words.ts'
import { openScreen } from '../screen.ts'

export function declare(command: Command, language: Language): void {
  command.argument('<JOB>', { ko: '작업 번호', en: 'number of the job' }[language], jobIdOf)
  addServerOptions(command, language)
  command.action(async (id: number) => {
    const options = command.optsWithGlobals<ServerOptions>()
    const screen = openScreen(options, language)
    const center = openCenter(options, language)
    const job = await center.getJob(id)
    if (screen.json) return screen.document(job)
    screen.data(inWords(job))
    if (job.state !== 'PENDING') return
    const { summary } = await center.explainJob(id)
    screen.say(`\n${summary[language]}\n${{ ko: '자세히', en: 'More' }[language]}: dure explain ${id}`)
  })
}

/** Said only where it makes a difference: that of the pool it is in, or of each that it accepts. */
const speedIn = ({ pools, speeds, pool, speed }: Job): string | null => {
  if (speeds === null) return null
  return pool === null ? pools.map((name, i) => `${name} ${speeds[i]}`).join(', ') : String(speed)
}

function inWords(job: Job): string {
  const moment = (atMs: number | null): string | null => (atMs === null ? null : formatMoment(atMs))
  const perNode = [
    `${job.accelerators_per_node} ${job.accelerator ?? 'accelerators'}`,
    ...(job.cpus_per_node === null ? [] : [`${job.cpus_per_node} cpus`]),
    ...(job.memory_mib_per_node === null ? [] : [formatMemory(job.memory_mib_per_node)]),
  ].join(', ')
  return facts([
    ['job', job.id],
    ['name', job.name],
    ['state', [job.state, job.held_by && `held by ${job.held_by}`, job.reason].filter(Boolean).join(', ')],
    ['user', job.user],
    ['account', job.account],
    ['pool', job.pool ?? job.pools.join(', ')],
    ['speed', speedIn(job)],
    ['asks for', `${job.nodes} × (${perNode})`],
    ['time limit', formatDuration(job.time_limit_ms)],
    ['submitted', moment(job.submitted_at_ms)],
    ['promised start', moment(job.promised_start_at_ms)],
    ['started', moment(job.started_at_ms)],
    ['why then', job.start_cause],
    ['ended', moment(job.ended_at_ms)],
    ['waited', job.wait_ms === null ? null : inSeconds(job.wait_ms)],
    ['attempt', job.attempt > 1 ? job.attempt : null],
    ['exit code', job.exit_code],
    ['nodes', job.placement.length === 0 ? null : nodeList(job.placement.map(({ node }) => node))],
    ['comment', job.comment],
  ])
}
