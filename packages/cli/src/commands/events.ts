import { type Change, type EventData, formatWatts, type Language } from '@dure/contract'
import { formatMoment, formatPercent, printable } from '@dure/report'
import { type Command, Option } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { interruption } from '../interruption.ts'
import { openScreen } from '../screen.ts'
import { countOf } from '../trace-file.ts'

interface Options extends ServerOptions {
  readonly after?: number
  readonly only: 'commit' | 'overview' | 'all'
}

export function declare(command: Command, language: Language): void {
  command
    .option(
      '--after <REVISION>',
      { ko: '이 리비전 다음부터', en: 'begin behind this revision' }[language],
      countOf('--after'),
    )
    .addOption(
      new Option('--only <KIND>', { ko: '종류', en: 'commits, overviews, or both' }[language])
        .choices(['commit', 'overview', 'all'])
        .default('commit'),
    )
  addServerOptions(command, language)
  command.addHelpText(
    'after',
    { ko: '\n--json: 이벤트마다 한 줄', en: '\n--json: one line an event, as they never end' }[language],
  )
  command.action(async () => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const only = options.only === 'all' ? undefined : options.only
    const followed = openCenter(options, language).followEvents({
      after: options.after,
      only,
      signal: interruption(),
      lost: (error) => screen.warn((error as Error).message),
    })
    for await (const event of followed) {
      if (screen.json) screen.data(JSON.stringify(event))
      else for (const line of inWords(event)) screen.data(line)
    }
  })
}

function inWords({ event, data }: EventData): string[] {
  switch (event) {
    case 'commit':
      return data.changes.map((change) => `${formatMoment(data.at_ms)}  ${data.revision}  ${changeInWords(change)}`)
    case 'overview': {
      const { pending, running } = data.queue
      return [
        `${formatMoment(data.at_ms)}  ${data.revision}  ${pending} waiting, ${running} running, ${formatPercent(data.utilization)} used`,
      ]
    }
    case 'reset':
      return [`reset: what happened before revision ${data.revision} is in ${printable(data.snapshot)}`]
  }
}

function changeInWords(change: Change): string {
  switch (change.type) {
    case 'job': {
      const { job, state, user, account, pool, start_cause: cause, reason } = change
      const rest = [pool, cause, reason].filter((part) => part !== null).join(', ')
      return printable(`job ${job} ${state} ${user}@${account}${rest === '' ? '' : ` (${rest})`}`)
    }
    case 'node':
      return printable(`node ${change.node} ${change.state}`)
    case 'power-capped':
      return change.cap_w === null ? 'no power cap' : `power capped at ${formatWatts(change.cap_w)}`
    case 'rejected':
      return printable(`command ${change.command} rejected: ${change.reason}`)
  }
}
