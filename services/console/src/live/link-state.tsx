// Whether what is on the page can be trusted right now, said honestly: by a shape and a word, and a sentence below.

import { useTranslation } from 'react-i18next'
import { useMeasures } from '../words/measures.ts'
import { Announcer } from './announcer.tsx'
import { type LiveView, useLiveCenter, useLiveView } from './live-center.ts'

type Standing = 'connecting' | 'live' | 'reconnecting' | 'leaderGone' | 'behind' | 'paused'

/** A lag that is more than the time of a few passes. */
const BEHIND_MS = 10_000

export function standingOf({ link, paused, overview }: Pick<LiveView, 'link' | 'paused' | 'overview'>): Standing {
  if (link === 'reconnecting') return 'reconnecting'
  if (link !== 'live' || overview === null) return 'connecting'
  if (paused) return 'paused'
  if (overview.leader.owner === null) return 'leaderGone'
  return overview.leader.lag_ms > BEHIND_MS ? 'behind' : 'live'
}

function Shape({ standing }: { readonly standing: Standing }) {
  return (
    <svg className={`link-shape link-${standing}`} viewBox="0 0 16 16" aria-hidden="true">
      {standing === 'live' && <circle cx="8" cy="8" r="6" />}
      {(standing === 'connecting' || standing === 'reconnecting') && <circle className="open" cx="8" cy="8" r="5.5" />}
      {(standing === 'leaderGone' || standing === 'behind') && <path d="M8 1.5 15 14.5H1Z" />}
      {standing === 'paused' && <path d="M3.5 2h3v12h-3zM9.5 2h3v12h-3z" />}
    </svg>
  )
}

export function LinkState() {
  const { t } = useTranslation()
  const measures = useMeasures()
  const live = useLiveCenter()
  const view = useLiveView()
  const standing = standingOf(view)
  const word = t(`link.${standing}`)
  const detail = t(`link.${standing}Detail`, {
    duration: measures.duration(view.overview?.leader.lag_ms ?? 0),
    time: view.overview === null ? '' : measures.time(view.overview.at_ms),
  })
  return (
    <>
      <p className="link-state">
        <Shape standing={standing} />
        <span className="for-ears">{t('link.label')}: </span>
        <strong>{word}</strong>
      </p>
      <button type="button" aria-pressed={view.paused} onClick={() => live.pause(!view.paused)}>
        {view.paused ? t('link.resume') : t('link.pause')}
      </button>
      {standing !== 'live' && <p className="link-detail">{detail}</p>}
      <Announcer message={standing === 'live' ? word : `${word}. ${detail}`} />
    </>
  )
}
