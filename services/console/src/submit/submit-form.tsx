// A job from a form. The schema is asked first, then the center; both say what is wrong at the field it is wrong in.

import { type Finding, JobAccepted, type Me, type Problem } from '@dure/contract'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { send } from '../center/answer.ts'
import { JobLink } from '../jobs/job-link.tsx'
import { useMeasures } from '../words/measures.ts'
import { Field, fieldId } from './field.tsx'
import { checkBody, type Draft, type DraftReading, fieldOfPointer, formFields, readDraft } from './form-fields.ts'

interface SubmitFormProps {
  readonly me: Me
  /** Some of those who use the center, to be helped with where one may submit for others. */
  readonly users: readonly string[]
  readonly pools: readonly string[]
  readonly models: readonly string[]
}

type Outcome =
  | { readonly kind: 'none' | 'sending' | 'unreachable' }
  | { readonly kind: 'invalid'; readonly reading: DraftReading }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'accepted'; readonly job: number }

/** Random enough to be nobody else's; `crypto.randomUUID` is missing where the page is not served over TLS or from this machine. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function draftOf(form: HTMLFormElement): Draft {
  const given = new FormData(form)
  return Object.fromEntries(
    formFields.map(({ name, control }) => {
      if (control === 'list') return [name, given.getAll(name).map(String)]
      if (control === 'flag') return [name, given.has(name)]
      return [name, String(given.get(name) ?? '')]
    }),
  )
}

export function SubmitForm({ me, users, pools, models }: SubmitFormProps) {
  const { t } = useTranslation()
  const { language } = useMeasures()
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' })
  const [moreShown, setMoreShown] = useState(false)
  // Kept until the center has answered: the same job sent again after a broken connection is the same job.
  const attempt = useRef<{ readonly body: string; readonly key: string } | null>(null)
  const summary = useRef<HTMLDivElement>(null)

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    if (outcome.kind === 'sending') return
    const reading = readDraft(draftOf(event.currentTarget))
    if (reading.unreadable.length > 0 || checkBody(reading.body, language).length > 0) {
      return setOutcome({ kind: 'invalid', reading })
    }
    setOutcome({ kind: 'sending' })
    const text = JSON.stringify(reading.body)
    const { key } = attempt.current?.body === text ? attempt.current : { key: newKey() }
    attempt.current = { body: text, key }
    const answer = await send('/v1/jobs', JobAccepted, language, {
      method: 'POST',
      body: reading.body,
      idempotencyKey: key,
    })
    if (answer.kind === 'unreachable') return setOutcome({ kind: 'unreachable' })
    if (answer.kind === 'problem') {
      // A center that broke down may have taken the job; only a refusal is surely none.
      if (answer.problem.status < 500) attempt.current = null
      return setOutcome({ kind: 'refused', problem: answer.problem })
    }
    attempt.current = null
    setOutcome({ kind: 'accepted', job: answer.value.id })
  }

  const findings: readonly Finding[] =
    outcome.kind === 'invalid'
      ? [
          ...outcome.reading.unreadable.map(({ name, why }) => ({
            pointer: `/${name}`,
            code: why,
            detail: t(`submit.${why}`),
          })),
          ...checkBody(outcome.reading.body, language),
        ]
      : outcome.kind === 'refused'
        ? (outcome.problem.errors ?? [])
        : []
  const wrongOf = (name: string): readonly string[] =>
    findings.filter(({ pointer }) => fieldOfPointer(pointer) === name).map(({ detail }) => detail)
  const failed = outcome.kind === 'invalid' || outcome.kind === 'refused' || outcome.kind === 'unreachable'

  useEffect(() => {
    if (outcome.kind === 'invalid' || outcome.kind === 'refused' || outcome.kind === 'unreachable')
      summary.current?.focus()
  }, [outcome])

  const known = (name: string): readonly string[] => {
    if (name === 'pools') return pools
    if (name === 'model') return models
    if (name === 'user') return users
    return name === 'account' ? me.accounts : []
  }
  // Only an administrator submits for others, and often has no account to charge otherwise.
  const shown = formFields
    .filter(({ name }) => name !== 'user' || me.role === 'administrator')
    .map((field) => (field.name === 'user' ? { ...field, front: true } : field))
  const hiddenWrong = shown.some(({ name, front }) => !front && wrongOf(name).length > 0)
  const fieldsIn = (front: boolean) =>
    shown
      .filter((field) => field.front === front)
      .map((field) => <Field key={field.name} field={field} known={known(field.name)} wrong={wrongOf(field.name)} />)

  return (
    <section className="card submit" id="submit" aria-labelledby="submit-title">
      <h2 id="submit-title">{t('submit.title')}</h2>
      {me.role === 'auditor' ? (
        <p className="note">{t('submit.mayNot')}</p>
      ) : (
        <form onSubmit={(event) => void submit(event)} noValidate aria-labelledby="submit-title">
          <p className="summary">
            {t('submit.lead')} {me.accounts.length === 0 && t('submit.noAccount', { user: me.user })}
          </p>
          <div ref={summary} tabIndex={-1} className="outcome" role={failed ? 'alert' : undefined}>
            {outcome.kind === 'invalid' && <p>{t('submit.wrong', { count: findings.length })}</p>}
            {outcome.kind === 'unreachable' && <p>{t('submit.unreachable')}</p>}
            {outcome.kind === 'refused' && (
              <p>
                <strong>{t('submit.failed')}</strong> {outcome.problem.detail} {outcome.problem.what_to_do}{' '}
                <code>{outcome.problem.code}</code>
              </p>
            )}
            {findings.length > 0 && (
              <ul>
                {findings.map(({ pointer, detail }) => {
                  const name = fieldOfPointer(pointer)
                  return (
                    <li key={`${pointer} ${detail}`}>
                      {name === null ? t('submit.whole') : <a href={`#${fieldId(name)}`}>{t(`field.${name}.label`)}</a>}
                      {': '}
                      {detail}
                    </li>
                  )
                })}
              </ul>
            )}
          </div>
          <div className="fields">{fieldsIn(true)}</div>
          <details open={moreShown || hiddenWrong} onToggle={(event) => setMoreShown(event.currentTarget.open)}>
            <summary>{t('submit.more')}</summary>
            <div className="fields">{fieldsIn(false)}</div>
          </details>
          <div className="submit-end">
            <button type="submit" className="primary" aria-disabled={outcome.kind === 'sending'}>
              {t('submit.send')}
            </button>
            <p role="status">
              {outcome.kind === 'sending' && t('submit.sending')}
              {outcome.kind === 'accepted' && (
                <>
                  {t('submit.accepted')}{' '}
                  <JobLink job={outcome.job}>{t('submit.acceptedJob', { job: outcome.job })}</JobLink>
                </>
              )}
            </p>
          </div>
        </form>
      )}
    </section>
  )
}
