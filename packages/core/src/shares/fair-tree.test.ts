import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FairTree,
  type FairTreeMode,
  type FairTreeRow,
  fairTreeOfFile,
  type ShareAccountNode,
  type ShareNode,
  ShareTree,
} from './fair-tree.ts'

interface FairTreeFixture {
  readonly name: string
  readonly mode: FairTreeMode
  readonly slurm_root: boolean
  readonly tree: ShareAccountNode
  /** A field that the source does not print is absent. */
  readonly expect: { readonly rows: readonly (Pick<FairTreeRow, 'account' | 'user'> & Partial<FairTreeRow>)[] }
}

const folder = new URL('../../golden/fair-tree/', import.meta.url)
const fixtures = readdirSync(folder)
  .sort()
  .map((file): FairTreeFixture => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))

const printed = (value: number | string | null | undefined) => (typeof value === 'number' ? value.toFixed(6) : value)

describe('fair tree against published and printed factors', () => {
  it('has all its cases', () => {
    expect(fixtures).toHaveLength(15)
  })

  it.each(fixtures)('$name ($mode)', ({ mode, slurm_root, tree, expect: { rows } }) => {
    const computed = new Map(
      fairTreeOfFile(tree, { mode, slurmRoot: slurm_root }).map((row) => [`${row.account}/${row.user}`, row]),
    )
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) {
      const mine = computed.get(`${row.account}/${row.user}`)
      if ('level_fs' in row) expect([row, printed(mine?.level_fs)]).toEqual([row, printed(row.level_fs)])
      if ('fair_share' in row) expect([row, printed(mine?.fair_share)]).toEqual([row, printed(row.fair_share)])
    }
    // Slurm prints every row there is; the others print at least every user.
    const users = (all: Iterable<{ user: string | null }>) => [...all].filter(({ user }) => user !== null).length
    expect(users(computed.values())).toBe(users(rows))
    if (slurm_root) expect(computed.size).toBe(rows.length)
  })
})

const account = (name: string, shares: number | 'parent', ...children: ShareNode[]): ShareAccountNode => ({
  type: 'account',
  name,
  shares,
  children,
})
const user = (name: string, shares: number | 'parent', usage: number): ShareNode => ({
  type: 'user',
  name,
  shares,
  usage,
})

const factors = (tree: ShareAccountNode, mode: FairTreeMode): Record<string, number> =>
  Object.fromEntries(
    fairTreeOfFile(tree, { mode, slurmRoot: false }).flatMap(({ user, fair_share }) =>
      user === null || fair_share === null ? [] : [[user, fair_share]],
    ),
  )

describe('rows of a share tree file', () => {
  it('come in file order without the root account, with inf and null where there is no number', () => {
    const tree = account(
      'root',
      1,
      account('spliced', 'parent', user('a', 'parent', 5), account('empty', 2)),
      user('b', 3, 5),
    )
    expect(fairTreeOfFile(tree, { mode: 'exact', slurmRoot: true })).toEqual([
      { account: 'root', user: 'root', level_fs: 'inf', fair_share: 1 },
      { account: 'spliced', user: null, level_fs: null, fair_share: null },
      { account: 'spliced', user: 'a', level_fs: 'inf', fair_share: 1 },
      { account: 'empty', user: null, level_fs: 'inf', fair_share: null },
      { account: 'root', user: 'b', level_fs: 1, fair_share: 1 / 3 },
    ])
  })

  it('may have no users at all', () => {
    expect(fairTreeOfFile(account('root', 1), { mode: 'slurm', slurmRoot: false })).toEqual([])
    expect(fairTreeOfFile(account('root', 1, account('a', 1)), { mode: 'slurm', slurmRoot: false })).toEqual([
      { account: 'a', user: null, level_fs: 'inf', fair_share: null },
    ])
  })

  it.each([
    ['negative shares', account('root', 1, user('a', -1, 0)), 'a: shares must be a whole number'],
    ['fractions of a share', account('root', 1, account('a', 0.5)), 'a: shares must be a whole number'],
  ])('are refused for %s', (_, tree, message) => {
    expect(() => fairTreeOfFile(tree, { mode: 'exact', slurmRoot: false })).toThrow(message)
  })
})

