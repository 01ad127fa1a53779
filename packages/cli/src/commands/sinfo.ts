import type { Language, Node } from '@dure/contract'
import { table } from '@dure/report'
import type { Command } from 'commander'
import { getPages, openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { nodeList } from '../job-words.ts'
import { openScreen } from '../screen.ts'

interface Options extends ServerOptions {
  readonly partition?: string
}

interface Group {
  readonly pool: string
  readonly state: Node['slurm_state']
  readonly nodes: string[]
}

const shortStates: Readonly<Record<Node['slurm_state'], string>> = {
  IDLE: 'idle',
  MIXED: 'mix',
  ALLOCATED: 'alloc',
  DRAINING: 'drng',
  DRAINED: 'drain',
  DOWN: 'down',
}

export function declare(command: Command, language: Language): void {
  command.option('-p, --partition <POOL>', { ko: '풀', en: 'one pool' }[language])
  addServerOptions(command, language)
  command.action(async () => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const center = openCenter(options, language)
    const nodes = await getPages((page) => center.listNodes({ pool: options.partition, ...page }))
    if (screen.json) return screen.document(nodes)
    screen.data(
      table<Group>(
        [
          { title: 'PARTITION', value: ({ pool }) => pool, elastic: 1 },
          { title: 'AVAIL', value: () => 'up' },
          { title: 'NODES', value: (group) => group.nodes.length, align: 'right' },
          { title: 'STATE', value: ({ state }) => shortStates[state] },
          { title: 'NODELIST', value: (group) => nodeList(group.nodes), elastic: 2, widthMin: 12 },
        ],
        grouped(nodes.items),
        screen,
      ),
    )
  })
}

/** By pool and state, as they first appear. */
function grouped(nodes: readonly Node[]): Group[] {
  const groups = new Map<string, Group>()
  for (const { id, pool, slurm_state: state } of nodes) {
    const key = JSON.stringify([pool, state])
    const group = groups.get(key) ?? { pool, state, nodes: [] }
    group.nodes.push(id)
    groups.set(key, group)
  }
  return [...groups.values()]
}
