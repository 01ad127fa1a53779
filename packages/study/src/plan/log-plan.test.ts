import { ScenarioFile } from '@dure/contract'
import type { CenterConfig } from '@dure/core'
import { parseSwf, runScenario, type Trace, traceCenter } from '@dure/sim'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logFaults } from './log-faults.ts'
import { LogFault, logsIn, type Traces } from './log-plan.ts'
import { outlookOf } from './outlook.ts'
import { planOf } from './plan.ts'

const DAY_S = 86_400
const sha256 = 'a'.repeat(64)

type Row = readonly [submitS: number, runS: number, size: number, user: number]
const logOf = (rows: readonly Row[]): Trace =>
  parseSwf(
    new TextEncoder().encode(
      rows
        .map(([submitS, runS, size, user], i) => {
          return `${i + 1} ${submitS} -1 ${runS} ${size} -1 -1 ${size} ${runS} -1 1 ${user} 1 -1 1 -1 -1 -1`
        })
        .join('\n'),
    ),
  )

/** Two days: 8 accelerators for 6 hours on the first, 16 for 3 hours on the second: 96 accelerator-hours in 48 hours, 2 in the mean. */
const log = logOf([
  [100, 21_600, 8, 4],
  [100 + DAY_S, 10_800, 16, 9],
])

const scenario = (trace: object = {}, group: object = {}, more: Partial<ScenarioFile> = {}): ScenarioFile => ({
  name: 'logged',
  date: '2028-07-03',
  days: 2,
  pools: [
    {
      name: 'h100',
      model: 'H100',
      nodes: 4,
      accelerators_per_node: 8,
      cpus_per_node: 96,
      memory_per_node: '2TiB',
      assumed: true,
    },
  ],
  accounts: [{ name: 'univ', users: ['ada', 'ben'] }, { name: 'firm', users: ['cho'] }, { name: 'empty' }],
  demand: {
    groups: [
      { name: 'g', accounts: ['univ'], trace: { file: '/logs/a.swf', sha256, ...trace }, assumed: true, ...group },
    ],
  },
  ...more,
})
const tracesOf = (trace: Trace): Traces => new Map([[sha256, trace]])

const givenIn = (file: ScenarioFile, trace = log) => {
  const { demand } = planOf(file, tracesOf(trace)).scenario
  if (demand.kind !== 'given') throw new Error(`its demand is ${demand.kind}`)
  return demand.demand
}

it('is what the log says, from users of the group', () => {
  const demand = givenIn(scenario())
  expect([...demand.submitMs]).toEqual([0, 1000 * DAY_S])
  const { associations } = planOf(scenario(), tracesOf(log)).scenario.config
  expect([...demand.association].map((i) => associations[i]!.user)).toEqual(['ada', 'ben'])
  expect(planOf(scenario(), tracesOf(log)).speeds).toEqual([
    { kind: 'classical', pool: 'h100', mille: 1000, portableMille: 1000 },
  ])
})

it('starts every job when a simulation of the log itself does', () => {
  const row = fc.tuple(
    fc.integer({ min: 0, max: DAY_S - 1 }),
    fc.integer({ min: 1, max: 40_000 }),
    fc.integer({ min: 1, max: 32 }),
    fc.integer({ min: 1, max: 4 }),
  )
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 60 }),
      fc.constantFrom('fcfs', 'easy', 'conservative'),
      (rows, policy) => {
        const trace = logOf(rows)
        const file = scenario({}, {}, { days: 1, policy })
        const plan = planOf(file, tracesOf(trace))
        const { config } = plan.scenario
        const alone: CenterConfig = { ...config, accounts: [], associations: [] }
        const given = traceCenter(trace, { kind: 'center', config: alone }, config.policy)
        const own = runScenario({ config: given.config, demand: { kind: 'given', demand: given.demand } }, 1)
        // What waits at the end of the day still starts.
        const { service: _, untilMs: __, ...endless } = plan.scenario
        const planned = runScenario(endless, 1)
        const firstMs = given.demand.submitMs[0]!
        expect([...planned.simulation.startMs]).toEqual([...own.simulation.startMs].map((ms) => ms - firstMs))
        expect(planned.demand.job).toEqual(own.demand.job)
      },
    ),
    { numRuns: 40 },
  )
})

describe('how fast it comes', () => {
  const secondMs = (file: ScenarioFile) => givenIn(file).submitMs[1]! / 1000

  it('is as the scenario says', () => {
    expect(secondMs(scenario({ load_factor: 2 }, {}, { days: 1 }))).toBe(DAY_S / 2)
    // Two of 32 accelerators are a sixteenth; twice as much comes twice as fast.
    expect(secondMs(scenario({ load: 1 / 8 }, {}, { days: 1 }))).toBe(DAY_S / 2)
    const pressed = scenario({}, {}, { days: 1 })
    expect(secondMs({ ...pressed, demand: { ...pressed.demand, pressure: 2 } })).toBe(DAY_S / 2)
  })

  it('goes with the drivers of the group, from the base year on', () => {
    const driven = (year: number) => {
      const file = scenario({ repeat: true }, { drivers: [{ driver: 'people' }] }, { date: `${year}-07-01`, days: 1 })
      return {
        ...file,
        demand: {
          ...file.demand,
          base_year: 2026,
          drivers: [{ name: 'people', values: { 2026: 100, 2028: 400 }, between: 'geometric' as const, assumed: true }],
        },
      }
    }
    // 1 a day, then 2, then 4.
    expect([2026, 2027, 2028].map((year) => givenIn(driven(year)).count)).toEqual([1, 2, 4])
    expect(outlookOf(driven(2026)).map(({ demandIndex, h100sAsked }) => [demandIndex, h100sAsked])).toEqual([
      [1, null],
      [2, null],
      [4, null],
    ])
  })
})

