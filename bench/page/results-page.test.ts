import { describe, expect, it } from 'vitest'
import type { Machine } from '../machine.ts'
import type { RecordedRun } from '../recorded/runs.ts'
import { type Figure, figure, latency } from '../report.ts'
import { resultsPage } from './results-page.ts'

const machine: Machine = {
  cores: 2,
  cpu: 'a <processor>',
  memory_gb: 1,
  system: 'linux',
  node: 'v24',
  redis: '7',
  load_before: 0,
}
const run = (day: number, benches: Readonly<Record<string, readonly Figure[]>>): RecordedRun => ({
  at: `2026-11-0${day}T12:00:00.000Z`,
  commit: `c${day}`,
  size: 'full',
  machine,
  benches: Object.entries(benches).map(([bench, figures]) => ({ bench, size: 'some', figures, answers: {} })),
})

const sizes = [
  ['0.134', 90_000],
  ['2', 45_000],
  ['4', 30_000],
] as const
const grown = sizes.flatMap(([size, rate]) => [
  figure(`${size} EF, placed`, 'jobs/s', [rate]),
  figure(`${size} EF, cost per job / 0.134 EF`, 'ratio', [90_000 / rate]),
])
const waiting = [1_000, 10_000].map((count) => latency(`2 EF, ${count} waiting, a finish`, 'ms', [count / 1e5, 1]))
const page = resultsPage([
  run(1, { live: [figure('dure / raw', 'ratio', [1.5])] }),
  run(3, { live: [figure('dure / raw', 'ratio', [2.5])], capacity: [...grown, ...waiting] }),
])

/** Cells of the row that begins with a text. */
const rowOf = (first: string): string[] => {
  const row = page.split('<tr>').find((one) => one.includes(first)) ?? ''
  return [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) =>
    cell.replaceAll(/<[^>]*>|\u00a0/g, ' '),
  )
}

describe('the page of results', () => {
  it('shows each promised number beside what was measured, and how to measure it', () => {
    const row = rowOf('beside two hops of raw BullMQ')
    expect(row.slice(1, 4).map((cell) => cell.trim())).toEqual(['2.5 ratio', '≥ 0.5', '2'])
    expect(row[4]).toContain('aim reached')
    expect(row.at(-1)).toBe('npm run bench -- --only live')
  })

  it('says what nobody has recorded', () => {
    expect(rowOf('API submit beside')[4]).toContain('not recorded')
  })

  it('draws what size costs, and what has become of a promised figure', () => {
    const drawn = [...page.matchAll(/<figure class="figure" id="([\w-]+)"/g)].map(([, id]) => id)
    // The seventh target is the live ratio, the only one that was recorded twice.
    expect(drawn).toEqual(['placed', 'cost', 'backlog', 'history-6'])
    expect(page).toContain('0.134 EF: 90,000 jobs/s; 4 EF: 30,000 jobs/s.')
  })

  it('has every figure of every bench, of the newest run', () => {
    expect(rowOf('<th scope="row">dure / raw</th><td')[1]).toBe('2.5 ratio')
    expect(page.match(/<caption id="figures-/g)).toHaveLength(2)
  })

  it('takes names for text', () => {
    expect(page).toContain('a &lt;processor&gt;')
    expect(page).not.toContain('<processor>')
  })

  it('is not made of nothing', () => {
    expect(() => resultsPage([])).toThrow('nothing is recorded')
  })
})
