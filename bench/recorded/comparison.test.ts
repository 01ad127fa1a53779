import { describe, expect, it } from 'vitest'
import type { Machine } from '../machine.ts'
import { figure, latency } from '../report.ts'
import { peerRows, targetRows } from './comparison.ts'
import { historyOf, newestReports, type RecordedRun } from './runs.ts'

const machine: Machine = {
  cores: 2,
  cpu: 'some',
  memory_gb: 1,
  system: 'linux',
  node: 'v24',
  redis: '7',
  load_before: 0,
}
const run = (day: number, benches: RecordedRun['benches']): RecordedRun => ({
  at: `2026-11-0${day}T00:00:00.000Z`,
  commit: null,
  size: 'full',
  machine,
  benches,
})
const report = (bench: string, ...figures: RecordedRun['benches'][number]['figures']) => ({
  bench,
  size: '',
  figures,
  answers: {},
})
const rowFor = (runs: readonly RecordedRun[], figureName: string) =>
  targetRows(runs).find(({ target }) => target.figure === figureName)

describe('beside its target', () => {
  it('a figure is missed, kept, or as good as it is meant to become', () => {
    const verdict = (ratio: number) =>
      rowFor([run(1, [report('live', figure('dure / raw', 'ratio', [ratio]))])], 'dure / raw')?.verdict
    expect([0.49, 0.5, 1.9, 2].map(verdict)).toEqual(['missed', 'kept', 'kept', 'aim reached'])
  })

  it('less is better where there is a most', () => {
    const verdict = (growth: number) => {
      const name = '2 EF, cost per job / 0.134 EF'
      return rowFor([run(1, [report('capacity', figure(name, 'ratio', [growth]))])], name)?.verdict
    }
    expect([1.6, 1.5, 1].map(verdict)).toEqual(['missed', 'kept', 'aim reached'])
  })

  it('the bad case counts where that was promised', () => {
    const passes = [...Array.from({ length: 98 }, () => 1), 50, 50]
    const row = rowFor([run(1, [report('pass', latency('modelled, a finish', 'ms', passes))])], 'modelled, a finish')
    expect(row).toMatchObject({ verdict: 'missed', newest: { value: 50 } })
  })

  it('what nobody has recorded says so, and how to measure it', () => {
    expect(rowFor([], 'dure / raw')).toMatchObject({
      verdict: 'not recorded',
      newest: undefined,
      command: 'npm run bench -- --only live',
    })
  })
})

describe('beside others', () => {
  it('stand the figures that were recorded, as a factor where both are rates', () => {
    const rates = report('peers-live', figure('kueue baseline, submit to completion', 'jobs/s', [213.5]))
    const waits = report('peers', figure('kueue baseline, mean wait of large jobs', 's', [5.5]))
    const rows = peerRows([run(1, [rates, waits])])
    // 213.5 / 42.7
    expect(rows.map(({ ratio }) => ratio)).toEqual([expect.closeTo(5, 9), undefined])
  })
})

describe('of several runs', () => {
  const old = run(1, [report('live', figure('a', 'ms', [1])), report('pass', figure('a', 'ms', [2]))])
  const young = run(2, [report('live', figure('a', 'ms', [3]))])

  it('each bench counts as it was recorded last', () => {
    const found = newestReports([old, young]).map(({ report: { bench, figures } }) => [bench, figures[0]?.median])
    expect(found).toEqual([
      ['live', 3],
      ['pass', 2],
    ])
  })

  it('a figure has a history', () => {
    expect(historyOf([old, young], 'live', 'a').map(({ figure: { median } }) => median)).toEqual([1, 3])
  })
})
