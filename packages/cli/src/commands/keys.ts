import { type CreatedKey, type Key, type Language, parseDurationMs, Role } from '@dure/contract'
import { formatMoment, table } from '@dure/report'
import { type Command, Option } from 'commander'
import { getPages, openCenter } from '../center.ts'
import { addCommonOptions, addServerOptions, type ServerOptions } from '../common-options.ts'
import { Failure } from '../failure.ts'
import { openScreen, type Screen } from '../screen.ts'

interface CreateOptions extends ServerOptions {
  readonly user: string
  readonly role: Role
  readonly note?: string
  readonly expiresIn?: string
}

export function declare(command: Command, language: Language): void {
  const list = command
    .command('list', { isDefault: true })
    .description({ ko: '키 목록', en: 'the keys there are' }[language])
  finish(list, language)
  list.action(async () => {
    const options = list.optsWithGlobals<ServerOptions>()
    const screen = openScreen(options, language)
    const center = openCenter(options, language)
    const keys = await getPages((page) => center.listKeys(page))
    if (screen.json) return screen.document(keys)
    const moment = (atMs: number | null): string | null => (atMs === null ? null : formatMoment(atMs))
    screen.data(
      table<Key>(
        [
          { title: 'KEY', value: ({ id }) => id },
          { title: 'USER', value: ({ user }) => user, elastic: 1 },
          { title: 'ROLE', value: ({ role }) => role },
          { title: 'EXPIRES', value: (key) => moment(key.expires_at_ms), expendable: 2 },
          { title: 'REVOKED', value: (key) => moment(key.revoked_at_ms), expendable: 1 },
          { title: 'LAST USED', value: (key) => moment(key.last_used_at_ms), expendable: 3 },
          { title: 'NOTE', value: ({ note }) => note, elastic: 2 },
        ],
        keys.items,
        screen,
      ),
    )
  })

  const create = command
    .command('create')
    .description(
      { ko: '키 발급. 비밀은 이때 한 번만 보입니다', en: 'create a key; its secret is shown this once' }[language],
    )
    .requiredOption('--user <USER>', { ko: '누구의 키인지', en: 'whose key it is' }[language])
    .addOption(
      new Option('--role <ROLE>', { ko: '역할', en: 'role' }[language]).choices(Role.options).makeOptionMandatory(),
    )
    .option('--note <TEXT>', { ko: '메모', en: 'a note' }[language])
    .option('--expires-in <TIME>', { ko: '유효 기간(예: 30d)', en: 'valid for this long, such as 30d' }[language])
  finish(create, language)
  create.action(async () => {
    const options = create.optsWithGlobals<CreateOptions>()
    const screen = openScreen(options, language)
    const { user, role, note } = options
    const body = { user, role, ...(note !== undefined && { note }), ...expiry(options.expiresIn) }
    showOnce(await openCenter(options, language).createKey(body), screen, language)
  })

  const rotate = command
    .command('rotate')
    .argument('<KEY>', { ko: '키 번호', en: 'id of the key' }[language])
    .description(
      { ko: '키 교체. 겹치는 동안은 두 키를 모두 씀', en: 'a new key in its place; for a while both are good' }[
        language
      ],
    )
    .option(
      '--overlap <TIME>',
      {
        ko: '옛 키를 더 쓸 시간(기본 24h, 바로 끝내려면 0)',
        en: 'how long the old one stays good (24h; 0 ends it now)',
      }[language],
    )
  finish(rotate, language)
  rotate.action(async (id: string) => {
    const options = rotate.optsWithGlobals<ServerOptions & { readonly overlap?: string }>()
    const screen = openScreen(options, language)
    const overlapMs = options.overlap === undefined ? undefined : durationOf('--overlap', options.overlap)
    showOnce(await openCenter(options, language).rotateKey(id, overlapMs), screen, language)
  })

  const revoke = command
    .command('revoke')
    .argument('<KEY>', { ko: '키 번호', en: 'id of the key' }[language])
    .description({ ko: '키 폐기', en: 'make a key useless' }[language])
  finish(revoke, language)
  revoke.action(async (id: string) => {
    const options = revoke.optsWithGlobals<ServerOptions>()
    const screen = openScreen(options, language)
    const revoked = await openCenter(options, language).revokeKey(id)
    if (screen.json) screen.document(revoked)
    else screen.say({ ko: `키 ${id}를 폐기했습니다.`, en: `Key ${id} is revoked.` }[language])
  })
}

function finish(command: Command, language: Language): void {
  addServerOptions(command, language)
  addCommonOptions(command, language)
}

function showOnce(created: CreatedKey, screen: Screen, language: Language): void {
  if (screen.json) {
    screen.document(created)
    return
  }
  screen.say(
    {
      ko: '이 키는 다시 보이지 않습니다. 0600 파일에 보관하십시오.',
      en: 'Keep it in a 0600 file: it is not shown again.',
    }[language],
  )
  screen.data(created.key)
}

function durationOf(option: string, text: string): number {
  const ms = text === '0' ? 0 : parseDurationMs(text)
  if (ms !== null) return ms
  throw new Failure('ERR_USAGE', { detail: `${option} must be a duration such as 30d or 12h; it is "${text}"` })
}

/** Keys expire by the wall clock, whatever the speed of the center. */
function expiry(text: string | undefined): { expires_at_ms?: number } {
  if (text === undefined) return {}
  const validMs = durationOf('--expires-in', text)
  if (validMs > 0) return { expires_at_ms: Date.now() + validMs }
  throw new Failure('ERR_USAGE', { detail: '--expires-in must be longer than 0' })
}
