import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FairTree, type ShareEntry, ShareTree } from './fair-tree.ts'
import { FlatPlaces, TreePlaces } from './places.ts'

const byValue = (values: readonly number[]) => (a: number, b: number) => (values[a] as number) - (values[b] as number)

it('places users side by side: ties share a place, and none is left out', () => {
  const values = [3, 1, 2, 1, 3]
  const out = new Int32Array(5)
  new FlatPlaces(5, byValue(values)).write(out)
  expect([...out]).toEqual([2, 0, 1, 0, 2])
})

it('places many users as a plain sort does, whatever was ranked before', () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 60 })
        .chain((users) =>
          fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: users, maxLength: users }), { minLength: 1 }),
        ),
      (rankings) => {
        let values: readonly number[] = []
        const users = (rankings[0] as number[]).length
        const places = new FlatPlaces(users, (a, b) => byValue(values)(a, b))
        const out = new Int32Array(users)
        for (values of rankings) {
          places.write(out)
          const ascending = [...new Set(values)].sort((a, b) => a - b)
          expect([...out]).toEqual(values.map((value) => ascending.indexOf(value)))
        }
      },
    ),
  )
})

/** Trees of accounts and users, in any depth; shares and usage powers of two, so that levels are exact as doubles. */
const trees = fc
  .array(fc.record({ isUser: fc.boolean(), above: fc.nat(), shares: fc.integer({ min: 0, max: 3 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((drawn) => {
    const entries: ShareEntry[] = [{ name: 'root', isUser: false, parent: -1, shares: 1 }]
    for (const { isUser, above, shares } of drawn) {
      const accounts = entries.flatMap((entry, index) => (entry.isUser ? [] : [index]))
      const parent = accounts[above % accounts.length] as number
      entries.push({ name: `${entries.length}`, isUser, parent, shares: [1, 2, 4, 'parent' as const][shares] ?? 1 })
    }
    return ShareTree.ofEntries(entries)
  })

it('walks a tree as Fair Tree does, given its levels', () => {
  fc.assert(
    fc.property(trees, fc.array(fc.constantFrom(0, 1, 2, 4), { minLength: 60, maxLength: 60 }), (tree, drawn) => {
      const usage = Float64Array.from({ length: tree.users }, (_, user) => drawn[user] as number)
      const fairTree = new FairTree(tree, 'exact')
      const want = new Int32Array(tree.users)
      fairTree.rank(usage, want)
      // Sums of usage are no powers of two: levels a rounding apart are the same.
      const places = new TreePlaces(tree, (a, b) => {
        const [levelA, levelB] = [fairTree.level(a), fairTree.level(b)]
        if (levelA === levelB || Math.abs(levelA - levelB) < 1e-12 * levelA) return 0
        return levelA > levelB ? -1 : 1
      })
      const got = new Int32Array(tree.users)
      for (let again = 0; again < 2; again++) {
        places.write(got)
        expect([...got]).toEqual([...want])
      }
    }),
  )
})
