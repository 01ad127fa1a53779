// `dure study` as somebody types it: what it leaves, how it ends, and what is left of it when it is ended.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { ResultRow, StudyOutcome } from '@dure/contract'
import { parquetReadObjects } from 'hyparquet'
import { beforeAll, describe, expect, it } from 'vitest'
import { command, openDesk } from '../testing/desk.ts'
import { smallPlan } from '../testing/small-plan.ts'

const desk = openDesk()

/** Eight nodes for two days: a simulation takes a moment. The study begins in line 9. */
const tiny = (name: string, study: string): string =>
  smallPlan({ name, days: 2, nodes: 8, demand: '{ load: 0.8 }', more: `study:\n${study}` })

const sweep = '  sweep:\n    - { field: demand.load, values: [0.4, 0.8, 1.2] }\n  seeds: 2\n'

const file = (...path: string[]): string => readFileSync(join(desk.folder, ...path), 'utf8')
const rowsIn = (folder: string): ResultRow[] => JSON.parse(file(folder, 'results.json'))
/** All columns but the one that depends on the machine. */
const decided = (rows: readonly ResultRow[]) => rows.map(({ sim_jobs_per_second: _, ...row }) => row)

beforeAll(() => {
  desk.write('tiny.yaml', tiny('tiny', sweep))
})

