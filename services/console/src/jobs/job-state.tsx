// A state by shape and word, never by colour alone.

import type { Job } from '@dure/contract'
import { useTranslation } from 'react-i18next'

const shapes: Readonly<Record<Job['state'], string>> = {
  accepted: 'M8 3.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 1 0 0-9.6M8 5.6v2.8h2.4',
  PENDING: 'M4 2.5h8L8 8l4 5.5H4L8 8Z',
  RUNNING: 'M4.5 2.5v11l8.5-5.5Z',
  COMPLETED: 'M2.5 8.5l3.5 3.5 7.5-8',
  FAILED: 'M3.5 3.5l9 9m0-9l-9 9',
  CANCELLED: 'M2.5 8h11',
  TIMEOUT: 'M8 2v6l4 3.5',
  NODE_FAIL: 'M8 2.5v7m0 2.6v1.6',
}

export function JobState({ state }: { readonly state: Job['state'] }) {
  const { t } = useTranslation()
  return (
    <span className={`job-state state-${state}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={shapes[state]} />
      </svg>
      {t(`state.${state}`)}
    </span>
  )
}
