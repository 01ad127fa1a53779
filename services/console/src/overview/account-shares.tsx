// Whether the split is what was promised: of each account what it is due and what it has used lately.

import type { Overview } from '@dure/contract'
import { useTranslation } from 'react-i18next'
import { useMeasures } from '../words/measures.ts'
import { Bar } from './bar.tsx'
import { Figure } from './figure.tsx'

type ShareGlance = Overview['top_accounts'][number]

const differenceOf = ({ usage_of_center, share_of_center }: ShareGlance): number => usage_of_center - share_of_center

/** As many as a wall shows at once; the table has them all. */
const BARS_MAX = 8

/** Differences that would print as 0.0 points are none. */
const EVEN = 0.0005

function side(difference: number): 'even' | 'over' | 'under' {
  if (Math.abs(difference) < EVEN) return 'even'
  return difference > 0 ? 'over' : 'under'
}

export function AccountShares({ accounts }: { readonly accounts: readonly ShareGlance[] }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  const used = accounts.some(({ usage_of_center }) => usage_of_center > 0)
  const inOrder = accounts.toSorted((a, b) => differenceOf(a) - differenceOf(b))
  const [under, over] = [inOrder[0], inOrder.at(-1)]
  const longest = Math.max(0.01, ...accounts.flatMap((account) => [account.usage_of_center, account.share_of_center]))
  const points = (account: ShareGlance): string => t('shares.points', { value: measures.points(differenceOf(account)) })
  return (
    <Figure
      name="shares"
      title={t('shares.title')}
      summary={
        !used || under === undefined || over === undefined
          ? t('shares.summaryNone')
          : t('shares.summary', {
              under: under.account,
              underPoints: points(under),
              over: over.account,
              overPoints: points(over),
            })
      }
      chart={
        <>
          <ul className="loads">
            {accounts.slice(0, BARS_MAX).map((account) => (
              <li key={account.account} className="load">
                <span className="load-name">
                  <strong>{account.account}</strong>
                </span>
                <span className="load-value">
                  {points(account)} <span className="dim">{t(`shares.${side(differenceOf(account))}`)}</span>
                </span>
                <Bar
                  parts={[{ part: account.usage_of_center / longest, look: 'busy' }]}
                  mark={account.share_of_center / longest}
                />
                <span className="load-detail">
                  {t('shares.targetUsed', {
                    target: measures.percent(account.share_of_center),
                    used: measures.percent(account.usage_of_center),
                  })}
                </span>
                <span className="load-detail load-right">
                  {t('pools.counts', {
                    running: measures.count(account.jobs_running),
                    waiting: measures.count(account.jobs_pending),
                  })}
                </span>
              </li>
            ))}
          </ul>
          <p className="note">{t('shares.legend')}</p>
        </>
      }
      table={
        <table>
          <caption>{t('shares.table')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('shares.account')}</th>
              <th scope="col" className="number">
                {t('shares.target')}
              </th>
              <th scope="col" className="number">
                {t('shares.used')}
              </th>
              <th scope="col" className="number">
                {t('shares.difference')}
              </th>
              <th scope="col" className="number">
                {t('shares.running')}
              </th>
              <th scope="col" className="number">
                {t('shares.waiting')}
              </th>
            </tr>
          </thead>
          <tbody>
            {accounts.map((account) => (
              <tr key={account.account}>
                <th scope="row">{account.account}</th>
                <td className="number">{measures.percent(account.share_of_center)}</td>
                <td className="number">{measures.percent(account.usage_of_center)}</td>
                <td className="number">{points(account)}</td>
                <td className="number">{measures.count(account.jobs_running)}</td>
                <td className="number">{measures.count(account.jobs_pending)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  )
}
