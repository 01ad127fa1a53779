import type { Overview } from '@dure/contract'
import { useTranslation } from 'react-i18next'
import { useMeasures } from '../words/measures.ts'
import { Bar } from './bar.tsx'
import { Figure } from './figure.tsx'

type PoolGlance = Overview['pools'][number]

const part = (count: number, { accelerators }: PoolGlance): number => (accelerators === 0 ? 0 : count / accelerators)

export function PoolLoads({ pools }: { readonly pools: readonly PoolGlance[] }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  const sum = (count: (pool: PoolGlance) => number): string =>
    measures.count(pools.reduce((total, pool) => total + count(pool), 0))
  const [first, ...others] = pools
  if (first === undefined) return null
  const busiest = others.reduce((most, pool) => (pool.utilization > most.utilization ? pool : most), first)
  return (
    <Figure
      name="pools"
      title={t('pools.title')}
      summary={t('pools.summary', {
        pools: measures.count(pools.length),
        total: sum((pool) => pool.accelerators),
        busy: sum((pool) => pool.accelerators_busy),
        out: sum((pool) => pool.accelerators_out),
        busiest: busiest.name,
        utilization: measures.percent(busiest.utilization),
      })}
      chart={
        <>
          <ul className="loads">
            {pools.map((pool) => (
              <li key={pool.name} className="load">
                <span className="load-name">
                  <strong>{pool.name}</strong>{' '}
                  <span className={`kind kind-${pool.kind}`}>{t(`pools.${pool.kind}`)}</span>{' '}
                  <span className="dim">{pool.model}</span>
                </span>
                <span className="load-value">{measures.percent(pool.utilization)}</span>
                <Bar
                  parts={[
                    { part: part(pool.accelerators_busy, pool), look: pool.kind },
                    { part: part(pool.accelerators_out, pool), look: 'out' },
                  ]}
                />
                <span className="load-detail">
                  {t('pools.counts', {
                    running: measures.count(pool.jobs_running),
                    waiting: measures.count(pool.jobs_pending),
                  })}
                </span>
                <span className="load-detail load-right">
                  {t('pools.busyOf', {
                    busy: measures.count(pool.accelerators_busy),
                    total: measures.count(pool.accelerators),
                  })}
                </span>
              </li>
            ))}
          </ul>
          <p className="note">{t('pools.legend')}</p>
        </>
      }
      table={
        <table>
          <caption>{t('pools.table')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('pools.pool')}</th>
              <th scope="col">{t('pools.kind')}</th>
              <th scope="col" className="number">
                {t('pools.accelerators')}
              </th>
              <th scope="col" className="number">
                {t('pools.busy')}
              </th>
              <th scope="col" className="number">
                {t('pools.free')}
              </th>
              <th scope="col" className="number">
                {t('pools.out')}
              </th>
              <th scope="col" className="number">
                {t('pools.utilization')}
              </th>
              <th scope="col" className="number">
                {t('pools.running')}
              </th>
              <th scope="col" className="number">
                {t('pools.waiting')}
              </th>
            </tr>
          </thead>
          <tbody>
            {pools.map((pool) => (
              <tr key={pool.name}>
                <th scope="row">{pool.name}</th>
                <td>
                  {t(`pools.${pool.kind}`)} {pool.model}
                </td>
                <td className="number">{measures.count(pool.accelerators)}</td>
                <td className="number">{measures.count(pool.accelerators_busy)}</td>
                <td className="number">
                  {measures.count(pool.accelerators - pool.accelerators_busy - pool.accelerators_out)}
                </td>
                <td className="number">{measures.count(pool.accelerators_out)}</td>
                <td className="number">{measures.percent(pool.utilization)}</td>
                <td className="number">{measures.count(pool.jobs_running)}</td>
                <td className="number">{measures.count(pool.jobs_pending)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  )
}
