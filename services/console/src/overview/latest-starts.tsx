import type { Overview } from '@dure/contract'
import { useTranslation } from 'react-i18next'
import { JobLink } from '../jobs/job-link.tsx'
import { useMeasures } from '../words/measures.ts'
import { Moment } from '../words/moment.tsx'

export function LatestStarts({ starts }: { readonly starts: Overview['latest_starts'] }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  return (
    <section className="card starts" aria-labelledby="starts-title">
      <h2 id="starts-title">{t('starts.title')}</h2>
      {starts.length === 0 && <p className="note">{t('starts.none')}</p>}
      <ol className="start-list">
        {starts.map((start) => (
          <li key={`${start.job} ${start.started_at_ms}`}>
            <span className="start-head">
              <JobLink job={start.job}>
                {start.job} {start.name}
              </JobLink>
              <span className="dim">
                <Moment atMs={start.started_at_ms} clockOnly />
              </span>
            </span>
            <span className="start-cause">{t(`starts.${start.cause}`)}</span>
            <span className="dim">
              {start.account} ·{' '}
              {t('starts.place', { pool: start.pool, accelerators: measures.count(start.accelerators) })} ·{' '}
              {t('starts.waited', { duration: measures.duration(start.wait_ms) })}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
