// Acts on one or several jobs (cancel, hold, release): each is asked for by itself, and one that fails does not keep the
// others from being done.

import type { Client } from '@dure/client'
import type { JobActAccepted, Language } from '@dure/contract'
import type { Command } from 'commander'
import { openCenter } from './center.ts'
import { addServerOptions, type ServerOptions } from './common-options.ts'
import { reportFailure } from './failure-report.ts'
import { jobIdsOf } from './job-ids.ts'
import { openScreen } from './screen.ts'

export interface JobAct {
  readonly ask: (center: Client, id: number) => Promise<JobActAccepted>
  /** What is said when it is accepted. */
  readonly done: Readonly<Record<Language, (id: number) => string>>
}

export function declareJobAct(command: Command, language: Language, { ask, done }: JobAct): void {
  command.argument('<JOB...>', { ko: '작업 번호', en: 'numbers of jobs' }[language], jobIdsOf)
  addServerOptions(command, language)
  command.action(async (ids: readonly number[]) => {
    const options = command.optsWithGlobals<ServerOptions>()
    const screen = openScreen(options, language)
    const center = openCenter(options, language)
    const [only] = ids
    if (ids.length === 1 && only !== undefined) {
      const accepted = await ask(center, only)
      if (screen.json) screen.document(accepted)
      else screen.say(done[language](only))
      return
    }
    const items: JobActAccepted[] = []
    for (const id of ids) {
      try {
        items.push(await ask(center, id))
        if (!screen.json) screen.say(done[language](id))
      } catch (error) {
        const { text, exitCode } = reportFailure(error, language, screen.json)
        process.stderr.write(text)
        process.exitCode ??= exitCode
      }
    }
    if (screen.json) screen.document({ items, next_cursor: null })
  })
}
