// How much of the center works: utilization counts accelerators, delivered capacity weighs them by what each can do.

import type { Overview } from '@dure/contract'
import { useTranslation } from 'react-i18next'
import type { UtilizationHistory } from '../live/utilization-history.ts'
import { type CapacityFormat, useMeasures } from '../words/measures.ts'
import { Bar } from './bar.tsx'
import { UtilizationStrip } from './utilization-strip.tsx'

interface CapacityProps {
  readonly overview: Overview
  readonly format: CapacityFormat
  readonly history: UtilizationHistory
}

export function Capacity({ overview, format, history }: CapacityProps) {
  const { t } = useTranslation()
  const measures = useMeasures()
  const { capacity, delivered, utilization, pools } = overview
  const field = format === 'h100' ? 'h100_equivalents' : format
  const part = capacity[field] === 0 ? 0 : delivered[field] / capacity[field]
  return (
    <section className="card capacity" aria-labelledby="capacity-title">
      <h2 id="capacity-title">{t('capacity.title')}</h2>
      <dl className="figures">
        <div className="big">
          <dt>{t('capacity.utilization')}</dt>
          <dd>
            {measures.percent(utilization)}{' '}
            <small>
              {t('capacity.accelerators', {
                busy: measures.count(pools.reduce((sum, pool) => sum + pool.accelerators_busy, 0)),
                total: measures.count(pools.reduce((sum, pool) => sum + pool.accelerators, 0)),
              })}
            </small>
          </dd>
          <dd className="under">
            <Bar parts={[{ part: utilization, look: 'busy' }]} />
          </dd>
        </div>
        <div className="big">
          <dt>
            {t('capacity.delivered')} <span className="unit">{t(`format.${format}`)}</span>
          </dt>
          <dd>
            {measures.capacity(delivered, format)}{' '}
            <small>{t('capacity.ofCapacity', { capacity: measures.capacity(capacity, format) })}</small>
          </dd>
          <dd className="under">
            <Bar parts={[{ part, look: 'busy' }]} />
          </dd>
        </div>
      </dl>
      <p className="note">
        {t('capacity.says', { format: t(`format.${format}Says`) })}{' '}
        {capacity.accelerators_unknown > 0 && t('capacity.unknown', { count: capacity.accelerators_unknown })}
      </p>
      <UtilizationStrip history={history} />
    </section>
  )
}
