import type { Language, Node } from '@dure/contract'
import { type Column, formatCount, table } from '@dure/report'
import { type Command, Option } from 'commander'
import { getPages, openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { openScreen } from '../screen.ts'
import { countOf } from '../trace-file.ts'

interface Options extends ServerOptions {
  readonly pool?: string
  readonly state?: Node['state']
  readonly limit: number
}

const LIMIT = 200

const columns: readonly Column<Node>[] = [
  { title: 'NODE', value: ({ id }) => id, elastic: 1 },
  { title: 'STATE', value: ({ slurm_state }) => slurm_state },
  { title: 'ACC', value: ({ accelerators }) => accelerators, align: 'right' },
  { title: 'BUSY', value: ({ accelerators_busy }) => accelerators_busy, align: 'right' },
  { title: 'JOBS', value: ({ jobs }) => jobs.join(','), elastic: 2, widthMin: 6 },
]

export function declare(command: Command, language: Language): void {
  command
    .option('-p, --pool <POOL>', { ko: '풀', en: 'nodes of a pool' }[language])
    .addOption(
      new Option('-t, --state <STATE>', { ko: '상태', en: 'nodes in a state' }[language]).choices([
        'up',
        'drain',
        'down',
      ]),
    )
    .option('--limit <N>', { ko: '최대 노드 수', en: 'no more nodes than this' }[language], countOf('--limit'), LIMIT)
  addServerOptions(command, language)
  command.action(async () => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const center = openCenter(options, language)
    const query = { pool: options.pool, state: options.state }
    const nodes = await getPages((page) => center.listNodes({ ...query, ...page }), options.limit)
    if (screen.json) return screen.document(nodes)
    screen.data(table(columns, nodes.items, screen))
    if (nodes.next_cursor !== null) {
      const count = formatCount(nodes.items.length)
      screen.say(language === 'ko' ? `처음 ${count}개. 더 보려면 --limit` : `The first ${count}; more with --limit.`)
    }
  })
}
