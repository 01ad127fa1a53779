// Scenarios whose demand is a job log, at the command line.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'
import { smallPlan } from '../testing/small-plan.ts'

const { dure, write, folder } = openDesk()

/** Two jobs of 8 accelerators on a pool of 8: the second waits until the first ends, after an hour. */
const log = ['1 0 -1 3600 8', '2 60 -1 3600 8'].map((job) => `${job} -1 -1 8 7200 -1 1 1 1 -1 1 -1 -1 -1\n`).join('')

const plan = (trace: string, more = ''): string =>
  smallPlan({
    name: 'logged',
    days: 1,
    nodes: 1,
    demand: `{ groups: [{ name: g, accounts: [univ], assumed: true, trace: { ${trace} } }] }`,
    more,
  })

beforeAll(() => {
  mkdirSync(join(folder, 'logs'))
  writeFileSync(join(folder, 'logs', 'two.swf.gz'), gzipSync(log))
  write(
    'plan.yaml',
    plan(
      'file: logs/two.swf.gz',
      'study: { seeds: 2, sweep: [{ field: demand.groups.g.trace.load_factor, values: [0.5, 1] }] }\n',
    ),
  )
})

it('simulates the log on the machine of the scenario', () => {
  const { stdout, stderr, code } = dure('sim plan.yaml --jobs jobs.csv --json')
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  expect(JSON.parse(stdout)).toMatchObject({ scenario: 'logged', jobs: 2 })
  const [header, ...rows] = readFileSync(join(folder, 'jobs.csv'), 'utf8').trimEnd().split('\n')
  const start = header!.split(',').indexOf('start')
  expect(rows.map((row) => Number(row.split(',')[start]))).toEqual([0, 3600])
})

it('is told where it is wrong in the scenario', () => {
  write('wrong.yaml', plan('file: logs/none.swf'))
  const missing = dure('scenario wrong.yaml')
  expect(missing.stderr).toContain('line 8: There is no job log logs/none.swf that can be read.')
  expect(missing.code).toBe(1)
  write('wrong.yaml', plan('file: wrong.yaml'))
  expect(dure('sim wrong.yaml').stderr).toContain('line 8: wrong.yaml is no job log')
  write('wrong.yaml', plan('file: logs/two.swf.gz, accelerators_per_processor: 2'))
  expect(dure('study wrong.yaml').stderr).toContain('line 8: 2 jobs of the log two.swf.gz fit no pool (lines 1, 2)')
  const longer = dure('sim plan.yaml --days 3')
  expect(longer.stderr).toContain(
    'The log two.swf.gz has 1 day, 1 day of it after its `offset`, and 3 simulated days take 3 days of it',
  )
  expect(longer.code).toBe(2)
})

it('is studied by threads that read it themselves', () => {
  const { code, stderr } = dure('study plan.yaml --out out --workers 2')
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Results: out\n' })
  const rows = JSON.parse(readFileSync(join(folder, 'out', 'results.json'), 'utf8'))
  // The second job waits until 3600 s: from 120 s on at half the speed, and from 60 s on.
  expect(rows.map(({ jobs, wait_p99_s, seed }: Record<string, number>) => [jobs, wait_p99_s, seed])).toEqual([
    [2, 3480, 1],
    [2, 3480, 2],
    [2, 3540, 1],
    [2, 3540, 2],
  ])
  // Nothing that somebody is shown says where on this machine it lay.
  expect(readFileSync(join(folder, 'out', 'report.html'), 'utf8')).not.toContain(folder)
})

it('does not go to a center', () => {
  const { stderr, code } = dure('study plan.yaml --center')
  expect(stderr).toContain(
    'the job log two.swf.gz is on this machine, and the workers of a center have none: leave out --center',
  )
  expect(code).toBe(2)
})
