// Who is owed the next turn, the plain way: usage summed up allocation by allocation, levels as fractions of whole numbers.

import type { AccountConfig } from '../src/account-config.ts'
import type { CenterConfig } from '../src/config.ts'

/** What an attempt held: thousandths of accelerators of a pool from one moment to another. */
export interface Holding {
  readonly association: number
  readonly pool: number
  readonly milli: number
  readonly fromMs: number
  readonly toMs: number
}

/** Accelerator-seconds of a holding as they count at `atMs`, having halved every `halfLifeMs` since each was used. */
export function decayedAcceleratorS({ milli, fromMs, toMs }: Holding, atMs: number, halfLifeMs: number): number {
  if (halfLifeMs === 0) return (milli * (toMs - fromMs)) / 1_000_000
  const kept = (sinceMs: number): number => 0.5 ** ((atMs - sinceMs) / halfLifeMs)
  return ((milli / 1000) * (halfLifeMs / 1000) * (kept(toMs) - kept(fromMs))) / Math.LN2
}

/** A level fair-share as a fraction; infinite is 1/0. */
interface Level {
  readonly over: bigint
  readonly under: bigint
}

interface Entry {
  readonly level: Level
  /** Number of the user; undefined for an account. */
  readonly user: number | undefined
  readonly children: () => Entry[]
}

const compare = (a: Level, b: Level): number => {
  const left = a.over * b.under
  const right = b.over * a.under
  if (a.under === 0n && b.under === 0n) return 0
  return left > right ? -1 : left < right ? 1 : 0
}

/** The place in turn of every association: 0 goes first, ties share a place, none is left out. Shares are numbers here. */
export function placesInTurn({ accounts, associations }: CenterConfig, usageAcceleratorS: readonly number[]): number[] {
  const used = usageAcceleratorS.map((usage) => BigInt(Math.round(usage)))
  const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n)
  const usedUnder = (account: AccountConfig): bigint =>
    total(associations.map((association, i) => (association.account === account.name ? used[i]! : 0n))) +
    total(accounts.filter(({ parent }) => parent === account.name).map(usedUnder))

  const childrenOf = (parent: string | null): Entry[] => {
    const below = [
      ...accounts.flatMap((account) =>
        account.parent === parent
          ? [{ shares: account.shares, used: usedUnder(account), user: undefined, account: account.name }]
          : [],
      ),
      ...associations.flatMap(({ account, shares }, user) =>
        account === parent ? [{ shares, used: used[user]!, user, account: '' }] : [],
      ),
    ].map((child) => ({ ...child, shares: BigInt(child.shares) }))
    const allShares = total(below.map(({ shares }) => shares))
    const allUsed = total(below.map((child) => child.used))
    return below.map(({ shares, used: own, user, account }) => ({
      level:
        shares === 0n
          ? { over: 0n, under: 1n }
          : own === 0n
            ? { over: 1n, under: 0n }
            : { over: shares * allUsed, under: allShares * own },
      user,
      children: () => childrenOf(account),
    }))
  }

  const places: number[] = associations.map(() => 0)
  let place = -1
  const walk = (list: Entry[], tiedWithLast: boolean): void => {
    // Larger levels first, users before accounts, then as listed (sorting keeps the order of equals).
    const sorted = list.toSorted(
      (a, b) => compare(a.level, b.level) || Number(a.user === undefined) - Number(b.user === undefined),
    )
    for (let i = 0; i < sorted.length; i++) {
      const entry = sorted[i]!
      const isTied = i === 0 ? tiedWithLast : compare(sorted[i - 1]!.level, entry.level) === 0
      if (entry.user !== undefined) {
        places[entry.user] = isTied && place >= 0 ? place : ++place
        continue
      }
      // Tied accounts are ranked as one.
      const children = entry.children()
      while (i + 1 < sorted.length && compare(entry.level, sorted[i + 1]!.level) === 0)
        children.push(...sorted[++i]!.children())
      walk(children, isTied)
    }
  }
  walk(childrenOf(null), false)
  return places
}
