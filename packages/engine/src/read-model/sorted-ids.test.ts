import { describe, expect, it } from 'vitest'
import { descendingInAny, SortedIds } from './sorted-ids.ts'

/** A small generator with a fixed start, so that a failure comes again. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

describe('sorted ids', () => {
  it('holds what a plain set holds, whatever is added and removed', () => {
    const next = numbers(7)
    const ids = new SortedIds()
    const plain = new Set<number>()
    for (let step = 0; step < 40_000; step++) {
      const id = next(6_000)
      if (next(5) < 3) {
        expect(ids.add(id)).toBe(!plain.has(id))
        plain.add(id)
      } else expect(ids.remove(id)).toBe(plain.delete(id))
    }
    const descending = [...plain].sort((a, b) => b - a)
    expect(ids.size).toBe(plain.size)
    expect([...ids.descending()]).toEqual(descending)
    expect(ids.first).toBe(descending.at(-1))
    for (const before of [0, 1, 17, 2_999, 3_000, 5_999, 6_000, 1e9]) {
      expect([...ids.descending(before)]).toEqual(descending.filter((id) => id < before))
    }
  })

  it('is empty when everything is removed, and can be filled again', () => {
    const ids = new SortedIds()
    for (let id = 1; id <= 2_000; id++) ids.add(id)
    for (let id = 2_000; id >= 1; id--) ids.remove(id)
    expect([ids.size, ids.first, [...ids.descending()]]).toEqual([0, undefined, []])
    ids.add(5)
    expect([...ids.descending()]).toEqual([5])
  })

  it('merges several sets, each id once', () => {
    const sets = [[1, 4, 9], [4, 5], [], [2, 9]].map((members) => {
      const set = new SortedIds()
      for (const id of members) set.add(id)
      return set
    })
    expect([...descendingInAny(sets)]).toEqual([9, 5, 4, 2, 1])
    expect([...descendingInAny(sets, 5)]).toEqual([4, 2, 1])
    expect([...descendingInAny([])]).toEqual([])
  })
})
