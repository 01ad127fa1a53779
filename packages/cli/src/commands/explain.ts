import type { Explain, Language } from '@dure/contract'
import { formatMoment, printable } from '@dure/report'
import type { Command } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { jobIdOf } from '../job-ids.ts'
import { openScreen } from '../screen.ts'

export function declare(command: Command, language: Language): void {
  command.argument('<JOB>', { ko: '작업 번호', en: 'number of the job' }[language], jobIdOf)
  addServerOptions(command, language)
  command.action(async (id: number) => {
    const options = command.optsWithGlobals<ServerOptions>()
    const screen = openScreen(options, language)
    const center = openCenter(options, language)
    if (screen.json) return screen.document(await center.explainJob(id))
    const [explained, { promised_start_at_ms: promisedMs }] = await Promise.all([
      center.explainJob(id),
      center.getJob(id),
    ])
    screen.data(inWords(explained, language))
    if (explained.state === 'PENDING' && promisedMs !== null) screen.data(promiseInWords(promisedMs, language))
  })
}

function inWords({ job, state, revision, summary, reasons }: Explain, language: Language): string {
  const head = {
    ko: `작업 ${job}: ${state} (리비전 ${revision})`,
    en: `Job ${job}: ${state} (at revision ${revision})`,
  }[language]
  if (reasons.length === 0) return `${head}\n  ${printable(summary[language])}`
  const lines = reasons.flatMap(({ code, sentence, way_out }, i) => [
    `${i + 1}. ${code}`,
    `   ${printable(sentence[language])}`,
    `   → ${printable(way_out[language])}`,
  ])
  return [head, ...lines].join('\n')
}

/** A failure, a drain or a change of turn may move it. */
const promiseInWords = (atMs: number, language: Language): string =>
  ({
    ko: `지금대로라면 늦어도 ${formatMoment(atMs)}에 시작합니다.`,
    en: `As things stand, it starts by ${formatMoment(atMs)} at the latest.`,
  })[language]