describe('a study', () => {
  it('leaves the same rows as JSON, CSV and Parquet, and a report', async () => {
    const { code, stdout, stderr } = desk.dure('study tiny.yaml --out whole')
    expect([code, stderr]).toEqual([0, 'Results: whole\n'])
    expect(stdout).toContain('USED')
    expect(readdirSync(join(desk.folder, 'whole')).sort()).toEqual([
      'report.html',
      'results.csv',
      'results.json',
      'results.parquet',
      'rows.jsonl',
      'study.json',
    ])
    const rows = rowsIn('whole')
    expect(rows.map(({ point, seed, ...row }) => [point, row['demand.load'], seed])).toEqual(
      [0.4, 0.8, 1.2].flatMap((load, point) => [1, 2].map((seed) => [point, load, seed])),
    )
    for (const row of rows) expect(ResultRow.safeParse(row).error).toBeUndefined()

    const [header, ...lines] = file('whole', 'results.csv').trimEnd().split('\n')
    const names = header!.split(',')
    expect(names.slice(0, 4)).toEqual(['point', 'policy', 'demand.load', 'capacity_ef'])
    expect(names).toEqual(Object.keys(rows[0]!))
    const cells = rows.map((row) => names.map((name) => String(row[name] ?? '')).join(','))
    expect(lines).toEqual(cells)

    const bytes = readFileSync(join(desk.folder, 'whole', 'results.parquet'))
    const parquet = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    })
    expect(parquet).toEqual(rows)
    expect(file('whole', 'report.html')).toContain('<!doctype html>')
  })

  it('comes to the same rows whatever the number of workers', () => {
    const { code, stdout } = desk.dure('study tiny.yaml --out one --workers 1 --json -q')
    expect(code).toBe(0)
    const outcome = StudyOutcome.parse(JSON.parse(stdout))
    expect(decided(outcome.rows)).toEqual(decided(rowsIn('whole')))
    expect(outcome.provenance).toMatchObject({ from: '2030-01-07', days: 2, warmup_days: 0 })
  })

  it('touches no folder that has a study, unless it is to go on with it', () => {
    const again = desk.dure('study tiny.yaml --out whole')
    expect([again.code, again.stderr]).toEqual([
      5,
      'dure: whole: it has 6 results of this very study\n  Go on with it by --resume, or give another folder by --out.\n',
    ])
    const before = file('whole', 'rows.jsonl')
    expect(desk.dure('study tiny.yaml --out whole --resume').code).toBe(0)
    expect(file('whole', 'rows.jsonl')).toBe(before)
  })

  it('does not advise going on with what cannot be gone on with', () => {
    const { code, stderr } = desk.dure('study tiny.yaml --seeds 1 --out whole --resume')
    expect([code, stderr]).toEqual([5, expect.stringContaining('it has 6 results of tiny, asked otherwise than now')])
    expect(stderr).not.toContain('--resume')
  })

  it('ends with 99 where a bound is missed, and names bound, point and mean', () => {
    const kept = desk.dure(['study', 'tiny.yaml', '--out', 'whole', '--resume', '--threshold', 'utilization<=1'])
    expect(kept.code).toBe(0)
    const bounds = ['--threshold', 'utilization<0', '--threshold', 'jobs>=0']
    const { code, stdout, stderr } = desk.dure(['study', 'tiny.yaml', '--out', 'whole', '--resume', ...bounds])
    expect(code).toBe(99)
    expect(stdout).toContain('USED')
    expect(stderr).toContain('dure: tiny: missed: utilization < 0\n')
    expect(stderr).toMatch(/ {2}utilization < 0: 0\.\d+ \(point 0, fairshare\)\n/)
    expect(stderr).not.toContain('jobs >=')
  })

  it('compares policies on the same seeds', () => {
    desk.write('compare.yaml', tiny('compare', '  compare: { policies: [fcfs, easy] }\n  seeds: 3\n'))
    const { code, stdout } = desk.dure('study compare.yaml --out compare --json -q')
    expect(code).toBe(0)
    const { differences, rows } = StudyOutcome.parse(JSON.parse(stdout))
    expect(rows.map(({ policy, seed }) => `${policy} ${seed}`)).toEqual(
      ['fcfs', 'easy'].flatMap((policy) => [1, 2, 3].map((seed) => `${policy} ${seed}`)),
    )
    // Both policies meet the same demand, seed by seed.
    expect(rows.slice(0, 3).map(({ offered_load }) => offered_load)).toEqual(
      rows.slice(3).map(({ offered_load }) => offered_load),
    )
    const load = differences.find(({ column }) => column === 'offered_load')
    expect(load).toMatchObject({ mean: 0, half_width: 0, base: { policy: 'fcfs' }, other: { policy: 'easy' } })
  })

  it('finds the least that is enough, with a neighbour below that is not', () => {
    const solve =
      '  solve: { knob: capacity_ef, from: 0.001, to: 0.02, tolerance: 0.1, promise: jobs>=150 }\n  seeds: 2\n'
    desk.write('solve.yaml', tiny('solve', solve))
    const { code, stdout } = desk.dure('study solve.yaml --out solve --json -q')
    expect(code).toBe(0)
    const { solutions, rows } = StudyOutcome.parse(JSON.parse(stdout))
    const [{ keeps, misses, tried }] = solutions as [StudyOutcome['solutions'][number]]
    const meanJobs = (capacity: number): number => {
      const at = rows.filter(({ capacity_ef }) => Math.abs(capacity_ef - capacity) < 0.0003)
      return at.reduce((sum, { jobs }) => sum + jobs, 0) / at.length
    }
    expect(misses).toBeCloseTo(keeps! * 0.9, 6)
    expect([meanJobs(keeps!) >= 150, meanJobs(misses!) >= 150]).toEqual([true, false])
    expect(tried.length * 2).toBe(rows.length)
  })
})

