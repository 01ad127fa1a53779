// Jobs read from the center and read again when they may have changed, but not more often than a reader could notice.

import { Explain, Job, JobList, type Language } from '@dure/contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Answer, read } from '../center/answer.ts'
import { useLiveCenter, useLiveView } from '../live/live-center.ts'
import { type JobFilter, stateGroups } from './address.ts'
import { withCommit } from './changed-jobs.ts'

const JOBS_ON_A_PAGE = 20
const REREAD_MS = 2_000

/** Runs `act` at once, and later calls at most once in `REREAD_MS`, the last of them surely. */
function useSparingly(act: () => void): () => void {
  const newest = useRef(act)
  newest.current = act
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const lastMs = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => () => clearTimeout(timer.current), [])
  return useCallback(() => {
    if (timer.current !== undefined) return
    timer.current = setTimeout(
      () => {
        timer.current = undefined
        lastMs.current = performance.now()
        newest.current()
      },
      Math.max(0, lastMs.current + REREAD_MS - performance.now()),
    )
  }, [])
}

interface Reading<T> {
  /** Of the newest reading that answered; null before the first. */
  readonly answer: Answer<T> | null
  readonly again: () => void
}

/** Reads whenever `key` changes, and once more after events were missed; an answer that comes late for its key is dropped. */
function useReading<T>(
  key: string | null,
  ask: () => Promise<Answer<T>>,
  adopt?: (answer: Answer<T>) => void,
): Reading<T> {
  const { gaps, paused } = useLiveView()
  const [{ of, answer }, setReading] = useState<{ of: string | null; answer: Answer<T> | null }>({
    of: null,
    answer: null,
  })
  const current = useRef(key)
  current.current = key
  const newest = useRef({ ask, adopt })
  newest.current = { ask, adopt }
  const again = useCallback(async () => {
    const askedFor = current.current
    if (askedFor === null) return
    const found = await newest.current.ask()
    if (current.current !== askedFor) return
    newest.current.adopt?.(found)
    setReading({ of: askedFor, answer: found })
  }, [])
  // A new key or a gap is the reason to read, not an input of it.
  useEffect(() => {
    if (!paused || of !== key) void again()
  }, [key, gaps, again])
  return { answer: of === key ? answer : null, again }
}

export interface JobPage {
  readonly answer: Answer<{ readonly jobs: readonly Job[]; readonly next: string | null }> | null
  readonly again: () => void
}

function queryOf({ state, user, pool }: JobFilter, cursor: string | null): string {
  const query = new URLSearchParams({ limit: String(JOBS_ON_A_PAGE) })
  if (state !== 'all') query.set('state', stateGroups[state].join(','))
  if (user !== '') query.set('user', user)
  if (pool !== '') query.set('pool', pool)
  if (cursor !== null) query.set('cursor', cursor)
  return query.toString()
}

/** One page of the list. Commits show in it at once and are followed by a reading, which also brings what is new. */
export function useJobPage(filter: JobFilter, cursor: string | null, language: Language): JobPage {
  const live = useLiveCenter()
  const query = queryOf(filter, cursor)
  const [patched, setPatched] = useState<{ readonly of: JobList; readonly jobs: readonly Job[] } | null>(null)
  const { answer, again } = useReading(query, () => read(`/v1/jobs?${query}`, JobList, language))
  const list = answer?.kind === 'ok' ? answer.value : null
  const jobs = list === null ? [] : patched?.of === list ? patched.jobs : list.items
  const shown = useRef({ list, jobs })
  shown.current = { list, jobs }
  const againSoon = useSparingly(again)
  useEffect(
    () =>
      live.onCommit((commit) => {
        const { list, jobs } = shown.current
        if (list !== null) {
          const next = withCommit(jobs, commit)
          shown.current = { list, jobs: next }
          if (next !== jobs) setPatched({ of: list, jobs: next })
        }
        if (commit.changes.some(({ type }) => type === 'job')) againSoon()
      }),
    [live, againSoon],
  )
  if (list === null) return { answer: answer?.kind === 'ok' ? null : answer, again }
  return { answer: { kind: 'ok', value: { jobs, next: list.next_cursor } }, again }
}

/** One job, read again after every commit that touches it. */
export function useJob(id: number, language: Language): Reading<Job> {
  const live = useLiveCenter()
  const reading = useReading(String(id), () => read(`/v1/jobs/${id}`, Job, language))
  const againSoon = useSparingly(reading.again)
  useEffect(
    () =>
      live.onCommit(({ changes }) => {
        if (changes.some((change) => change.type === 'job' && change.job === id)) againSoon()
      }),
    [live, id, againSoon],
  )
  return reading
}

/** Why a job waits, or null for one that does not. Read when asked for and when the job changes, not with every commit. */
export function useExplain(job: Job, language: Language): Reading<Explain> {
  const waits = job.state === 'PENDING' || job.state === 'accepted'
  const key = waits ? `${job.id} ${job.state} ${job.held_by} ${job.reason}` : null
  return useReading(key, () => read(`/v1/jobs/${job.id}/explain`, Explain, language))
}
