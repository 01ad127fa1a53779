// From a log to a model of it to jobs drawn from that, as people go: the real command in a process of its own.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { modelFileText, readModelFile } from '@dure/contract'
import { loadPreset } from '@dure/contract/presets'
import { easy } from '@dure/core'
import { fittedCenter, nationalModel, runScenario } from '@dure/sim'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

const { folder, dure } = openDesk()

function summaryOf(args: string) {
  const { stdout, stderr, code } = dure(`${args} --json`)
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  return JSON.parse(stdout)
}

const DAY_MS = 86_400_000
/** 1970-01-05 in Korea. */
const MONDAY_MS = Date.parse('1970-01-05T00:00:00+09:00')

/** Two weeks of seven users of two groups on 64 processors, a job every ten minutes. */
function log(): string {
  const rows = Array.from({ length: 2016 }, (_, i) => {
    const run = i % 3 === 0 ? 3600 : 60 + ((7 * i) % 1800)
    const size = i % 4 === 0 ? 16 : 1
    return [i + 1, 600 * i, -1, run, size, -1, -1, size, 3600, -1, 1, 1 + (i % 7), 1 + (i % 2), -1, 1, -1, -1, -1]
  })
  return `; MaxProcs: 64\n; UnixStartTime: 1700000000\n${rows.map((fields) => fields.join(' ')).join('\n')}\n`
}

const text = (): string => readFileSync(join(folder, 'fit.yaml'), 'utf8')

beforeAll(() => {
  writeFileSync(join(folder, 'log.swf'), log())
  for (const form of ['yaml', 'json']) {
    expect(dure(`trace log.swf --fit --out fit.${form}`)).toMatchObject({ stderr: '', code: 0 })
  }
})