describe('what is wrong is said before anything runs:', () => {
  it.each<[string, string, string]>([
    [
      'ten million points',
      '  sweep:\n    - { field: capacity_ef, from: 0.134, to: 4, points: 10000000 }\n',
      'line 10: `study.sweep` makes 30,000,000 simulations (points 10,000,000 × policies 1 × seeds 3), and a study may have 10,000: take fewer.',
    ],
    [
      'a field that is not there',
      '  sweep:\n    - { field: demand.laod, values: [1] }\n',
      'line 11: demand.laod = 1: `laod` is not a field here. Did you mean `load`?',
    ],
    [
      'a value that cannot be',
      '  sweep:\n    - { field: demand.load, values: [1, -1] }\n',
      'line 11: demand.load = -1:',
    ],
    [
      'a promise of nothing',
      '  solve: { knob: capacity_ef, from: 1, to: 2, promise: wait_p95<1 }\n',
      'line 10: Rows have no column wait_p95. Did you mean wait_p95_s?',
    ],
    [
      'a search for nothing',
      '  solve: { knob: capacity_ef, from: 1, to: 2 }\n',
      'line 10: Nothing says what has to be kept: add `promise`',
    ],
    [
      'a scenario that is not there',
      '  compare: { scenarios: [plan-2030, plan-2040] }\n',
      'neither a scenario nor a file plan-2040; did you mean plan-2030?',
    ],
  ])('%s', (_, study, sentence) => {
    desk.write('wrong.yaml', tiny('wrong', study))
    const { code, stderr } = desk.dure('study wrong.yaml --out wrong')
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
    expect(existsSync(join(desk.folder, 'wrong'))).toBe(false)
  })

  it.each<[string, string[], string]>([
    ['a bound in words', ['--threshold', 'short waits'], '--threshold short waits: it must be a column'],
    [
      'a bound on nothing',
      ['--threshold', 'wait_p95<1'],
      '--threshold: Rows have no column wait_p95. Did you mean wait_p95_s?',
    ],
    ['no seeds', ['--seeds', '0'], '--seeds'],
  ])('%s', (_, flags, sentence) => {
    const { code, stderr } = desk.dure(['study', 'tiny.yaml', '--out', 'wrong', ...flags])
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
    expect(existsSync(join(desk.folder, 'wrong'))).toBe(false)
  })

  it('as many simulations by a flag as by the file', () => {
    const { code, stderr } = desk.dure('study tiny.yaml --out wrong --seeds 20000')
    const sentence =
      'The study makes 60,000 simulations (points 3 × policies 1 × seeds 20,000), and a study may have 10,000'
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
    expect(existsSync(join(desk.folder, 'wrong'))).toBe(false)
  })

  it.runIf(existsSync('/proc/self'))('a folder where there can be none', () => {
    const { code, stderr } = desk.dure('study tiny.yaml --out /proc/there/is/none')
    expect([code, stderr]).toEqual([1, expect.stringContaining('it cannot be written')])
  })
})

describe('a study that is ended', () => {
  const long = '  sweep:\n    - { field: demand.load, from: 0.1, to: 1.2, points: 24 }\n  seeds: 1\n'
  beforeAll(() => desk.write('long.yaml', tiny('long', long)))

  /** Begins it, and sends the signal once some rows are there. */
  async function endedBy(signal: NodeJS.Signals, out: string) {
    const child = spawn(process.execPath, [command, 'study', 'long.yaml', '--out', out], {
      cwd: desk.folder,
      env: { PATH: process.env.PATH, LANG: 'C' },
      detached: true,
    })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk))
    const ended = once(child, 'exit')
    const looking = watch(desk.folder, { recursive: true })
    await new Promise<void>((resolve) => {
      looking.on('change', () => {
        const kept = join(desk.folder, out, 'rows.jsonl')
        if (existsSync(kept) && readFileSync(kept, 'utf8').split('\n').length > 4) resolve()
      })
    })
    looking.close()
    // The whole group, since what is started is only what starts the pinned Node.
    process.kill(-child.pid!, signal)
    const [code] = await ended
    return { code, stderr, rows: file(out, 'rows.jsonl').split('\n').length - 1 }
  }

  it.each([
    ['SIGINT', 'by Ctrl-C', 130],
    ['SIGKILL', 'by kill -9', null],
  ] as const)('%s: keeps what is done, and goes on from there', async (signal, _, expected) => {
    const out = `ended-${signal}`
    const { code, stderr, rows } = await endedBy(signal, out)
    if (expected !== null) {
      expect(code).toBe(expected)
      expect(stderr).toContain(
        `interrupted; ${out} has ${rows} of 24 results, and the same command goes on from there with --resume`,
      )
    }
    expect(rows).toBeGreaterThan(2)
    expect(rows).toBeLessThan(24)
    expect(existsSync(join(desk.folder, out, 'results.json'))).toBe(false)
    const before = file(out, 'rows.jsonl').split('\n').slice(0, rows)
    expect(desk.dure(`study long.yaml --out ${out} --resume`).code).toBe(0)
    expect(file(out, 'rows.jsonl').split('\n').slice(0, rows)).toEqual(before)
    expect(rowsIn(out).map(({ point }) => point)).toEqual(Array.from({ length: 24 }, (_, i) => i))
  })
})
