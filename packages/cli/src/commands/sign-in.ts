import type { Language } from '@dure/contract'
import { formatMoment } from '@dure/report'
import type { Command } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { openScreen } from '../screen.ts'

export function declare(command: Command, language: Language): void {
  addServerOptions(command, language)
  command.action(async () => {
    const options = command.optsWithGlobals<ServerOptions>()
    const screen = openScreen(options, language)
    const link = await openCenter(options, language).createSignInLink()
    if (screen.json) return screen.document(link)
    screen.data(link.url)
    screen.say(
      {
        ko: `한 번만, ${formatMoment(link.expires_at_ms)}까지 열 수 있습니다.`,
        en: `It works once, until ${formatMoment(link.expires_at_ms)}.`,
      }[language],
    )
  })
}
