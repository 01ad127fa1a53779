import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Jobs } from './jobs.ts'
import { LimitHeap } from './limit-heap.ts'

it('has the job on top whose limit ends first, of several the first submitted', () => {
  const act = fc.record({
    add: fc.integer({ min: 0, max: 2 }).map((n) => n > 0),
    endMs: fc.nat({ max: 20 }),
    pick: fc.nat(),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 400, size: 'max' }), (acts) => {
      const jobs = new Jobs()
      const heap = new LimitHeap(jobs)
      let plain: { readonly slot: number; readonly endMs: number; readonly sequence: number }[] = []
      acts.forEach(({ add, endMs, pick }, i) => {
        const chosen = plain[pick % Math.max(1, plain.length)]
        if (add || chosen === undefined) {
          const slot = jobs.add(i + 1)
          // Submission order is not the order in which they start.
          jobs.sequence[slot] = (i * 7919) % 10_007
          plain.push({ slot, endMs, sequence: jobs.sequence[slot] })
          heap.add(slot, endMs)
        } else {
          plain = plain.filter((item) => item !== chosen)
          heap.delete(chosen.slot)
          jobs.remove(chosen.slot)
        }
        const sorted = plain.toSorted((a, b) => a.endMs - b.endMs || a.sequence - b.sequence)
        expect(heap.size).toBe(plain.length)
        expect(heap.nextMs).toBe(sorted[0]?.endMs ?? Number.POSITIVE_INFINITY)
        if (sorted.length > 0) expect(heap.first).toBe(sorted[0]!.slot)
        if (i % 20 === 0) expect(heap.inOrder()).toEqual(sorted.map(({ slot }) => slot))
      })
    }),
    { numRuns: 100, seed: 1 },
  )
})
