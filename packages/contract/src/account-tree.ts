// Who a center serves, as a tree in a YAML file: accounts with their shares, users at any level.

import type { CenterConfig } from '@dure/core'
import { z } from 'zod'
import { Name } from './http/primitive.ts'
import { withParticle } from './korean.ts'
import type { Bilingual } from './language.ts'

const Shares = z.union([z.int().min(0).max(1_000_000_000), z.literal('parent')])

/** A user, plainly by name (one share) or with shares. */
const User = z.union([Name, z.strictObject({ name: Name, shares: Shares.default(1) })])

export interface AccountNode {
  name: string
  shares: number | 'parent'
  /** Under which heading reports count it and what is below it. Default: that of its parent; of a top one, its own name. */
  sector?: string | undefined
  /** Where it is, `capital` or the name of a province. Recorded only, for programmes that will favour some places. */
  region?: string | undefined
  accounts: AccountNode[]
  users: (string | { name: string; shares: number | 'parent' })[]
}

/** An account as it is written: what has a default may be left out. */
export interface AccountInput {
  name: string
  shares?: number | 'parent' | undefined
  sector?: string | undefined
  region?: string | undefined
  accounts?: AccountInput[] | undefined
  users?: (string | { name: string; shares?: number | 'parent' | undefined })[] | undefined
}

export const Account: z.ZodType<AccountNode, AccountInput> = z.strictObject({
  name: Name,
  shares: Shares.default(1),
  sector: Name.optional(),
  region: Name.optional(),
  get accounts() {
    return z.array(Account).default([])
  },
  users: z.array(User).default([]),
})

/** Parents before children, as the core has them. `wrong` is told what no schema sees, with the path from the file on. */
export function flattenedAccounts(
  tree: readonly AccountNode[],
  wrong: (path: readonly PropertyKey[], code: string, detail: Bilingual) => void,
): Pick<CenterConfig, 'accounts' | 'associations'> {
  const accounts: CenterConfig['accounts'][number][] = []
  const associations: CenterConfig['associations'][number][] = []
  const accountNames = new Set(['root'])
  const walk = (nodes: readonly AccountNode[], parent: string | null, path: readonly PropertyKey[]): void => {
    for (const [index, node] of nodes.entries()) {
      const here = [...path, index]
      if (accountNames.has(node.name)) {
        wrong([...here, 'name'], 'duplicate', node.name === 'root' ? rootIsThere : twoAccounts(node.name))
      }
      accountNames.add(node.name)
      accounts.push({ name: node.name, parent, shares: node.shares })
      const users = new Set<string>()
      for (const [position, written] of node.users.entries()) {
        const user = typeof written === 'string' ? { name: written, shares: 1 } : written
        if (users.has(user.name)) wrong([...here, 'users', position], 'duplicate', twiceIn(node.name, user.name))
        users.add(user.name)
        associations.push({ account: node.name, user: user.name, shares: user.shares })
      }
      walk(node.accounts, node.name, [...here, 'accounts'])
    }
  }
  walk(tree, null, ['accounts'])
  if (associations.length === 0) wrong(['accounts'], 'no_users', noUsers)
  return { accounts, associations }
}

const rootIsThere: Bilingual = {
  ko: '계정 root는 저절로 있습니다. 다른 이름을 쓰세요.',
  en: 'The account root is there by itself: take another name.',
}
const twoAccounts = (account: string): Bilingual => ({
  ko: `계정 ${withParticle(account, '이')} 둘 있습니다. 하나의 이름을 바꾸세요.`,
  en: `There are two accounts ${account}. Give one of them another name.`,
})
const twiceIn = (account: string, user: string): Bilingual => ({
  ko: `사용자 ${withParticle(user, '이')} 계정 ${account}에 두 번 있습니다. 하나를 빼세요.`,
  en: `User ${user} is in account ${account} twice. Take one out.`,
})
const noUsers: Bilingual = {
  ko: '사용자가 있는 계정이 하나도 없어 아무도 작업을 제출할 수 없습니다. 계정에 `users`를 적으세요.',
  en: 'No account has a user, so nobody could submit a job. Write `users` into an account.',
}
