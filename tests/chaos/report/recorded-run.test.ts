import { thisMachine } from '@dure/bench/machine'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../play.ts'
import { bestResult, type RecordedRun } from './recorded-run.ts'
import type { RowResult } from './row-result.ts'

const result = (row: string, rounds: number): RowResult => ({
  row,
  fault: 'a fault',
  promise: 'a promise',
  rounds,
  violated: 0,
  late: 0,
  is_smoke: rounds < 30,
  recovery_ms: null,
  counts: {},
  violations: [],
})

const machine = thisMachine()

const run = (seed: number, protocol: number | undefined, ...rows: RowResult[]): RecordedRun => ({
  at: '2026-11-28T00:00:00Z',
  commit: null,
  level: 'short',
  seed,
  machine,
  rows,
  ...(protocol !== undefined && { protocol }),
})

describe('of a row the table shows', () => {
  const best = (runs: readonly RecordedRun[]) => bestResult(runs, '4')?.run.seed

  it('the result with the most rounds, and not a shorter one that came after', () => {
    expect(best([run(1, PROTOCOL, result('4', 30)), run(2, PROTOCOL, result('4', 2), result('5', 90))])).toBe(1)
  })

  it('of equal ones the newest', () => {
    expect(best([run(1, PROTOCOL, result('4', 30)), run(2, PROTOCOL, result('4', 30))])).toBe(2)
  })

  it('none of an earlier protocol where there is one of this, and else the newest', () => {
    const [old, older] = [run(2, undefined, result('4', 2)), run(1, undefined, result('4', 500))]
    expect(best([older, run(3, PROTOCOL, result('4', 1)), old])).toBe(3)
    expect(best([older, old, run(3, PROTOCOL, result('5', 1))])).toBe(2)
  })

  it('nothing where it was never played', () => {
    expect(best([run(1, PROTOCOL, result('5', 1))])).toBeUndefined()
  })
})
