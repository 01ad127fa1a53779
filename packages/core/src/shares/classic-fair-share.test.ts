import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { classicFairShare, classicShares } from './classic-fair-share.ts'
import { type ShareAccountNode, ShareTree, shareEntriesOfFile } from './fair-tree.ts'

interface ClassicFixture {
  readonly name: string
  readonly tree: ShareAccountNode
  readonly expect: {
    readonly rows: readonly {
      readonly account: string
      readonly user: string | null
      readonly shares?: number
      readonly effective_usage: number
      readonly fair_share?: number
    }[]
  }
}

const fixture: ClassicFixture = JSON.parse(
  readFileSync(new URL('../../golden/classic-fair-share/slurm-test24-1.json', import.meta.url), 'utf8'),
)

describe('classic fair share', () => {
  const { entries, usage } = shareEntriesOfFile(fixture.tree, { slurmRoot: false })
  const shares = classicShares(ShareTree.ofEntries(entries), usage)

  it.each(fixture.expect.rows)(`${fixture.name}: $account $user`, (row) => {
    const at = entries.findIndex(({ name }) => name === (row.user ?? row.account))
    const [share, used] = [shares.shares[at] as number, shares.usage[at] as number]
    expect(used).toBeCloseTo(row.effective_usage, 6)
    if (row.shares !== undefined) expect(share).toBeCloseTo(row.shares, 12)
    if (row.fair_share !== undefined) expect(classicFairShare(used, share).toFixed(6)).toBe(row.fair_share.toFixed(6))
  })

  it('is one half for who used exactly their share, 1 untouched, 0 without shares', () => {
    expect(classicFairShare(0.25, 0.25)).toBe(0.5)
    expect(classicFairShare(0, 0.25)).toBe(1)
    expect(classicFairShare(0, 0)).toBe(0)
  })

  it('lets a user with `parent` stand as its account does', () => {
    const tree = ShareTree.ofEntries([
      { name: 'root', isUser: false, parent: -1, shares: 1 },
      { name: 'lab', isUser: false, parent: 0, shares: 1 },
      { name: 'other', isUser: false, parent: 0, shares: 3 },
      { name: 'kim', isUser: true, parent: 1, shares: 'parent' },
      { name: 'lee', isUser: true, parent: 1, shares: 1 },
    ])
    const { shares: share, usage: used } = classicShares(tree, Float64Array.of(0.1, 0.3))
    expect([share[3], used[3]]).toEqual([share[1], used[1]])
    expect([share[1], used[1]]).toEqual([0.25, 0.4])
  })
})
