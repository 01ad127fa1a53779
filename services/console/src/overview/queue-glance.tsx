// How much waits and for how long: the figures one reads from across the room.

import type { Overview } from '@dure/contract'
import { useTranslation } from 'react-i18next'
import { JobLink } from '../jobs/job-link.tsx'
import { useMeasures } from '../words/measures.ts'

export function QueueGlance({ overview: { queue, rates, totals } }: { readonly overview: Overview }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  const rows = [
    ['submitted', rates.submitted_per_min],
    ['started', rates.started_per_min],
    ['ended', rates.ended_per_min],
  ] as const
  const sums = [
    ['completed', totals.completed],
    ['failed', totals.failed],
    ['cancelled', totals.cancelled],
    ['timedOut', totals.timed_out],
    ['nodeFailed', totals.node_failed],
    ['refused', totals.refused],
  ] as const
  return (
    <section className="card queue" aria-labelledby="queue-title">
      <h2 id="queue-title">{t('queue.title')}</h2>
      <dl className="figures">
        <div className="big">
          <dt>{t('queue.waiting')}</dt>
          <dd>{measures.count(queue.pending)}</dd>
        </div>
        <div className="big">
          <dt>{t('queue.running')}</dt>
          <dd>{measures.count(queue.running)}</dd>
        </div>
        <div>
          <dt>{t('queue.held')}</dt>
          <dd>{measures.count(queue.held)}</dd>
        </div>
        <div>
          <dt>{t('queue.accepted')}</dt>
          <dd>{measures.count(queue.accepted)}</dd>
        </div>
        <div className="wide">
          <dt>{t('queue.oldest')}</dt>
          <dd>
            {queue.oldest_wait_ms === null ? (
              t('queue.oldestNone')
            ) : (
              <>
                {measures.duration(queue.oldest_wait_ms)}{' '}
                {queue.oldest_job !== null && (
                  <small>
                    <JobLink job={queue.oldest_job}>{t('queue.oldestJob', { job: queue.oldest_job })}</JobLink>
                  </small>
                )}
              </>
            )}
          </dd>
        </div>
      </dl>
      <div className="tallies">
        <div>
          <h3>{t('queue.rates')}</h3>
          <dl>
            {rows.map(([name, count]) => (
              <div key={name}>
                <dt>{t(`queue.${name}`)}</dt>
                <dd>{measures.count(count)}</dd>
              </div>
            ))}
          </dl>
        </div>
        <div>
          <h3>{t('queue.totals')}</h3>
          <dl>
            {sums.map(([name, count]) => (
              <div key={name}>
                <dt>{t(`queue.${name}`)}</dt>
                <dd>{measures.count(count)}</dd>
              </div>
            ))}
          </dl>
        </div>
      </div>
    </section>
  )
}
