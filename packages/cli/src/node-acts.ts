// Drain and resume: the same act with another direction, on one node or several.

import type { Language, NodeActionAccepted } from '@dure/contract'
import type { Command } from 'commander'
import { openCenter } from './center.ts'
import { addServerOptions, type ServerOptions } from './common-options.ts'
import { reportFailure } from './failure-report.ts'
import { openScreen } from './screen.ts'

interface Options extends ServerOptions {
  readonly reason?: string
}

export function declareNodeAct(
  command: Command,
  language: Language,
  act: 'drain' | 'resume',
  done: Readonly<Record<Language, (node: string) => string>>,
): void {
  command
    .argument('<NODE...>', { ko: '노드 이름(풀-번호)', en: 'names of nodes, POOL-NUMBER' }[language])
    .option('--reason <TEXT>', { ko: '로그에 남길 이유', en: 'why, for the log of the API' }[language])
  addServerOptions(command, language)
  command.action(async (nodes: readonly string[]) => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const center = openCenter(options, language)
    const items: NodeActionAccepted[] = []
    for (const node of nodes) {
      try {
        items.push(
          await (act === 'drain' ? center.drainNode(node, options.reason) : center.resumeNode(node, options.reason)),
        )
        if (!screen.json) screen.say(done[language](node))
      } catch (error) {
        if (nodes.length === 1) throw error
        const { text, exitCode } = reportFailure(error, language, screen.json)
        process.stderr.write(text)
        process.exitCode ??= exitCode
      }
    }
    if (screen.json) screen.document(nodes.length === 1 ? items[0] : { items, next_cursor: null })
  })
}
