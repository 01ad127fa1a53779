import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isKorean } from '../testing/korean-text.ts'
import type { Language } from './language.ts'
import { type FiledModel, modelFileText, readModelFile } from './model-file.ts'

const text = `name: two-kinds
percents_of: jobs
kinds:
  - name: small
    percent: 75
    sizes: [[1, 3], [2, 1]]
    run:
      parts: [{percent: 100, median_s: 600, sigma: 1.5}]
      shortest_s: 1
      longest_s: 86400
    at_limit: null
    runs_on: any
    needs_fp64: false
    endings: &endings
      fail_percent: 10
      fails_at: end
      abandon_percent: 0
      stop_percent: 5
      give_up_percent: 0
      patience_mean_s: 0
    sessions: &sessions
      jobs: [[1, 9], [4, 1]]
      think: {parts: [{percent: 100, median_s: 60, sigma: 1}], shortest_s: 1, longest_s: 3600}
      awaits_up_to_s: 0
      repeat_percent: 40
  - name: large
    percent: 25
    sizes: [[64, 1]]
    run: {parts: [{percent: 100, median_s: 7200, sigma: 1}], shortest_s: 1, longest_s: 86400}
    at_limit: {percent: 30, limits_s: [[3600, 1]]}
    runs_on: [[npu, pim], [gpu]]
    needs_fp64: true
    endings: *endings
    sessions: *sessions
week: [${Array.from({ length: 168 }, () => 1).join(', ')}]
jobs_per_week: 500.5
users: {activity_exponent: 1.2, break_s: 3600, seen: {users: 7, accounts: 2}}
estimates:
  habit: table
  classes:
    - {run_up_to_s: 60, limits_s: [[300, 2], [600, 1]]}
    - {run_up_to_s: 3600, limits_s: [[3600, 1]]}
`

function wrongIn(changed: string, language: Language = 'en'): string[] {
  const read = readModelFile(changed, language)
  return read.ok ? [] : read.findings.map(({ line, pointer, detail }) => `${line} ${pointer}: ${detail}`)
}

it('reads every part of a model', () => {
  const read = readModelFile(text)
  expect(read.ok && read.model).toMatchObject({
    name: 'two-kinds',
    percentsOf: 'jobs',
    kinds: [
      {
        name: 'small',
        sizes: [
          [1, 3],
          [2, 1],
        ],
        run: { parts: [{ percent: 100, medianS: 600, sigma: 1.5 }], shortestS: 1, longestS: 86_400 },
        atLimit: null,
        runsOn: 'any',
        needsFp64: false,
      },
      {
        atLimit: { percent: 30, limitsS: [[3600, 1]] },
        runsOn: [['npu', 'pim'], ['gpu']],
        needsFp64: true,
        endings: { failPercent: 10, failsAt: 'end', giveUpPercent: 0, patienceMeanS: 0 },
        sessions: { awaitsUpToS: 0, repeatPercent: 40 },
        // Files are older than checkpoints.
        checkpoint: null,
      },
    ],
    jobsPerWeek: 500.5,
    users: { activityExponent: 1.2, breakS: 3600, seen: { users: 7, accounts: 2 } },
    estimates: { habit: 'table', classes: [{ runUpToS: 60 }, { runUpToS: 3600 }] },
  })
})

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const percent = number(0, 100)
const timeS = number(0.001, 1e9)
const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
const weighted = (value: fc.Arbitrary<number>) =>
  fc.array(fc.tuple(value, number(0.001, 1e6)), { minLength: 1, maxLength: 5 })
const rising = (table: readonly (readonly [number, number])[]) =>
  [...new Map(table)].sort(([a], [b]) => a - b) satisfies readonly (readonly [number, number])[]
const count = fc.integer({ min: 1, max: 1_000_000 })
const timeLaw = fc
  .record({
    weights: fc.array(number(0.01, 1), { minLength: 1, maxLength: 3 }),
    medianS: timeS,
    sigma: number(0, 5),
    times: fc.tuple(timeS, timeS),
  })
  .map(({ weights, medianS, sigma, times }) => {
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return {
      parts: weights.map((weight) => ({ percent: (100 * weight) / sum, medianS, sigma })),
      shortestS: Math.min(...times),
      longestS: Math.max(...times),
    }
  })