describe('dure sim --model', () => {
  const sim = 'sim --model fit.yaml --procs 64 --policy easy --days 14'

  it('asks for about as many jobs as the log had, and for others with each seed', () => {
    const one = summaryOf(sim)
    // Jobs come in sessions of very different lengths, so two weeks of a seed may have far more or fewer than the log.
    expect(one.jobs).toBeGreaterThan(0.6 * 2016)
    expect(one.jobs).toBeLessThan(1.6 * 2016)
    expect(one).toMatchObject({
      policy: 'easy',
      model: 'log.swf',
      days: 14,
      load: null,
      seed: 1,
      processors: 64,
      unit: 'processors',
      rejected: 0,
    })
    expect(summaryOf(`${sim} --seed 1`).facts_hash).toBe(one.facts_hash)
    expect(summaryOf(sim.replace('yaml', 'json')).facts_hash).toBe(one.facts_hash)
    const two = summaryOf(`${sim} --seed 2`)
    expect(two.seed).toBe(2)
    expect(two.facts_hash).not.toBe(one.facts_hash)
  })

  it('is the scenario of that model, center and seed', () => {
    const read = readModelFile(text())
    if (!read.ok) throw new Error('the model cannot be read')
    const { model } = read
    const config = fittedCenter(model, 64, easy)
    const demand = { kind: 'modelled', model, load: 1.5, startMs: 0, unixMs: MONDAY_MS, untilMs: 14 * DAY_MS } as const
    expect(summaryOf(`${sim} --load 1.5 --seed 3`)).toMatchObject({
      load: 1.5,
      facts_hash: runScenario({ config, demand, untilMs: demand.untilMs }, 3).simulation.factsHash,
    })
  })

  it('measures after a warm-up, writes the jobs, and decides after each event where it is asked to', () => {
    const one = summaryOf(`${sim} --warmup 7d --jobs jobs.csv --pass-per event`)
    expect(one).toMatchObject({ warmup_s: 7 * 86_400, pass_per: 'event' })
    const rows = readFileSync(join(folder, 'jobs.csv'), 'utf8').trimEnd().split('\n').slice(1)
    const submitS = rows.map((row) => Number(row.split(',')[1]))
    expect(Math.max(...submitS)).toBeLessThan(14 * 86_400)
    expect(submitS.filter((second) => second >= submitS[0]! + 7 * 86_400)).toHaveLength(one.jobs)
  })

  it('draws the national model on a preset, under its policy', () => {
    const { config } = loadPreset('baseline-2024')
    const demand = { kind: 'modelled', load: 0.9, startMs: 0, unixMs: MONDAY_MS, untilMs: DAY_MS } as const
    const one = summaryOf('sim --model national --center baseline-2024 --days 1')
    expect(one).toMatchObject({
      policy: config.policy.name,
      model: 'national',
      days: 1,
      load: 0.9,
      seed: 1,
      processors: 2320,
      unit: 'accelerators',
      facts_hash: runScenario({ config, demand, untilMs: demand.untilMs }, 1).simulation.factsHash,
    })
    expect(summaryOf('sim --model national --center baseline-2024 --days 1 --policy fcfs').facts_hash).not.toBe(
      one.facts_hash,
    )
  })

  it('tells people what was drawn', () => {
    expect(dure(`${sim} --load 0.5`).stdout).toMatch(/^model +log\.swf: 14 days, load 0\.5, seed 1$/m)
    expect(dure(`${sim} --lang ko`).stdout).toMatch(/^모델 +log\.swf: 14일, 기록만큼의 작업, 시드 1$/m)
    const help = dure('sim --help').stdout
    expect(help).toContain('\n  $ dure sim --model fit.yaml --procs 128')
    expect(dure('sim --help --lang ko').stdout).toContain('그 모델에서 만든 더 바쁜 두 달')
  })

  it('refuses a file that is no model, with every line that is wrong', () => {
    const lines = text().split('\n')
    const at = lines.findIndex((line) => line.startsWith('    percent: '))
    lines[at] = '    percent: none'
    writeFileSync(join(folder, 'bad.yaml'), lines.join('\n').replace('percents_of: jobs', 'percent_of: jobs'))
    const { stdout, stderr, code } = dure('sim --model bad.yaml --procs 64')
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 })
    expect(stderr.trimEnd().split('\n')).toEqual([
      'dure: bad.yaml: The model file has errors',
      '  line 1: `percents_of` is missing.',
      `  line ${at + 1}: \`kinds[0].percent\` must be a number, but is "none".`,
      '  line 2: `percent_of` is not a field here. Did you mean `percents_of`?',
      '  Correct the lines named, or make it anew with `dure trace LOG --fit --out FIT.yaml`.',
    ])
    const korean = dure('sim --model bad.yaml --procs 64 --lang ko').stderr
    expect(korean).toContain('작업 모델 파일에 오류가 있습니다')
    expect(dure('sim --model log.swf --procs 64').code).toBe(1)
    expect(dure('sim --model nowhere.yaml --procs 64')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere.yaml: there is no such file'),
    })
  })

  it.each([
    ['sim --model fit.yaml', 'log.swf: a model does not say how large its machine is: give --procs N or --center FILE'],
    ['sim --model fit.yaml --procs 8 --center baseline-2024', 'give one of --procs and --center'],
    ['sim --model national --procs 8', 'national: its jobs run on GPU, NPU and PIM nodes, and --procs has none'],
    [
      'sim --model fit.yaml --procs 8 --trace log.swf',
      "'--trace <FILE>' cannot be used with option '--model <FIT.yaml>'",
    ],
    ['sim --model fit.yaml --procs 8 --first 5', "'--first <N>' cannot be used with option '--model <FIT.yaml>'"],
    ['sim --model fit.yaml --procs 8 --strict', "'--strict' cannot be used with option '--model <FIT.yaml>'"],
    ['sim --model fit.yaml --nodes nodes.csv', "'--nodes <FILE>' cannot be used with option '--model <FIT.yaml>'"],
    ['sim --trace log.swf --seed 2', "'--seed <N>' cannot be used with option '--trace <FILE>'"],
    ['sim --trace log.swf --days 2', "'--days <N>' cannot be used with option '--trace <FILE>'"],
    ['sim --trace log.swf --load 2', "'--load <FRACTION>' cannot be used with option '--trace <FILE>'"],
    ['sim --model fit.yaml --procs 8 --days none', '--days must be a number above 0, such as 30; it is "none"'],
    ['sim --model fit.yaml --procs 8 --load 0', '--load must be a number above 0, such as 0.9; it is "0"'],
    ['sim --model fit.yaml --procs 8 --seed 0.5', '--seed must be a whole number of at least 1; it is "0.5"'],
    ['sim --model fit.yaml --procs 8 --days 0.000001', 'log.swf: it submits no job in so short a time'],
    ['sim --model fit.yaml --procs 8 --days 1 --warmup 9d', '--warmup 9d leaves no job to measure'],
    ['sim --model counted.yaml --center counted-center.yaml', 'has no pool of GPU, NPU or PIM nodes'],
  ])('%s is a mistake of the command line', (args, sentence) => {
    writeFileSync(join(folder, 'counted.yaml'), modelFileText(nationalModel, 'yaml'))
    writeFileSync(
      join(folder, 'counted-center.yaml'),
      'name: counted\npools: [{name: all, kind: cpu, processors: 8}]\naccounts: [{name: lab, users: [kim]}]\n',
    )
    const { stdout, stderr, code } = dure(args)
    expect(stderr).toContain(sentence)
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
  })
})

it('keeps the built-in model when it is written and read', () => {
  expect(readModelFile(modelFileText(nationalModel, 'yaml'))).toEqual({ ok: true, model: nationalModel })
})
