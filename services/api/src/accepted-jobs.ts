// Jobs that were answered 202 and that no commit has taken up yet. What is told of them comes from the intake, where it
// was stored before the answer; this process keeps its own at hand for lists and counts.

import { CommandSchema, type CommitEvent, commandIdOf } from '@dure/contract'
import type { SubmitCommand } from '@dure/core'
import type { Intake, ReadModel } from '@dure/engine'

/** After a restart, so many of the newest numbers are looked up. */
const RECOVERED_MAX = 10_000
const KEPT_MAX = 200_000

export interface AcceptedJobs {
  readonly size: number
  /** No more can be kept at hand: whoever takes in further ones can neither list nor count them. */
  readonly isFull: boolean
  add(command: SubmitCommand): void
  /** From here, or from the store for jobs accepted by another process. */
  find(job: number): Promise<SubmitCommand | undefined>
  /** Newest first, below `before`. */
  list(before?: number): SubmitCommand[]
  /** Looks up what an earlier process accepted. The read model has caught up by then. */
  recover(): Promise<void>
}

/** `failed` hears when the store could not be told that jobs are in the ledger; their records then go by themselves. */
export function acceptedJobs(intake: Intake, model: ReadModel, failed: (error: unknown) => void): AcceptedJobs {
  const kept = new Map<number, SubmitCommand>()

  function add(command: SubmitCommand): void {
    // The commit may have been quicker than the answer.
    if (model.jobs.get(command.job) !== undefined || kept.size >= KEPT_MAX) return
    kept.set(command.job, command)
  }

  async function stored(job: number): Promise<SubmitCommand | undefined> {
    const read = CommandSchema.safeParse(await intake.accepted(job))
    // The record was stored before its number was known.
    return read.success && read.data.type === 'submit' ? { ...read.data, job } : undefined
  }

  function letGo({ changes }: CommitEvent): void {
    if (kept.size === 0) return
    const folded: number[] = []
    for (const change of changes) {
      // A command that nobody could carry out ends as rejected under its own id.
      const job = change.type === 'job' ? change.job : change.type === 'rejected' ? numberIn(change.command) : undefined
      if (job !== undefined && kept.delete(job)) folded.push(job)
    }
    if (folded.length > 0) intake.folded(folded).catch(failed)
  }
  model.subscribe(letGo)

  return {
    get size() {
      return kept.size
    },
    get isFull() {
      return kept.size >= KEPT_MAX
    },
    add,
    find: async (job) => kept.get(job) ?? (await stored(job)),
    list: (before = Number.POSITIVE_INFINITY) =>
      [...kept.values()].filter(({ job }) => job < before).sort((a, b) => b.job - a.job),
    recover: async () => {
      const last = await intake.last()
      const newest = model.jobs.list({}, 1)[0]?.id ?? 0
      const jobs: number[] = []
      for (let job = Math.max(newest, last - RECOVERED_MAX) + 1; job <= last; job++) jobs.push(job)
      for (const command of await Promise.all(jobs.map(stored))) if (command !== undefined) add(command)
    },
  }
}

function numberIn(commandId: string): number | undefined {
  const seq = Number(commandId.slice(1))
  return Number.isSafeInteger(seq) && commandId === commandIdOf(seq) ? seq : undefined
}
