// Scenarios at the command line: looked at, simulated, and refused.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readScenario } from '@dure/contract'
import { loadScenario, scenarioNames, scenarioText } from '@dure/contract/scenarios'
import { width } from '@dure/report'
import { outlookOf } from '@dure/study'
import { describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'
import { scenarioReport } from './scenario-report.ts'

const desk = openDesk()
const { dure, write, folder } = desk

const mine = `extends: baseline-2024
name: mine
days: 2
warmup_days: 0
pools:
  h100: { nodes: 20 }
`
write('mine.yaml', mine)

const scenario = (name: string) => {
  const read = loadScenario(name)
  if (!read.ok) throw new Error(read.findings[0]?.detail)
  return read.scenario
}

describe('dure scenario', () => {
  const paper = { language: 'en', width: Infinity, emphasis: String } as const

  it('lists what comes with it', () => {
    const { stdout, code } = dure('scenario')
    expect(code).toBe(0)
    for (const name of scenarioNames()) expect(stdout).toContain(`\n${name} `)
    expect(dure('scenario --lang ko').stdout).toContain('정책 목표')
  })

  it('shows a plan year by year in every unit, with what is counted as nothing', () => {
    const text = scenarioReport(scenario('plan-2030'), outlookOf(scenario('plan-2030')), paper)
    const row = (year: number) =>
      text
        .split('\n')
        .find((line) => line.startsWith(String(year)))
        ?.split(/ {2,}/)
    // 15,000 chips by 2028, a fifth of them NPUs; 50,000 by 2030, half of them: 1.00 EF in FP64 and 62.65 in BF16.
    expect(row(2028)?.slice(0, 5)).toEqual(['2028', '15,000', '20.0 %', '0.480', '27.77'])
    expect(row(2030)?.slice(0, 5)).toEqual(['2030', '50,000', '50.0 %', '1.000', '62.65'])
    expect(text).toContain('RNGD: FP64 (no such format)')
  })

  it.each(scenarioNames())('keeps %s within a narrow terminal, and leaves the units of the policy', (name) => {
    const file = scenario(name)
    const years = outlookOf(file)
    for (const language of ['ko', 'en'] as const) {
      for (const columns of [60, 80, 120]) {
        const lines = scenarioReport(file, years, { ...paper, language, width: columns }).split('\n')
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns)
        expect(lines.find((line) => /^(END OF|연말) /.test(line))).toContain('EF FP64')
      }
    }
  })

  it('names what makes its days unlike others', () => {
    const said = (name: string, language: 'ko' | 'en' = 'en'): string =>
      scenarioReport(scenario(name), outlookOf(scenario(name)), { ...paper, language })
    expect(said('typhoon-urgent')).toMatch(/^surges +disaster-response × 20 for 72h from 2026-08-18 06:00$/m)
    expect(said('typhoon-urgent', 'ko')).toMatch(/^수요 급증 +disaster-response 20배, 2026-08-18 06:00부터 72h 동안$/m)
    expect(said('deadline-spike')).toMatch(/^surges +academia \+ institutes × 3 for 14d/m)
    expect(said('flagship-outage')).toMatch(/^outages +flagship: pool b200-a for 3d from 2026-07-13 09:00$/m)
    expect(said('power-cap-summer')).toMatch(/^power caps +summer: 80 % of full power from 2026-07-06 to 2026-09-01$/m)
  })

  it('says of a load that it goes with what stands there, and names logs', () => {
    const held = scenario('two-exaflops')
    const text = scenarioReport(held, outlookOf(held), paper)
    expect(text).toMatch(/^2024 .* 90\.0 % /m)
    expect(text).toContain('DEMAND is a part of what stands there in the year.')
    const trace = { file: '/logs/of/somebody/philly.csv.gz', sha256: '0'.repeat(64) }
    const [group, ...others] = scenario('plan-2030').demand.groups!
    const logged = {
      ...held,
      demand: { ...held.demand, groups: [{ ...group!, model: 'national' as const, trace }, ...others] },
    }
    expect(scenarioReport(logged, outlookOf(logged), paper)).toMatch(/^job logs +philly\.csv\.gz$/m)
  })

  it('is one document for programs, with the source of every figure', () => {
    const { stdout, code } = dure('scenario two-exaflops --json')
    const { scenario: file, years, figures } = JSON.parse(stdout)
    expect(code).toBe(0)
    expect(file.name).toBe('two-exaflops')
    expect(years.at(-1)).toMatchObject({ year: 2030, accelerators: 30_000, npu_share: 0, capacity: { fp64: 2.007 } })
    expect(figures).toContainEqual({
      what: { ko: 'RNGD의 가격', en: 'price of one RNGD' },
      value: 20_000_000,
      unit: 'KRW',
      source: 'from memory and unverified',
      assumed: true,
    })
    // What it prints is a scenario again.
    expect(readScenario(scenarioText('again', JSON.stringify(file))).ok).toBe(true)
  })

  it('writes the schema that is published', () => {
    const published = new URL('../../contract/schemas/scenario.schema.json', import.meta.url)
    expect(JSON.parse(dure('scenario --schema').stdout)).toEqual(JSON.parse(readFileSync(published, 'utf8')))
  })

  it('says everything that is wrong, with file, line and remedy, and fails', () => {
    write('wrong.yaml', `${mine.replace('nodes: 20', 'nodes: -20')}readiness: {values: {-3: 0.5}}\npolicy: lottery\n`)
    const { stdout, stderr, code } = dure('scenario wrong.yaml')
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 })
    expect(stderr).toContain('line 6: `pools[0].nodes` must be at least 0, but is -20.')
    expect(stderr).toContain('line 7: -3 is no year from 2000 to 2100. Write one such as 2028.')
    expect(stderr).toContain('line 8: There is no policy lottery')
    const { errors } = JSON.parse(dure('scenario wrong.yaml --json').stderr)
    expect(errors[0]).toMatchObject({ file: 'wrong.yaml', line: 6, pointer: '/pools/0/nodes' })
    expect(dure('scenario wrong.yaml --lang ko').stderr).toContain('연도가 아닙니다')
  })

  it('names the other file where the mistake is in what is extended', () => {
    write('part.yaml', 'demand: { load: -1 }\n')
    write('whole.yaml', 'extends: [baseline-2024, part.yaml]\nname: whole\n')
    expect(dure('scenario whole.yaml').stderr).toMatch(
      /part\.yaml, line 1: `demand.load` must be more than 0, but is -1\.$/m,
    )
  })

  it('guesses the name that a misspelt one was meant to be', () => {
    const { stderr, code } = dure('scenario two-exaflop')
    expect(stderr).toContain('there is neither a scenario nor a file two-exaflop; did you mean two-exaflops?')
    expect(code).toBe(1)
  })
})

