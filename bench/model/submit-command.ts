// Jobs of a demand as commands: what somebody would have to send for the center to be asked for the same.

import { writeLabel } from '@dure/contract'
import type { CenterConfig, SubmitCommand } from '@dure/core'
import type { Demand } from '@dure/sim'

/** The `i`-th job of the demand under a number of its own, with what is put in place of the demand's. */
export function submitCommand(
  { associations }: CenterConfig,
  demand: Demand,
  i: number,
  changed: Partial<SubmitCommand> & Pick<SubmitCommand, 'job'>,
): SubmitCommand {
  const { account, user } = associations[demand.association[i]!]!
  return {
    type: 'submit',
    account,
    user,
    request: demand.requests[demand.request[i]!]!,
    timeLimitMs: demand.limitMs[i]!,
    held: null,
    label: '',
    ...changed,
  }
}

/** What an executor reads off a job: how long to run it, and that it ends well. */
export const runLabel = (job: number, runMs: number): string =>
  writeLabel({ name: `bench-${job}`, run_time_ms: runMs, exit_code: 0 })
