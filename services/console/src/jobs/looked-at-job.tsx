// The job the address names: from a link, a search by number, or a submit just made.

import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { detailOf } from '../center/answer.ts'
import { useMeasures } from '../words/measures.ts'
import { goTo, useAddress } from './address.ts'
import { JobDetails } from './job-details.tsx'
import { useJob } from './job-readings.ts'
import { JobState } from './job-state.tsx'

function JobCard({ id }: { readonly id: number }) {
  const { t } = useTranslation()
  const { language } = useMeasures()
  const { answer, again } = useJob(id, language)
  const heading = useRef<HTMLHeadingElement>(null)
  // Whoever follows a link to a job is taken to it, also without a mouse or a screen.
  useEffect(() => {
    heading.current?.focus()
    heading.current?.scrollIntoView({ block: 'start' })
  }, [])
  return (
    <section className="card looked-at" aria-labelledby="looked-at-title">
      <div className="figure-head">
        <h2 id="looked-at-title" ref={heading} tabIndex={-1}>
          {t('job.title', { job: id })} {answer?.kind === 'ok' && <JobState state={answer.value.state} />}
        </h2>
        <button type="button" className="quiet" onClick={() => goTo({ job: null })}>
          {t('job.close')}
        </button>
      </div>
      {answer === null && <p className="note">{t('jobs.loading')}</p>}
      {answer?.kind === 'ok' && <JobDetails job={answer.value} />}
      {answer !== null && answer.kind !== 'ok' && (
        <p className="wrong" role="alert">
          {t('job.notFound', { job: id, detail: detailOf(answer, t('trouble.unreachable')) })}{' '}
          <button type="button" onClick={again}>
            {t('job.reload')}
          </button>
        </p>
      )}
    </section>
  )
}

export function LookedAtJob() {
  const { job } = useAddress()
  return job === null ? null : <JobCard key={job} id={job} />
}
