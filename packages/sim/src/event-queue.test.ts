import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventQueue } from './event-queue.ts'

const drain = (queue: EventQueue): number[] => {
  const values: number[] = []
  while (queue.length > 0) values.push(queue.pop())
  return values
}

describe('the event queue', () => {
  it('gives events by time, then rank, then order of insertion', () => {
    const events = fc.array(
      fc.record({ timeMs: fc.integer({ min: 0, max: 9 }), rank: fc.integer({ min: 0, max: 3 }) }),
      {
        maxLength: 300,
      },
    )
    fc.assert(
      fc.property(events, (list) => {
        const queue = new EventQueue()
        list.forEach(({ timeMs, rank }, index) => queue.push(timeMs, rank, index))
        // Array.prototype.sort is stable, so equal events keep the order of the list.
        const expected = list
          .map((event, index) => ({ ...event, index }))
          .sort((a, b) => a.timeMs - b.timeMs || a.rank - b.rank)
          .map(({ index }) => index)
        expect(drain(queue)).toEqual(expected)
      }),
    )
  })

  it('keeps the order when pushes and pops alternate, and past its first capacity', () => {
    const steps = fc.array(fc.option(fc.integer({ min: 0, max: 50 }), { freq: 3 }), { maxLength: 4000, size: 'max' })
    fc.assert(
      fc.property(steps, (list) => {
        const queue = new EventQueue()
        const model: { timeMs: number; index: number }[] = []
        list.forEach((timeMs, index) => {
          if (timeMs !== null) {
            queue.push(timeMs, 0, index)
            model.push({ timeMs, index })
            return
          }
          if (model.length === 0) return
          const next = model.reduce((a, b) => (b.timeMs < a.timeMs ? b : a))
          model.splice(model.indexOf(next), 1)
          expect(queue.nextMs()).toBe(next.timeMs)
          expect(queue.pop()).toBe(next.index)
        })
        expect(queue.length).toBe(model.length)
      }),
      { numRuns: 20 },
    )
  })

  it('has nothing due when it is empty, and says so rather than returning rubbish', () => {
    const queue = new EventQueue()
    expect(queue.nextMs()).toBe(Infinity)
    expect(() => queue.pop()).toThrow('empty')
  })
})
