import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IdTable } from './id-table.ts'

/** Few keys, so that they come and go; some far apart, some that fall in the same place. */
const key = fc.oneof(
  fc.nat({ max: 40 }),
  fc.nat({ max: 40 }).map((n) => n * 0x1_0000_0000),
  fc.nat({ max: 40 }).map((n) => Number.MAX_SAFE_INTEGER - n),
)

describe('a table of ids', () => {
  it('is a map, whatever comes and goes', () => {
    const acts = fc.array(fc.record({ key, value: fc.nat(), add: fc.integer({ min: 0, max: 2 }).map((n) => n < 2) }), {
      maxLength: 400,
      size: 'max',
    })
    fc.assert(
      fc.property(acts, (all) => {
        const table = new IdTable()
        const map = new Map<number, number>()
        for (const { key, value, add } of all) {
          if (add) {
            table.set(key, value)
            map.set(key, value)
          } else if (map.delete(key)) table.delete(key)
          expect(table.size).toBe(map.size)
        }
        for (const { key } of all) expect(table.get(key)).toBe(map.get(key) ?? -1)
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  it('holds many, and forgets the half of them', () => {
    const table = new IdTable()
    for (let id = 0; id < 100_000; id++) table.set(id * 7, id)
    for (let id = 0; id < 100_000; id += 2) table.delete(id * 7)
    expect(table.size).toBe(50_000)
    for (let id = 0; id < 100_000; id++) if (table.get(id * 7) !== (id % 2 === 0 ? -1 : id)) expect.fail(`id ${id * 7}`)
  })

  it('has nothing for what cannot be a key', () => {
    const table = new IdTable()
    table.set(0, 5)
    for (const none of [-1, Number.NaN, 0.5, -0.5, Number.POSITIVE_INFINITY]) expect(table.get(none)).toBe(-1)
  })
})
