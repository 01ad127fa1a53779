import type { Language, ShareRow } from '@dure/contract'
import { type Column, formatAmount, formatCount, table } from '@dure/report'
import type { Command } from 'commander'
import { getPages, openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { openScreen } from '../screen.ts'

interface Options extends ServerOptions {
  readonly account?: string
  readonly user?: string
  readonly accounts?: boolean
}

const MS_PER_HOUR = 3_600_000n

const percent = (part: number | null): string | null => (part === null ? null : `${(100 * part).toFixed(2)} %`)
const level = ({ level_fs }: ShareRow): string | null => (typeof level_fs === 'number' ? level_fs.toFixed(4) : level_fs)
const factor = ({ fair_share }: ShareRow): string => fair_share?.toFixed(6) ?? ''

const columns: readonly Column<ShareRow>[] = [
  // Users stand below their account, one step in.
  {
    title: 'ACCOUNT',
    value: ({ account, user, depth }) => '  '.repeat(depth) + (user ?? account),
    elastic: 1,
    widthMin: 16,
  },
  { title: 'SHARES', value: ({ shares }) => shares, align: 'right', expendable: 2 },
  { title: 'PROMISED', value: ({ share_of_center }) => percent(share_of_center), align: 'right' },
  { title: 'USED', value: ({ usage_of_center }) => percent(usage_of_center), align: 'right' },
  { title: 'LEVELFS', value: level, align: 'right', expendable: 3 },
  { title: 'FAIRSHARE', value: factor, align: 'right' },
  {
    title: 'CHARGED h',
    value: ({ charged_accelerator_ms }) => formatCount(Number(BigInt(charged_accelerator_ms) / MS_PER_HOUR)),
    align: 'right',
    expendable: 1,
  },
  { title: 'RUNNING', value: ({ jobs_running }) => jobs_running, align: 'right', expendable: 4 },
  { title: 'WAITING', value: ({ jobs_pending }) => jobs_pending, align: 'right', expendable: 4 },
]

const slurmColumns: readonly Column<ShareRow>[] = [
  {
    title: 'Account',
    value: ({ account, depth, user }) => ' '.repeat(user === null ? depth : depth - 1) + account,
    elastic: 1,
    widthMin: 12,
  },
  { title: 'User', value: ({ user }) => user ?? '', elastic: 2 },
  { title: 'RawShares', value: ({ shares }) => shares, align: 'right' },
  { title: 'NormShares', value: ({ share_of_center }) => share_of_center?.toFixed(6) ?? '', align: 'right' },
  {
    title: 'RawUsage',
    value: ({ usage_accelerator_s }) => formatAmount(Math.round(usage_accelerator_s), 0).replaceAll(',', ''),
    align: 'right',
  },
  { title: 'EffectvUsage', value: ({ usage_of_center }) => usage_of_center.toFixed(6), align: 'right' },
  { title: 'FairShare', value: factor, align: 'right' },
]

export const declare = (command: Command, language: Language): void => declareWith(columns, command, language)
export const declareSshare = (command: Command, language: Language): void =>
  declareWith(slurmColumns, command, language)

function declareWith(shown: readonly Column<ShareRow>[], command: Command, language: Language): void {
  command
    .option('-A, --account <ACCOUNT>', { ko: '계정 하나와 그 사용자', en: 'one account and its users' }[language])
    .option('-u, --user <USER>', { ko: '사용자 하나', en: 'one user' }[language])
    .option('--accounts', { ko: '사용자 없이 계정만', en: 'accounts only, without their users' }[language])
  addServerOptions(command, language)
  command.action(async () => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const center = openCenter(options, language)
    const query = { account: options.account, user: options.user }
    const shares = await getPages((page) => center.listAccounts({ ...query, ...page }))
    const items = options.accounts ? shares.items.filter(({ user }) => user === null) : shares.items
    if (screen.json) return screen.document({ ...shares, items })
    // Where the accounts above are left out, their steps are too.
    const depthLeast = items.reduce((least, { depth }) => Math.min(least, depth), Number.POSITIVE_INFINITY)
    const rows = items.map((row) => ({ ...row, depth: row.depth - depthLeast }))
    screen.data(table(shown, rows, screen))
  })
}
