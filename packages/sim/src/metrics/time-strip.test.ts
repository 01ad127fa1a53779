import fc from 'fast-check'
import { expect, it } from 'vitest'
import { meansOf, openTimeStrip } from './time-strip.ts'

it('keeps the integral, however long it goes on', () => {
  const changes = fc.array(
    fc.record({ value: fc.integer({ min: 0, max: 9 }), lengthMs: fc.integer({ min: 1, max: 3_000_000 }) }),
    { minLength: 1, maxLength: 60 },
  )
  fc.assert(
    fc.property(
      changes,
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 1, max: 80 }),
      (list, beginMs, columns) => {
        const writer = openTimeStrip(beginMs)
        let atMs = beginMs
        let integral = 0
        for (const { value, lengthMs } of list) {
          writer.add(value, atMs, atMs + lengthMs)
          atMs += lengthMs
          integral += value * lengthMs
        }
        const strip = writer.strip()
        expect(strip.integrals.length).toBeLessThanOrEqual(1024)
        const means = meansOf(strip, columns, atMs)
        const sum = means.reduce((total, mean) => total + mean, 0)
        expect((sum * (atMs - beginMs)) / columns).toBeCloseTo(integral, 3)
        for (const mean of means) {
          expect(mean).toBeGreaterThanOrEqual(0)
          expect(mean).toBeLessThanOrEqual(9 + 1e-9)
        }
      },
    ),
  )
})

it('shows a step where it is', () => {
  const writer = openTimeStrip(0)
  writer.add(4, 0, 600_000)
  writer.add(0, 600_000, 900_000)
  writer.add(8, 900_000, 1_000_000)
  expect(meansOf(writer.strip(), 10, 1_000_000)).toEqual([4, 4, 4, 4, 4, 4, 0, 0, 0, 8])
  expect(meansOf(writer.strip(), 2, 1_000_000)).toEqual([4, (400 + 800) / 500])
})

it('of nothing is nothing', () => expect(meansOf(openTimeStrip(5).strip(), 3, 5)).toEqual([0, 0, 0]))