describe('dure sim SCENARIO', () => {
  it('simulates it and says what it drew and cost', () => {
    const { stdout, code } = dure('sim mine.yaml')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^scenario +mine: 2 days from 2024-07-01, seed 1$/m)
    // 160 H100 are 0.011 EF in FP64 and 0.16 in BF16.
    expect(stdout).toMatch(/^capacity on day 1 +0.011 EF FP64, 0.16 EF BF16, 160 H100 \(BF16\)$/m)
    expect(stdout).toMatch(/^cost, bn KRW +\d/m)
    expect(stdout).toContain('Waits by sector')
  })

  it('gives the same facts for the same seed, and others for another day, seed or policy', () => {
    const hash = (args: string): string => JSON.parse(dure(`sim mine.yaml --json ${args}`).stdout).facts_hash
    const first = hash('')
    expect(hash('--seed 1 --days 2')).toBe(first)
    for (const other of ['--seed 2', '--date 2024-07-03', '--policy easy', '--days 1'])
      expect(hash(other)).not.toBe(first)
  })

  it('writes the jobs', () => {
    expect(dure('sim mine.yaml --days 1 --jobs jobs.csv').code).toBe(0)
    expect(readFileSync(join(folder, 'jobs.csv'), 'utf8')).toMatch(/^job,submit,start,end,procs/)
    expect(dure('sim mine.yaml --jobs mine.yaml').stderr).toContain('is the file that the scenario reads')
  })

  it.each([
    ['--load 2', '--load does not go with a scenario'],
    ['--trace mine.yaml', '--trace does not go with a scenario'],
    ['--date soon', 'must be a day from 2000 to 2100, such as 2028-07-01'],
    ['--days 1 --warmup 2d', 'leaves nothing of 1 days to measure'],
  ])('with %s is a mistake of the command line', (args, sentence) => {
    const { stderr, code } = dure(`sim mine.yaml ${args}`)
    expect(stderr).toContain(sentence)
    expect(code).toBe(2)
  })
})
