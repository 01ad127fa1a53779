// All there is to say of one job, and for a waiting one first why it waits and what would help.

import { formatMemory, type Job } from '@dure/contract'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { detailOf } from '../center/answer.ts'
import { useLiveView } from '../live/live-center.ts'
import { useMeasures } from '../words/measures.ts'
import { Moment } from '../words/moment.tsx'
import { JobActs } from './job-acts.tsx'
import { useExplain } from './job-readings.ts'
import { ReasonWords } from './reason-words.tsx'

const NODES_SHOWN_MAX = 12

function Why({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  const { language } = measures
  const { answer, again } = useExplain(job, language)
  if (job.state !== 'PENDING' && job.state !== 'accepted') return null
  return (
    <div className="why">
      <h3>{t('job.why')}</h3>
      {answer === null && <p className="note">{t('job.reading')}</p>}
      {answer !== null && answer.kind !== 'ok' && (
        <p className="wrong">{t('job.notRead', { detail: detailOf(answer, t('trouble.unreachable')) })}</p>
      )}
      {answer?.kind === 'ok' && (
        <>
          {answer.value.reasons.length === 0 && <p>{answer.value.summary[language]}</p>}
          <ol className="reasons">
            {answer.value.reasons.map((reason, index) => (
              // Two reasons of one code differ by pool only, and their order is the center's.
              <li key={`${reason.code} ${reason.numbers.pool ?? index}`}>
                <p>
                  {reason.sentence[language]} <code>{reason.code}</code>
                </p>
                <p className="way-out">
                  <strong>{t('job.wayOut')}</strong> {reason.way_out[language]}
                </p>
              </li>
            ))}
          </ol>
          <p className="note">
            {t('job.asOf', {
              revision: measures.count(answer.value.revision),
              time: measures.time(answer.value.at_ms),
            })}{' '}
            <button type="button" className="quiet" onClick={again}>
              {t('job.again')}
            </button>
          </p>
        </>
      )}
    </div>
  )
}

export function JobDetails({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  const { me } = useLiveView()
  const moment = (atMs: number | null): ReactNode => atMs !== null && <Moment atMs={atMs} />
  const nodes = job.placement.map(({ node }) => node)
  const rows: readonly (readonly [label: string, value: ReactNode])[] = [
    [t('job.name'), job.name],
    [t('job.account'), job.account],
    [t('job.user'), job.user],
    [t('job.reason'), job.reason !== null && <ReasonWords reason={job.reason} />],
    [t('job.pool'), job.pool],
    [t('job.speed'), job.speeds !== null && job.speed !== null && `× ${job.speed}`],
    [t('job.pools'), job.pool === null && job.pools.join(', ')],
    [
      t('job.size'),
      t('job.sizeText', {
        nodes: measures.count(job.nodes),
        accelerators: measures.count(job.accelerators_per_node),
      }),
    ],
    [t('job.cpus'), job.cpus_per_node !== null && measures.count(job.cpus_per_node)],
    [t('job.memory'), job.memory_mib_per_node !== null && formatMemory(job.memory_mib_per_node)],
    [t('job.limit'), measures.duration(job.time_limit_ms)],
    [t('job.submitted'), moment(job.submitted_at_ms)],
    [t('job.promised'), moment(job.promised_start_at_ms)],
    [t('job.started'), moment(job.started_at_ms)],
    [t('job.ended'), moment(job.ended_at_ms)],
    [t('job.wait'), job.wait_ms !== null && measures.duration(job.wait_ms)],
    [t('job.cause'), job.start_cause !== null && t(`starts.${job.start_cause}`)],
    [t('job.attempt'), job.attempt > 1 && measures.count(job.attempt)],
    [t('job.exit'), job.exit_code !== null && measures.count(job.exit_code)],
    [
      t('job.nodes'),
      nodes.length > 0 && (
        <>
          {nodes.slice(0, NODES_SHOWN_MAX).join(', ')}
          {nodes.length > NODES_SHOWN_MAX && ` ${t('job.moreNodes', { count: nodes.length - NODES_SHOWN_MAX })}`}
        </>
      ),
    ],
    [t('job.comment'), job.comment],
  ]
  return (
    <div className="job-details">
      <Why job={job} />
      {me !== null && <JobActs job={job} me={me} />}
      <dl className="facts">
        {rows.map(
          ([label, value]) =>
            value !== null &&
            value !== false &&
            value !== '' && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </div>
  )
}
