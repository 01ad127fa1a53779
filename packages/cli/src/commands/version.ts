import { ClientError } from '@dure/client'
import type { Language, Version } from '@dure/contract'
import { facts } from '@dure/report'
import type { Command } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { Failure } from '../failure.ts'
import { openScreen } from '../screen.ts'

export function declare(command: Command, language: Language): void {
  addServerOptions(command, language)
  command.action(async () => {
    const options = command.optsWithGlobals<ServerOptions>()
    const screen = openScreen(options, language)
    const own = { name: 'dure', version: command.parent?.version() ?? null, node: process.versions.node }
    const center = await centerVersion(options, language)
    if (screen.json) return screen.document({ ...own, center })
    const none = { ko: '연결되지 않음', en: 'none in reach' }[language]
    screen.data(
      facts([
        ['dure', own.version],
        ['node', own.node],
        ['center', center === null ? none : `${center.version}, node ${center.node}`],
      ]),
    )
  })
}

/** null where no center can be reached, which is no failure when one only asks for versions. */
async function centerVersion(options: ServerOptions, language: Language): Promise<Version | null> {
  try {
    return await openCenter(options, language).getVersion()
  } catch (error) {
    if (isUnreachable(error)) return null
    throw error
  }
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof Failure
    ? error.code === 'ERR_UNREACHABLE'
    : error instanceof ClientError && error.problem.code === 'ERR_UNREACHABLE'
