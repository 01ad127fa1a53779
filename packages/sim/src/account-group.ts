// Accounts that are looked at as one, such as a sector of the economy.

import type { CenterConfig } from '@dure/core'

export interface AccountGroup {
  readonly name: string
  /** Each with all below it. */
  readonly accounts: readonly string[]
}

/** Indices of the associations whose account is one of the group's or below one. */
export function associationsOf({ name: center, accounts, associations }: CenterConfig, group: AccountGroup): number[] {
  const within = new Set(group.accounts)
  // Parents are listed first.
  for (const { name, parent } of accounts) if (parent !== null && within.has(parent)) within.add(name)
  const unknown = group.accounts.find((name) => accounts.every((account) => account.name !== name))
  if (unknown !== undefined) throw new RangeError(`group ${group.name}: center ${center} has no account ${unknown}`)
  return associations.flatMap(({ account }, i) => (within.has(account) ? [i] : []))
}