describe('beside a model', () => {
  const both = (load?: number): ScenarioFile => {
    const file = scenario({}, { model: 'national', h100_equivalents: 5 })
    return load === undefined ? file : { ...file, demand: { ...file.demand, load } }
  }
  const sourcesIn = (file: ScenarioFile) => {
    const { demand } = planOf(file, tracesOf(log)).scenario
    return demand.kind === 'several' ? demand.sources : [demand]
  }

  it('has the jobs of both, and none moves those of the other', () => {
    const logged = givenIn(scenario())
    const withoutLog = planOf({
      ...both(),
      demand: { groups: both().demand.groups!.map(({ trace: _, ...group }) => group) },
    })
    const [first, second] = sourcesIn(both())
    expect(first).toEqual({ kind: 'given', demand: logged, startMs: 0 })
    expect(second).toEqual({ ...withoutLog.scenario.demand, speeds: planOf(both(), tracesOf(log)).speeds })
    const { demand } = runScenario(planOf(both(), tracesOf(log)).scenario, 3)
    const alone = runScenario(withoutLog.scenario, 3).demand
    expect(demand.count).toBe(alone.count + 2)
    expect([...demand.submitMs].filter((_, i) => demand.job[i]! % 2 === 0)).toEqual([...alone.submitMs])
    expect([...demand.submitMs].filter((_, i) => demand.job[i]! % 2 === 1)).toEqual([0, 1000 * DAY_S])
  })

  it('leaves the log out of a load, which is the part of the models', () => {
    const [first, second] = sourcesIn(both(0.5))
    expect(first).toEqual({ kind: 'given', demand: givenIn(scenario()), startMs: 0 })
    expect(second).toMatchObject({ kind: 'modelled', groups: [{ name: 'g', load: expect.closeTo(0.5, 9) }] })
  })
})

it('is known by what is in it', () => {
  expect(logsIn(scenario())).toEqual([{ pointer: '/demand/groups/0/trace', file: '/logs/a.swf', sha256 }])
  expect(() => planOf(scenario())).toThrow(LogFault)
  expect(() => planOf(scenario())).toThrow('The log a.swf of group g has not been read here')
})

it.each<[string, ScenarioFile, string, RegExp]>([
  [
    'shorter than the days',
    scenario({ offset: '1d' }),
    'log_too_short',
    /has 2 days, 1 day of it after its `offset`, and 2 simulated days take 2 days of it/,
  ],
  ['too short for its speed', scenario({ load_factor: 2 }), 'log_too_short', /take 4 days of it. Write `repeat: true`/],
  [
    'larger than any pool',
    scenario({ accelerators_per_processor: 3 }),
    'too_large',
    /^A job of the log a.swf fits no pool \(line 2\): the largest that runs classical work has 32/,
  ],
  ['without a job in these days', scenario({ offset: '1h' }, {}, { days: 0.5 }), 'no_jobs', /Choose another `offset`/],
  [
    'of queues that it has not',
    scenario({ queues: { 7: 'h100' } }),
    'unknown_queue',
    /is in a queue or partition 7. There are 1\./,
  ],
  ['of nobody', scenario({}, { accounts: ['empty'] }), 'no_users', /Give an account `users`/],
])('a log %s is refused', (_, file, code, sentence) => {
  expect(ScenarioFile.safeParse(file).error).toBeUndefined()
  const [fault] = logFaults(file, tracesOf(log))
  expect(fault).toMatchObject({ code, pointer: expect.stringMatching(/^\/demand\/groups\/0\/trace/) })
  expect(fault!.said.en).toMatch(sentence)
  expect(fault!.said.ko).toMatch(/[가-힣]/)
})

it('goes only where its kind of work runs', () => {
  const { pools } = scenario()
  const npus = scenario({}, {}, { unit: 'bf16', pools: [{ ...pools[0]!, name: 'rngd', model: 'RNGD' }] })
  expect(logFaults(npus, tracesOf(log))[0]).toMatchObject({ code: 'runs_nowhere' })
  const mixed = scenario(
    { queues: { 1: 'rngd' } },
    {},
    { pools: [...pools, { ...pools[0]!, name: 'rngd', model: 'RNGD' }] },
  )
  expect(logFaults(mixed, tracesOf(log))[0]).toMatchObject({ code: 'runs_elsewhere' })
  // Inference runs on both, if it is sent there.
  const sent = scenario({ queues: { 1: 'rngd' }, kind: 'inference' }, {}, { pools: mixed.pools })
  expect(givenIn(sent).requests.map(({ pools: one }) => one)).toEqual([['rngd'], ['rngd']])
})

it('leaves out what is too large where it may', () => {
  expect(givenIn(scenario({ accelerators_per_processor: 3, too_large: 'leave-out' })).count).toBe(1)
})
