// Were the shares kept? Compared is what the accounts that asked for something used with what they were promised: the
// share tree cut down to whoever asked, for what nobody asks for is nobody's loss.

import type { CenterConfig, Shares } from '@dure/core'

/**
 * The part of the center that each account's own users are promised, by index into `config.accounts`; 1 in all. An
 * account that did not ask is promised nothing, its siblings have what would be its own. Users of an account stand beside its
 * sub-accounts, `parent` is spliced into the account above, a user with `parent` weighs 1.
 * @param asked by index into `config.associations`, not 0 where the user submitted something
 */
export function promisedParts({ accounts, associations }: CenterConfig, asked: ArrayLike<number>): Float64Array {
  const indexOf = new Map(accounts.map(({ name }, index) => [name, index]))
  const usersWeight = new Float64Array(accounts.length)
  const asks = new Uint8Array(accounts.length)
  associations.forEach(({ account, shares }, i) => {
    if (!asked[i]) return
    const index = indexOf.get(account)!
    usersWeight[index]! += weightOf(shares)
    asks[index] = 1
  })
  const childrenOf = new Map<string | null, number[]>()
  accounts.forEach(({ parent }, index) => {
    const children = childrenOf.get(parent)
    if (children === undefined) childrenOf.set(parent, [index])
    else children.push(index)
  })
  // Parents are listed first, so that from the back every account is looked at before the one above it.
  for (let index = accounts.length - 1; index >= 0; index--) {
    const { parent } = accounts[index]!
    if (asks[index] && parent !== null) asks[indexOf.get(parent)!] = 1
  }

  const promised = new Float64Array(accounts.length)
  const divide = (name: string | null, part: number): void => {
    const heirs: { readonly index: number; readonly weight: number; readonly isAccount: boolean }[] = []
    const gather = (above: string | null): void => {
      for (const index of childrenOf.get(above) ?? []) {
        if (!asks[index]) continue
        const { name: child, shares } = accounts[index]!
        if (shares !== 'parent') heirs.push({ index, weight: shares, isAccount: true })
        else {
          gather(child)
          heirs.push({ index, weight: usersWeight[index]!, isAccount: false })
        }
      }
    }
    gather(name)
    if (name !== null) {
      const index = indexOf.get(name)!
      heirs.push({ index, weight: usersWeight[index]!, isAccount: false })
    }
    const whole = heirs.reduce((sum, { weight }) => sum + weight, 0)
    for (const { index, weight, isAccount } of heirs) {
      const own = whole > 0 ? (part * weight) / whole : 0
      if (isAccount) divide(accounts[index]!.name, own)
      else promised[index]! += own
    }
  }
  divide(null, 1)
  return promised
}

const weightOf = (shares: Shares): number => (shares === 'parent' ? 1 : shares)

/**
 * Jain's index of values that would all be equal if everything were fair: (Σx)² / (n Σx²). From 1/n, where one has everything, to
 * 1, where all have the same; 1 too where there is nothing to divide (Jain, Chiu, Hawe 1984).
 */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0)
  const squares = values.reduce((total, value) => total + value * value, 0)
  return squares > 0 ? Math.min(1, (sum * sum) / (values.length * squares)) : 1
}
