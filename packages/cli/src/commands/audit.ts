import type { AuditEntry, Language } from '@dure/contract'
import { formatMoment, table } from '@dure/report'
import type { Command } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { Failure } from '../failure.ts'
import { openScreen } from '../screen.ts'

interface Options extends ServerOptions {
  readonly limit: string
}

const LIMIT_MAX = 200

export function declare(command: Command, language: Language): void {
  command.option('--limit <N>', { ko: '최근 몇 개(200까지)', en: 'how many of the newest, up to 200' }[language], '50')
  addServerOptions(command, language)
  command.action(async () => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const limit = Number(options.limit)
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
      throw new Failure('ERR_USAGE', { detail: `--limit must be a whole number from 1 to ${LIMIT_MAX}` })
    }
    const page = await openCenter(options, language).listAudit({ limit })
    if (screen.json) return screen.document(page)
    screen.data(
      table<AuditEntry>(
        [
          { title: 'SEQ', value: ({ seq }) => String(seq) },
          { title: 'TIME', value: ({ at_ms }) => formatMoment(at_ms) },
          { title: 'USER', value: ({ user }) => user, elastic: 1 },
          { title: 'ROLE', value: ({ role }) => role, expendable: 2 },
          { title: 'VIA', value: ({ via, key }) => `${via} ${key}`, expendable: 3 },
          { title: 'ACT', value: ({ act }) => act },
          { title: 'ON', value: ({ target }) => target, elastic: 2 },
          {
            title: 'DETAIL',
            value: ({ detail, reason }) => [detail, reason].filter(Boolean).join(': ') || null,
            elastic: 3,
          },
          { title: 'COMMAND', value: ({ command: id }) => id, expendable: 1 },
        ],
        page.items,
        screen,
      ),
    )
    if (page.broken_at === null) return
    screen.warn(
      {
        ko: `항목 ${page.broken_at}은(는) 쓰인 그대로가 아닙니다. 저장소를 누가 바꾸었는지 확인하십시오.`,
        en: `Entry ${page.broken_at} is not what was written there: find out who has changed the store.`,
      }[language],
    )
  })
}