describe('ties', () => {
  it('are exact however large the numbers: one unit in 10^16 breaks one', () => {
    const [usedA, usedB] = [110_155_083_475_296, 7_639_714_018_526_258]
    const tree = (extra: number) => account('root', 1, user('a', 48, usedA), user('b', 3329, usedB + extra))
    // Doubles lose the unit when they multiply.
    expect(48 * (usedB + 1)).toBe(3329 * usedA)
    expect(factors(tree(0), 'exact')).toEqual({ a: 1, b: 1 })
    expect(factors(tree(1), 'exact')).toEqual({ a: 1, b: 0.5 })
    expect(factors(tree(-1), 'exact')).toEqual({ a: 0.5, b: 1 })
  })

  it('between children of different, tied accounts are exact too', () => {
    // Levels: P and Q tie at 1. p1 = (1/3) / (7/30), q1 = (1/7) / (3/30): both 10/7.
    const tree = (extra: number) =>
      account(
        'root',
        1,
        account('P', 1, user('p1', 1, 7e12), user('p2', 2, 23e12)),
        account('Q', 1, user('q1', 1, 3e12 + extra), user('q2', 6, 27e12 - extra)),
      )
    expect(factors(tree(0), 'exact')).toMatchObject({ p1: 1, q1: 1 })
    expect(factors(tree(1), 'exact')).toMatchObject({ p1: 1, q1: 0.75 })
    expect(factors(tree(-1), 'exact')).toMatchObject({ p1: 0.75, q1: 1 })
  })

  it('are those of the processor in mode slurm, which tells apart what doubles cannot', () => {
    const tree = account('root', 1, user('a', 44, 44), user('b', 87, 87), user('c', 97, 153))
    expect(44 / 228 / (44 / 284)).toBe(87 / 228 / (87 / 284))
    expect(factors(tree, 'slurm')).toEqual({ b: 1, a: 2 / 3, c: 1 / 3 })
    expect(factors(tree, 'exact')).toEqual({ b: 1, a: 1, c: 1 / 3 })
  })

  it('round decayed usage before they are judged in mode exact', () => {
    const tree = account('root', 1, user('a', 1, 10.4), user('b', 1, 9.6), user('c', 1, 0.4))
    expect(factors(tree, 'exact')).toEqual({ c: 1, a: 2 / 3, b: 2 / 3 })
    expect(factors(tree, 'slurm')).toEqual({ c: 1, b: 2 / 3, a: 1 / 3 })
  })
})

describe('a center’s tree', () => {
  const accounts = [
    { name: 'university', parent: null, shares: 60 },
    { name: 'lab', parent: 'university', shares: 1 },
    { name: 'industry', parent: null, shares: 40 },
  ]
  const associations = [
    { account: 'industry', user: 'park', shares: 1 },
    { account: 'lab', user: 'kim', shares: 1 },
    { account: 'lab', user: 'lee', shares: 'parent' as const },
    { account: 'industry', user: 'kim', shares: 1 },
  ]

  it('gives places in turn: 0 first, ties equal, none left out', () => {
    const tree = ShareTree.of(accounts, associations)
    const fairTree = new FairTree(tree, 'exact')
    const places = new Int32Array(4)
    fairTree.rank(Float64Array.of(30, 50, 20, 30), places)
    expect([...places]).toEqual([2, 1, 0, 2])
    expect([0, 1, 2, 3].map((index) => fairTree.factor(index))).toEqual([0.5, 0.75, 1, 0.5])
    expect([0, 1, 2].map((index) => fairTree.level(tree.entryOfAccount(index)))).toEqual([
      60 / 100 / (70 / 130),
      1,
      40 / 100 / (60 / 130),
    ])
    expect(fairTree.level(tree.entryOfUser[2] as number)).toBe(Infinity)
    fairTree.rank(new Float64Array(4), places)
    expect([...places]).toEqual([0, 0, 0, 0])
  })

  it('puts everybody first before the first ranking', () => {
    const fairTree = new FairTree(ShareTree.of(accounts, associations), 'slurm')
    expect([0, 1, 2, 3].map((index) => fairTree.factor(index))).toEqual([1, 1, 1, 1])
  })

  it('refuses accounts that are not there or come too late', () => {
    expect(() => ShareTree.of([], [{ account: 'lab', user: 'kim', shares: 1 }])).toThrow('user kim: account lab')
    expect(() => ShareTree.of([{ name: 'lab', parent: 'university', shares: 1 }], [])).toThrow(
      'account lab: account university is not listed before it',
    )
    const tree = ShareTree.of(accounts, associations)
    expect(() => new FairTree(tree, 'exact').rank(new Float64Array(3), new Int32Array(4))).toThrow('ranking 4 users')
    expect(() =>
      ShareTree.ofEntries([
        { name: 'root', isUser: false, parent: -1, shares: 1 },
        { name: 'kim', isUser: true, parent: 0, shares: 1 },
        { name: 'lab', isUser: false, parent: 1, shares: 1 },
      ]),
    ).toThrow('lab: its parent must be an account')
    expect(() => ShareTree.ofEntries([{ name: 'kim', isUser: true, parent: -1, shares: 1 }])).toThrow('root account')
  })
})

