import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byTurn, heapify, type PlacedTurn, popHeap, pushHeap, TurnHeap } from './turn-heap.ts'

const inTurn = (a: PlacedTurn, b: PlacedTurn): number => a.rank - b.rank || a.sequence - b.sequence
const rank = fc.nat({ max: 4 })

describe('a heap of turns', () => {
  it('has the first in turn on top, whoever comes, moves and goes', () => {
    const act = fc.record({ act: fc.constantFrom('push', 'push', 'push', 'move', 'delete'), rank, pick: fc.nat() })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120, size: 'max' }), (acts) => {
        const heap = new TurnHeap<PlacedTurn>()
        let plain: PlacedTurn[] = []
        acts.forEach(({ act, rank, pick }, sequence) => {
          const chosen = plain[pick % Math.max(1, plain.length)]
          if (act === 'push' || chosen === undefined) {
            const item = { rank, sequence, place: -1 }
            plain.push(item)
            heap.push(item)
          } else if (act === 'move') {
            chosen.rank = rank
            heap.moved(chosen)
          } else {
            plain = plain.filter((item) => item !== chosen)
            heap.delete(chosen)
          }
          expect(heap.first).toBe(plain.toSorted(inTurn)[0])
          heap.items.forEach((item, place) => {
            expect(item.place).toBe(place)
          })
        })
        // Any number of turns change at once.
        for (const item of plain) item.rank = (item.rank * 7 + item.sequence) % 5
        heap.rebuild()
        for (const item of plain.toSorted(inTurn)) {
          expect(heap.first).toBe(item)
          heap.delete(item)
        }
        expect(heap.first).toBeUndefined()
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  it('is any array, in any order', () => {
    fc.assert(
      fc.property(fc.array(rank, { maxLength: 30 }), fc.array(rank, { maxLength: 30 }), (early, late) => {
        const turns = [...early, ...late].map((rank, sequence) => ({ rank, sequence, place: 0 }))
        const heap = turns.slice(0, early.length)
        heapify(heap, byTurn)
        for (const turn of turns.slice(early.length)) pushHeap(heap, turn, byTurn)
        const popped = turns.map(() => popHeap(heap, byTurn))
        expect(popped).toEqual(turns.toSorted(inTurn))
        expect(heap).toEqual([])
      }),
      { numRuns: 200, seed: 2 },
    )
  })
})
