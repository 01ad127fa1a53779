// Cancel, hold and release: each asks first, says what it means, and is only there for whom the center would let do it.

import { type Job, JobActAccepted, type Me } from '@dure/contract'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { detailOf, send } from '../center/answer.ts'
import { useLiveView } from '../live/live-center.ts'
import { useMeasures } from '../words/measures.ts'

type Act = 'cancel' | 'hold' | 'release'

const words = {
  cancel: { ask: 'act.cancelAsk', tells: 'act.cancelTells', yes: 'act.yesCancel' },
  hold: { ask: 'act.holdAsk', tells: 'act.holdTells', yes: 'act.yesHold' },
  release: { ask: 'act.releaseAsk', tells: 'act.releaseTells', yes: 'act.yesRelease' },
} as const

const mayForEverybody = (me: Me): boolean => me.role === 'operator' || me.role === 'administrator'

/** What this person may do with this job as it stands; the center has the last word. */
export function actsOn(job: Pick<Job, 'state' | 'user' | 'account' | 'held_by'>, me: Me): readonly Act[] {
  if (me.role === 'auditor') return []
  if (!mayForEverybody(me) && job.user !== me.user) return []
  switch (job.state) {
    case 'accepted':
    case 'RUNNING':
      return ['cancel']
    case 'PENDING':
      if (job.held_by === null) return ['hold', 'cancel']
      return job.held_by === 'user' || mayForEverybody(me) ? ['release', 'cancel'] : ['cancel']
    default:
      return []
  }
}

type Outcome = { readonly kind: 'none' | 'sending' } | { readonly kind: 'done' | 'failed'; readonly text: string }

export function JobActs({ job, me }: { readonly job: Job; readonly me: Me }) {
  const { t } = useTranslation()
  const [asked, setAsked] = useState<Act | null>(null)
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' })
  const { language } = useMeasures()
  const { overview } = useLiveView()
  const dialog = useRef<HTMLDialogElement>(null)
  const acts = actsOn(job, me)

  useEffect(() => {
    if (asked !== null) dialog.current?.showModal()
  }, [asked])

  async function carryOut(act: Act): Promise<void> {
    dialog.current?.close()
    setOutcome({ kind: 'sending' })
    const answer =
      act === 'cancel'
        ? await send(`/v1/jobs/${job.id}`, JobActAccepted, language, { method: 'DELETE' })
        : await send(`/v1/jobs/${job.id}/${act}`, JobActAccepted, language, { method: 'POST' })
    if (answer.kind === 'ok') return setOutcome({ kind: 'done', text: t('act.accepted', { job: job.id }) })
    const whatToDo = answer.kind === 'problem' ? answer.problem.what_to_do : ''
    const detail = detailOf(answer, t('trouble.unreachable'))
    setOutcome({ kind: 'failed', text: t('act.failed', { job: job.id, detail, whatToDo }) })
  }

  return (
    <div className="acts">
      {acts.length > 0 && (
        <fieldset className="act-buttons" disabled={overview === null || outcome.kind === 'sending'}>
          <legend className="for-ears">{t('act.label', { job: job.id })}</legend>
          {acts.map((act) => (
            <button key={act} type="button" className={act === 'cancel' ? 'danger' : ''} onClick={() => setAsked(act)}>
              {t(`act.${act}`)}
            </button>
          ))}
        </fieldset>
      )}
      <p role="status" className={outcome.kind === 'failed' ? 'wrong' : 'note'}>
        {outcome.kind === 'sending' && t('act.sending')}
        {(outcome.kind === 'done' || outcome.kind === 'failed') && outcome.text}
      </p>
      {asked !== null && (
        <dialog ref={dialog} aria-labelledby={`ask-${job.id}`} onClose={() => setAsked(null)}>
          <p id={`ask-${job.id}`} className="ask">
            {t(words[asked].ask, { job: job.id, name: job.name })}
          </p>
          <p>{t(words[asked].tells)}</p>
          <div className="dialog-buttons">
            <button type="button" onClick={() => dialog.current?.close()}>
              {t('act.no')}
            </button>
            <button
              type="button"
              className={asked === 'cancel' ? 'danger' : 'primary'}
              onClick={() => void carryOut(asked)}
            >
              {t(words[asked].yes)}
            </button>
          </div>
        </dialog>
      )}
    </div>
  )
}