// Trees small enough for ties to be common, deep enough for splicing and merging to meet.
const shares = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 6 }) },
  { weight: 1, arbitrary: fc.constant('parent' as const) },
)
const usage = fc.oneof(
  fc.integer({ min: 0, max: 8 }),
  fc.integer({ min: 0, max: 3 }).map((n) => n * 5e14),
)
const { node } = fc.letrec<{ node: ShareNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ type: fc.constant('user' as const), name: fc.constant('u'), shares, usage }),
    fc.record({
      type: fc.constant('account' as const),
      name: fc.constant('a'),
      shares,
      children: fc.array(tie('node') as fc.Arbitrary<ShareNode>, { maxLength: 5 }),
    }),
  ),
}))
const trees = fc
  .array(node, { minLength: 1, maxLength: 8 })
  .map((children) => numbered(account('root', 1, ...children)))
  .filter(isWithinDoubles)

/** Whether all usage together is below 2^53, which is as far as mode `exact` promises to be exact. */
function isWithinDoubles(root: ShareNode): boolean {
  let total = 0
  mapped(root, (node) => {
    if (node.type === 'user') total += node.usage
    return node
  })
  return total <= Number.MAX_SAFE_INTEGER
}

/** The same tree with users u1, u2, … in file order. */
function numbered(root: ShareAccountNode): ShareAccountNode {
  let count = 0
  return mapped(root, (node) => ({
    ...node,
    name: node.type === 'user' ? `u${++count}` : node.name,
  })) as ShareAccountNode
}

function mapped(node: ShareNode, change: (node: ShareNode) => ShareNode): ShareNode {
  const changed = change(node)
  if (changed.type === 'user') return changed
  return { ...changed, children: (changed.children ?? []).map((child) => mapped(child, change)) }
}

/**
 * Fair Tree as its documentation tells it, with fractions of BigInts and new lists at every step: slow and plain.
 * Levels are [numerator, denominator]; a denominator of 0 stands for infinity.
 */
function plainExact(root: ShareAccountNode): Record<string, number> {
  type Level = readonly [bigint, bigint]
  interface Ranked {
    readonly node: ShareNode
    readonly level: Level
  }
  const used = (node: ShareNode): bigint =>
    node.type === 'user' ? BigInt(node.usage) : (node.children ?? []).reduce((sum, child) => sum + used(child), 0n)
  const spliced = (node: ShareAccountNode): ShareNode[] =>
    (node.children ?? []).flatMap((child) =>
      child.type === 'account' && child.shares === 'parent' ? spliced(child) : child,
    )
  const ranked = (owner: ShareAccountNode): Ranked[] => {
    const list = spliced(owner)
    const all = list.reduce((sum, { shares }) => (shares === 'parent' ? sum : sum + BigInt(shares)), 0n)
    return list.map((node) => {
      if (node.shares === 'parent') return { node, level: [1n, 0n] }
      if (node.shares === 0) return { node, level: [0n, 1n] }
      return { node, level: used(node) === 0n ? [1n, 0n] : [BigInt(node.shares) * used(owner), all * used(node)] }
    })
  }
  const byLevel = (a: Ranked, b: Ranked) => Number(b.level[0] * a.level[1] - a.level[0] * b.level[1])
  const isUser = ({ node }: Ranked) => (node.type === 'user' ? 0 : 1)

  const result: [string, number][] = []
  let count = 0
  mapped(root, (node) => {
    if (node.type === 'user') count++
    return node
  })
  let rank = count
  let untied = count
  const walk = (list: Ranked[], isTied: boolean): void => {
    const sorted = list.toSorted((a, b) => byLevel(a, b) || isUser(a) - isUser(b))
    let previous: Ranked | undefined
    while (sorted.length > 0) {
      const entry = sorted.shift() as Ranked
      const tied = previous === undefined ? isTied : byLevel(previous, entry) === 0
      if (entry.node.type === 'user') {
        if (!tied) rank = untied
        untied--
        result.push([entry.node.name, rank / count])
      } else {
        const merged = ranked(entry.node)
        while (sorted[0] !== undefined && byLevel(entry, sorted[0]) === 0) {
          merged.push(...ranked((sorted.shift() as Ranked).node as ShareAccountNode))
        }
        walk(merged, tied)
      }
      previous = entry
    }
  }
  walk(ranked(root), false)
  return Object.fromEntries(result)
}

