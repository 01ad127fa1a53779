// A list of jobs kept up by commits, between two readings of it.

import type { CommitEvent, Job } from '@dure/contract'

/**
 * The jobs as a commit leaves them; the very same array where it touches none of them.
 * Times and placement come with the next reading: a commit does not carry them.
 */
export function withCommit(jobs: readonly Job[], { revision, changes }: CommitEvent): readonly Job[] {
  const changeOf = new Map(changes.flatMap((change) => (change.type === 'job' ? [[change.job, change] as const] : [])))
  if (!jobs.some(({ id }) => changeOf.has(id))) return jobs
  return jobs.map((job) => {
    const change = changeOf.get(job.id)
    if (change === undefined || job.revision >= revision) return job
    const { state, pool, attempt, held_by, start_cause, reason } = change
    return { ...job, state, pool, attempt, held_by, start_cause, reason, revision }
  })
}
