import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NodeSet } from './node-set.ts'

// Around the sizes at which a level of the summary begins: 32, 32², 32³.
const sizes = [1, 31, 32, 33, 1023, 1024, 1025, 32_767, 32_768, 32_769, 70_000]

it.each(sizes)('of %i nodes is a set that is walked in ascending order', (size) => {
  const near = fc.oneof(
    fc.nat({ max: size - 1 }),
    fc.constantFrom(0, 31, 32, 63, 64, 1023, 1024, 32_767, 32_768).map((node) => Math.min(node, size - 1)),
  )
  fc.assert(
    fc.property(fc.array(near, { maxLength: 60 }), fc.array(near, { maxLength: 10 }), (toggled, asked) => {
      const set = new NodeSet(size)
      const plain = new Set<number>()
      for (const node of toggled) {
        if (plain.delete(node)) set.delete(node)
        else {
          plain.add(node)
          set.add(node)
        }
      }
      const sorted = [...plain].sort((a, b) => a - b)
      expect(set.size).toBe(plain.size)
      for (const node of [...toggled, ...asked]) {
        expect(set.has(node)).toBe(plain.has(node))
        expect([node, set.next(node)]).toEqual([node, sorted.find((member) => member >= node) ?? -1])
      }
      const walked: number[] = []
      for (let node = set.next(0); node >= 0; node = set.next(node + 1)) walked.push(node)
      expect(walked).toEqual(sorted)
    }),
    { numRuns: 60, seed: size },
  )
})

it('ends after its last node, also where it is full', () => {
  for (const size of sizes) {
    const set = new NodeSet(size)
    for (let node = 0; node < size; node++) set.add(node)
    expect(set.next(size - 1)).toBe(size - 1)
    expect(set.next(size)).toBe(-1)
  }
})
