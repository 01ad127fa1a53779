// A machine to draw a fitted model on: as many counted processors as are given, and users as the log had them.

import type { CenterConfig, Policy } from '@dure/core'
import type { WorkloadModel } from './workload-model.ts'

/** One account a group of users, one share each, dealt out in turn: a model knows how many there were, not who. */
export function fittedCenter({ name, users }: WorkloadModel, processors: number, policy: Policy): CenterConfig {
  const { users: people, accounts } = users.seen ?? { users: 1, accounts: 1 }
  const account = (i: number): string => `group${i % Math.min(accounts, people)}`
  return {
    name,
    pools: [{ name: 'processors', kind: 'cpu', processors }],
    accounts: Array.from({ length: Math.min(accounts, people) }, (_, i) => ({
      name: account(i),
      parent: null,
      shares: 1,
    })),
    associations: Array.from({ length: people }, (_, i) => ({ account: account(i), user: `user${i}`, shares: 1 })),
    policy,
  }
}
