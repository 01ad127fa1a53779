import type { Language, Pool } from '@dure/contract'
import { type Column, formatCount, formatPercent, table } from '@dure/report'
import type { Command } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { powerInWords } from '../power-words.ts'
import { openScreen } from '../screen.ts'

const columns: readonly Column<Pool>[] = [
  { title: 'POOL', value: ({ name }) => name, elastic: 1 },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'MODEL', value: ({ model }) => model, elastic: 2, expendable: 2 },
  { title: 'NODES', value: ({ nodes }) => formatCount(nodes), align: 'right' },
  { title: 'DRAIN', value: ({ nodes_drained }) => formatCount(nodes_drained), align: 'right', expendable: 3 },
  { title: 'DOWN', value: ({ nodes_down }) => formatCount(nodes_down), align: 'right', expendable: 4 },
  { title: 'ACC', value: ({ accelerators }) => formatCount(accelerators), align: 'right' },
  { title: 'BUSY', value: ({ accelerators_busy }) => formatCount(accelerators_busy), align: 'right' },
  { title: 'FREE', value: ({ accelerators_free }) => formatCount(accelerators_free), align: 'right' },
  { title: 'OUT', value: ({ accelerators_out }) => formatCount(accelerators_out), align: 'right', expendable: 5 },
  { title: 'USED', value: ({ utilization }) => formatPercent(utilization), align: 'right' },
  { title: 'RUNNING', value: ({ jobs_running }) => formatCount(jobs_running), align: 'right', expendable: 1 },
  { title: 'WAITING', value: ({ jobs_pending }) => formatCount(jobs_pending), align: 'right', expendable: 1 },
]

export function declare(command: Command, language: Language): void {
  addServerOptions(command, language)
  command.action(async () => {
    const options = command.optsWithGlobals<ServerOptions>()
    const screen = openScreen(options, language)
    const pools = await openCenter(options, language).listPools()
    if (screen.json) screen.document(pools)
    else {
      screen.data(table(columns, pools.items, screen))
      if (pools.power !== undefined) screen.data(`\n${powerInWords(pools.power)[language]}`)
    }
  })
}
