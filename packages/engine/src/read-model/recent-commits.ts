// The latest commits as people see them, for readers of the event stream that come back after a short absence. What was
// seen last is not here any more for those who stayed away longer: they start over from a snapshot.

import type { CommitEvent } from '@dure/contract'

export interface RecentCommits {
  push(commit: CommitEvent): void
  /** Every kept commit after `revision`, the oldest first; undefined where some of them are gone. */
  after(revision: number): readonly CommitEvent[] | undefined
}

export interface RecentCommitsBounds {
  readonly commitsMax: number
  /** Over all kept commits: one commit may carry thousands. */
  readonly changesMax: number
}

/** `floor`: the revision before the first commit that will be pushed. */
export function recentCommits({ commitsMax, changesMax }: RecentCommitsBounds, floor: number): RecentCommits {
  let commits: CommitEvent[] = []
  let from = 0
  let changes = 0
  /** Nothing after this revision is missing. */
  let complete = floor

  return {
    push: (commit) => {
      commits.push(commit)
      changes += commit.changes.length
      while (commits.length - from > commitsMax || (changes > changesMax && commits.length - from > 1)) {
        const oldest = commits[from++]!
        changes -= oldest.changes.length
        complete = oldest.revision
      }
      if (from > commitsMax) {
        commits = commits.slice(from)
        from = 0
      }
    },
    after: (revision) => {
      if (revision < complete) return undefined
      let first = commits.length
      while (first > from && commits[first - 1]!.revision > revision) first--
      return commits.slice(first)
    },
  }
}