const kind = fc.record({
  percent: number(0.001, 100),
  sizes: weighted(count),
  run: timeLaw,
  atLimit: fc.option(fc.record({ percent, limitsS: weighted(timeS) })),
  runsOn: fc.oneof(
    fc.constant('any' as const),
    fc.array(fc.subarray(['gpu', 'npu', 'pim'] as const, { minLength: 1 }), { minLength: 1, maxLength: 3 }),
  ),
  needsFp64: fc.boolean(),
  endings: fc.record({
    failPercent: number(0, 30),
    failsAt: fc.constantFrom('early' as const, 'end' as const),
    abandonPercent: number(0, 30),
    stopPercent: number(0, 40),
    giveUpPercent: percent,
    patienceMeanS: number(0, 1e9),
  }),
  sessions: fc.record({ jobs: weighted(count), think: timeLaw, awaitsUpToS: number(0, 1e9), repeatPercent: percent }),
  checkpoint: fc.option(
    fc.record({
      everyS: fc.oneof(fc.constant('young-daly' as const), timeS),
      writeS: number(0, 1e9),
      restartS: number(0, 1e9),
    }),
  ),
})
const models: fc.Arbitrary<FiledModel> = fc.record({
  name,
  percentsOf: fc.constantFrom('work' as const, 'jobs' as const),
  kinds: fc
    .array(kind, { minLength: 1, maxLength: 3 })
    .chain((kinds) =>
      fc
        .uniqueArray(name, { minLength: kinds.length, maxLength: kinds.length })
        .map((names) => kinds.map((one, i) => ({ name: names[i]!, ...one }))),
    ),
  week: fc
    .array(number(0.01, 10), { minLength: 168, maxLength: 168 })
    .map((rates) => rates.map((rate) => (rate * 168) / rates.reduce((sum, one) => sum + one, 0))),
  jobsPerWeek: fc.option(number(0.001, 1e7)),
  users: fc.record({
    activityExponent: number(0, 5),
    breakS: number(0, 1e6),
    seen: fc.option(fc.record({ users: count, accounts: count })),
  }),
  estimates: fc.oneof(
    fc.record({
      habit: fc.constant('people' as const),
      longestPercent: number(0, 50),
      shortPercent: number(0, 50),
      popularPercent: percent,
    }),
    fc.uniqueArray(number(0, 1e6), { minLength: 1, maxLength: 4 }).chain((ends) =>
      fc.record({
        habit: fc.constant('table' as const),
        classes: fc.tuple(
          ...ends
            .sort((a, b) => a - b)
            .map((runUpToS) => fc.record({ runUpToS: fc.constant(runUpToS), limitsS: weighted(timeS).map(rising) })),
        ),
      }),
    ),
    fc.constant({ habit: 'exact' as const }),
  ),
})

it.each(['yaml', 'json'] as const)('reads back what was written as %s', (form) => {
  fc.assert(
    fc.property(models, (model) => {
      expect(readModelFile(modelFileText(model, form))).toEqual({ ok: true, model })
    }),
    { numRuns: 60 },
  )
})

it('writes pairs on a line of their own', () => {
  const read = readModelFile(text)
  expect(read.ok && modelFileText(read.model, 'yaml')).toContain('    sizes:\n      - [1, 3]\n      - [2, 1]\n')
})

describe('what is wrong with a model', () => {
  it.each<[string, string, string]>([
    [
      'percents_of: jobs',
      'percents_of: time',
      '2 /percents_of: `percents_of` must be one of work, jobs, but is "time".',
    ],
    ['name: small\n    percent: 75', 'name: small', '4 /kinds/0/percent: `kinds[0].percent` is missing.'],
    ['percent: 75', 'percent: -1', '5 /kinds/0/percent: `kinds[0].percent` must be more than 0, but is -1.'],
    ['[2, 1]]', '[2.5, 1]]', '6 /kinds/0/sizes/1/0: `kinds[0].sizes[1][0]` must be a whole number, but is 2.5.'],
    ['[[1, 3], [2, 1]]', '[[1, 0]]', '6 /kinds/0/sizes: `kinds[0].sizes` needs a weight above 0.'],
    [
      '[{percent: 100, median_s: 600, sigma: 1.5}]',
      '[{percent: 90, median_s: 600, sigma: 1.5}]',
      '8 /kinds/0/run/parts: `kinds[0].run.parts` has percents that add up to 90; they must make 100.',
    ],
    [
      'longest_s: 86400\n',
      'longest_s: 0.5\n',
      '10 /kinds/0/run/longest_s: `kinds[0].run.longest_s` must be at least `shortest_s`, but is 0.5.',
    ],
    [
      'needs_fp64: false',
      'needs_fp46: false',
      '13 /kinds/0/needs_fp46: `needs_fp46` is not a field here. Did you mean `needs_fp64`?',
    ],
    [
      'runs_on: any',
      'runs_on: [[tpu]]',
      '12 /kinds/0/runs_on/0/0: `kinds[0].runs_on[0][0]` must be one of gpu, npu, pim, but is "tpu".',
    ],
    [
      'fail_percent: 10',
      'fail_percent: 96',
      '14 /kinds/0/endings: `kinds[0].endings` must have `fail_percent`, `abandon_percent` and `stop_percent` that add up to at most 100.',
    ],
    [
      'name: large',
      'name: small',
      '26 /kinds/1/name: `kinds[1].name` must differ from those of the kinds before it, but is "small".',
    ],
    ['week: [1, ', 'week: [', '35 /week: `week` must have at least 168 items.'],
    [
      'week: [1, ',
      'week: [85, ',
      '35 /week: `week` must have rates that are 1 on the average; these are 1.5: divide each by that.',
    ],
    [
      '[300, 2], [600, 1]',
      '[600, 2], [300, 1]',
      '41 /estimates/classes/0/limits_s: `estimates.classes[0].limits_s` must have limits that rise.',
    ],
    [
      'run_up_to_s: 3600',
      'run_up_to_s: 60',
      '40 /estimates/classes: `estimates.classes` must be in order of `run_up_to_s`, rising.',
    ],
    ['break_s: 3600', 'break_s: 3600, seen: null', '37 : The YAML cannot be read: Map keys must be unique.'],
  ])('%s as %s', (right, wrong, finding) => {
    expect(text).toContain(right)
    const found = wrongIn(text.replace(right, wrong))
    expect(found).toEqual(expect.arrayContaining([finding]))
    for (const detail of wrongIn(text.replace(right, wrong), 'ko')) expect(detail).toSatisfy(isKorean)
  })

  it('says all of it at once', () => {
    expect(wrongIn(text.replace('percent: 75', 'percent: 0').replace('habit: table', 'habit: guess'))).toHaveLength(2)
  })

  it.each(['', 'nodes: 2\n', '[]', '"national"', '{'])('of %j is not a crash', (content) => {
    expect(wrongIn(content)).not.toEqual([])
  })
})
