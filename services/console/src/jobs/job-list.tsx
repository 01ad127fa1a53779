// The jobs, a page at a time, newest first; every row opens to all that is known of its job.

import type { Job } from '@dure/contract'
import { Fragment, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { detailOf } from '../center/answer.ts'
import { useMeasures } from '../words/measures.ts'
import { useAddress } from './address.ts'
import { JobDetails } from './job-details.tsx'
import { JobFilter } from './job-filter.tsx'
import { useJobPage } from './job-readings.ts'
import { JobState } from './job-state.tsx'
import { ReasonWords } from './reason-words.tsx'

const COLUMNS = 5

function Where({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  const [first = '', ...others] = job.pools
  const pool = job.pool ?? (others.length === 0 ? first : t('jobs.anyPool', { pool: first, count: others.length }))
  return (
    <>
      {pool}
      <br />
      <span className="dim">
        {t('jobs.size', {
          nodes: measures.count(job.nodes),
          accelerators: measures.count(job.accelerators_per_node),
        })}
      </span>
    </>
  )
}

function Time({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  if (job.state === 'PENDING' || job.state === 'accepted') {
    return <>{job.wait_ms !== null && t('jobs.waiting', { duration: measures.duration(job.wait_ms) })}</>
  }
  return (
    <>
      {job.started_at_ms !== null && job.ended_at_ms !== null && (
        <>
          {t('jobs.ran', { duration: measures.duration(job.ended_at_ms - job.started_at_ms) })}
          <br />
        </>
      )}
      {job.wait_ms !== null && (
        <span className="dim">{t('jobs.waited', { duration: measures.duration(job.wait_ms) })}</span>
      )}
    </>
  )
}

function Row({ job, open, toggle }: { readonly job: Job; readonly open: boolean; readonly toggle: () => void }) {
  const { t } = useTranslation()
  const waits = job.state === 'PENDING'
  const saysReason = waits || (job.state === 'FAILED' && job.reason !== null)
  return (
    <Fragment>
      <tr className={open ? 'is-open' : ''}>
        <th scope="row">
          <button
            type="button"
            className="row-toggle"
            aria-expanded={open}
            aria-controls={`job-${job.id}`}
            aria-label={t(open ? 'jobs.close' : 'jobs.open', { job: job.id })}
            onClick={toggle}
          >
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M5.5 3l5 5-5 5" />
            </svg>
            <span>{job.id}</span>
          </button>
          <span className="job-name">{job.name}</span>
        </th>
        <td>
          <JobState state={job.state} />
          {saysReason && (
            <button type="button" className="row-reason" onClick={toggle}>
              <ReasonWords reason={job.reason ?? 'unknown'} />
            </button>
          )}
        </td>
        <td className="not-narrow">
          <Where job={job} />
        </td>
        <td className="not-narrow">
          {job.account}
          <br />
          <span className="dim">{job.user}</span>
        </td>
        <td>
          <Time job={job} />
        </td>
      </tr>
      {open && (
        <tr id={`job-${job.id}`} className="row-details">
          <td colSpan={COLUMNS}>
            <JobDetails job={job} />
          </td>
        </tr>
      )}
    </Fragment>
  )
}

export function JobList({ pools }: { readonly pools: readonly string[] }) {
  const { t } = useTranslation()
  const { language } = useMeasures()
  const filter = useAddress()
  /** Cursors of the pages before this one and of this one; the first page has none. */
  const [cursors, setCursors] = useState<readonly string[]>([])
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set())
  // A cursor is of one filter, so another filter starts over.
  useEffect(() => setCursors([]), [filter.state, filter.user, filter.pool])
  const { answer, again } = useJobPage(filter, cursors.at(-1) ?? null, language)
  const filtered = filter.state !== 'all' || filter.user !== '' || filter.pool !== ''
  const page = answer?.kind === 'ok' ? answer.value : null

  function toggle(job: number): void {
    const next = new Set(opened)
    if (!next.delete(job)) next.add(job)
    setOpened(next)
  }

  return (
    <section className="card jobs" id="jobs" aria-labelledby="jobs-title">
      <h2 id="jobs-title">{t('jobs.title')}</h2>
      <JobFilter filter={filter} pools={pools} />
      {answer === null && <p className="note">{t('jobs.loading')}</p>}
      {answer !== null && answer.kind !== 'ok' && (
        <p className="wrong" role="alert">
          {t('jobs.failed', { detail: detailOf(answer, t('trouble.unreachable')) })}{' '}
          <button type="button" onClick={again}>
            {t('jobs.retry')}
          </button>
        </p>
      )}
      {page?.jobs.length === 0 && <p className="note">{t('jobs.none')}</p>}
      {page !== null && page.jobs.length > 0 && (
        <table className="job-table">
          <caption>{t(filtered ? 'jobs.tableFiltered' : 'jobs.table')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('jobs.job')}</th>
              <th scope="col">{t('jobs.state')}</th>
              <th scope="col" className="not-narrow">
                {t('jobs.where')}
              </th>
              <th scope="col" className="not-narrow">
                {t('jobs.who')}
              </th>
              <th scope="col">{t('jobs.time')}</th>
            </tr>
          </thead>
          <tbody>
            {page.jobs.map((job) => (
              <Row key={job.id} job={job} open={opened.has(job.id)} toggle={() => toggle(job.id)} />
            ))}
          </tbody>
        </table>
      )}
      <nav className="pages" aria-label={t('jobs.pages')}>
        <button type="button" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
          {t('jobs.previous')}
        </button>
        <span>{t('jobs.page', { page: cursors.length + 1 })}</span>
        <button
          type="button"
          disabled={page === null || page.next === null}
          onClick={() => page?.next && setCursors([...cursors, page.next])}
        >
          {t('jobs.next')}
        </button>
      </nav>
    </section>
  )
}
