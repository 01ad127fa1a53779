// Which part of the whole center each entry of the share tree is promised: the product of its parts of siblings up to the
// root. An account with shares `parent` stands aside and its members count among its own siblings.

import type { AccountConfig, AssociationConfig, CenterConfig } from '@dure/core'

export interface ShareParts {
  /** Null for an account with shares `parent`. */
  ofAccount(account: string): number | null
  ofUser(account: string, user: string): number | null
  depthOf(account: string): number
}

type Entry = { readonly account: AccountConfig } | { readonly association: AssociationConfig }

export function shareParts({ accounts, associations }: CenterConfig): ShareParts {
  const below = new Map<string | null, Entry[]>([[null, []]])
  for (const account of accounts) below.set(account.name, [])
  for (const account of accounts) below.get(account.parent)?.push({ account })
  for (const association of associations) below.get(association.account)?.push({ association })

  /** The entries that compete below an account, members of `parent` accounts among them. */
  const competing = (parent: string | null): Entry[] =>
    (below.get(parent) ?? []).flatMap((entry) =>
      'account' in entry && entry.account.shares === 'parent' ? competing(entry.account.name) : [entry],
    )

  const partOfAccount = new Map<string, number>()
  const partOfUser = new Map<string, Map<string, number>>()
  const divide = (parent: string | null, part: number): void => {
    const entries = competing(parent)
    const sharesOf = (entry: Entry): number => {
      const { shares } = 'account' in entry ? entry.account : entry.association
      return shares === 'parent' ? 0 : shares
    }
    const total = entries.reduce((sum, entry) => sum + sharesOf(entry), 0)
    for (const entry of entries) {
      const mine = total === 0 ? 0 : (part * sharesOf(entry)) / total
      if ('account' in entry) {
        partOfAccount.set(entry.account.name, mine)
        divide(entry.account.name, mine)
      } else if (entry.association.shares !== 'parent') {
        const { account, user } = entry.association
        const users = partOfUser.get(account) ?? new Map<string, number>()
        partOfUser.set(account, users.set(user, mine))
      }
    }
  }
  divide(null, 1)

  const parents = new Map(accounts.map(({ name, parent }) => [name, parent]))
  const depthOf = (account: string): number => {
    const parent = parents.get(account) ?? null
    return parent === null ? 0 : depthOf(parent) + 1
  }
  return {
    ofAccount: (account) => partOfAccount.get(account) ?? null,
    ofUser: (account, user) => partOfUser.get(account)?.get(user) ?? null,
    depthOf,
  }
}