describe('fair tree, for any tree', () => {
  it('in mode exact is what the plain telling of the documentation gives', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        expect(factors(tree, 'exact')).toEqual(plainExact(tree))
      }),
      { numRuns: 1000 },
    )
  })

  it('sorts long lists as it does short ones', () => {
    const one = fc.record({ type: fc.constant('user' as const), name: fc.constant('u'), shares, usage: fc.nat(40) })
    const wide = fc.array(one, { minLength: 20, maxLength: 120 })
    fc.assert(
      fc.property(wide, wide, (first, second) => {
        const tree = numbered(account('root', 1, account('P', 1, ...first), account('Q', 1, ...second), ...first))
        expect(factors(tree, 'exact')).toEqual(plainExact(tree))
      }),
    )
  })

  it('does not look at names', () => {
    const values = (tree: ShareAccountNode, mode: FairTreeMode) =>
      fairTreeOfFile(tree, { mode, slurmRoot: false }).map(({ level_fs, fair_share }) => [level_fs, fair_share])
    fc.assert(
      fc.property(trees, fc.constantFrom<FairTreeMode>('slurm', 'exact'), (tree, mode) => {
        let count = 1000
        const renamed = mapped(tree, (node) => ({ ...node, name: `z${--count}` })) as ShareAccountNode
        expect(values(renamed, mode)).toEqual(values(tree, mode))
      }),
    )
  })

  it('in mode exact does not change when all shares, or all usage, grow by one factor', () => {
    fc.assert(
      fc.property(trees, fc.integer({ min: 2, max: 9 }), (tree, by) => {
        const moreShares = mapped(tree, (node) => ({
          ...node,
          shares: node.shares === 'parent' ? 'parent' : node.shares * by,
        }))
        const moreUsage = mapped(tree, (node) => (node.type === 'user' ? { ...node, usage: node.usage * by } : node))
        fc.pre(isWithinDoubles(moreUsage))
        const before = factors(tree, 'exact')
        expect(factors(moreShares as ShareAccountNode, 'exact')).toEqual(before)
        expect(factors(moreUsage as ShareAccountNode, 'exact')).toEqual(before)
      }),
    )
  })

  it('in mode exact does not depend on the order of siblings', () => {
    fc.assert(
      fc.property(trees, fc.infiniteStream(fc.nat()), (tree, numbers) => {
        const shuffled = mapped(tree, (node) => {
          if (node.type === 'user') return node
          const keyed = (node.children ?? []).map((child) => ({ child, key: numbers.next().value }))
          return { ...node, children: keyed.toSorted((a, b) => a.key - b.key).map(({ child }) => child) }
        })
        expect(factors(shuffled as ShareAccountNode, 'exact')).toEqual(factors(tree, 'exact'))
      }),
    )
  })

  it('ranks everybody, and a larger factor is an earlier place', () => {
    fc.assert(
      fc.property(trees, fc.constantFrom<FairTreeMode>('slurm', 'exact'), (root, mode) => {
        const entries: { name: string; isUser: boolean; parent: number; shares: number | 'parent' }[] = []
        const used: number[] = []
        const list = (node: ShareNode, parent: number): void => {
          const index = entries.push({ name: node.name, isUser: node.type === 'user', parent, shares: node.shares }) - 1
          if (node.type === 'user') used.push(node.usage)
          else for (const child of node.children ?? []) list(child, index)
        }
        list(root, -1)
        const fairTree = new FairTree(ShareTree.ofEntries(entries), mode)
        const places = new Int32Array(used.length)
        fairTree.rank(Float64Array.from(used), places)
        const all = used.map((_, index) => fairTree.factor(index))
        expect(all.every((factor) => factor > 0 && factor <= 1)).toBe(true)
        const distinct = [...new Set(all)].sort((a, b) => b - a)
        expect([...places]).toEqual(all.map((factor) => distinct.indexOf(factor)))
        if (used.length > 0) expect(distinct[0]).toBe(1)
      }),
    )
  })

  it('is the same in both modes where no two siblings tie', () => {
    fc.assert(
      fc.property(trees, fc.infiniteStream(fc.noBias(fc.integer({ min: 1, max: 1_000_000 }))), (tree, numbers) => {
        const spread = mapped(tree, (node) =>
          node.type === 'user'
            ? { ...node, shares: numbers.next().value, usage: numbers.next().value }
            : { ...node, shares: node.shares === 'parent' ? 'parent' : numbers.next().value },
        ) as ShareAccountNode
        const levels = fairTreeOfFile(spread, { mode: 'exact', slurmRoot: false }).map(({ level_fs }) => level_fs)
        const known = levels.filter((level) => level !== null && level !== 1)
        fc.pre(new Set(known).size === known.length)
        expect(factors(spread, 'slurm')).toEqual(factors(spread, 'exact'))
      }),
    )
  })
})
