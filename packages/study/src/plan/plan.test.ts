import { type ScenarioFile, withFields } from '@dure/contract'
import { loadScenario, scenarioNames } from '@dure/contract/scenarios'
import { runScenario } from '@dure/sim'
import { describe, expect, it } from 'vitest'
import { planOf, type ScenarioPlan } from './plan.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

const pool = (name: string, model: string, nodes: number, more: object = {}) => ({
  name,
  model,
  nodes,
  accelerators_per_node: 8,
  cpus_per_node: 112,
  memory_per_node: '2TiB',
  assumed: true,
  ...more,
})

const small: ScenarioFile = {
  name: 'small',
  date: '2028-07-03',
  days: 10,
  pools: [pool('h100', 'h100', 4), pool('rngd', 'RNGD', 2), pool('none', 'B200', 0)],
  accounts: [
    { name: 'univ', users: ['ada', 'ben'] },
    {
      name: 'state',
      accounts: [
        { name: 'project', users: ['cho'] },
        { name: 'service', sector: 'public', users: ['dan'] },
      ],
    },
  ],
  demand: { load: 0.5 },
}

const preset = (name: string, fields: Parameters<typeof withFields>[1] = {}): ScenarioPlan => {
  const read = loadScenario(name)
  if (!read.ok) throw new Error(read.findings[0]?.detail)
  const set = withFields(read.scenario, fields)
  if (!set.ok) throw new Error(set.findings[0]?.detail)
  return planOf(set.scenario)
}

const groupsOf = ({ scenario: { demand } }: ScenarioPlan) =>
  demand.kind === 'modelled' && demand.groups !== undefined ? demand.groups : []

it('adds up what stands there and leaves out pools of no nodes', () => {
  const plan = planOf(small)
  expect(plan.fleet).toEqual([
    { pool: 'h100', model: 'H100', kind: 'gpu', accelerators: 32 },
    { pool: 'rngd', model: 'RNGD', kind: 'npu', accelerators: 16 },
  ])
  expect(plan.scenario.config.pools.map(({ name }) => name)).toEqual(['h100', 'rngd'])
  // 32 × 66.9 TFLOPS; an NPU has no FP64.
  expect(plan.capacity.fp64).toBeCloseTo(0.0021408, 9)
  expect(plan.accelerators).toBe(48)
})

it('begins at midnight in Korea', () => {
  expect(new Date(planOf(small).startUnixMs).toISOString()).toBe('2028-07-02T15:00:00.000Z')
})

it('counts accounts under the sector that they or those above them say', () => {
  expect(planOf(small).scenario.groups).toEqual([
    { name: 'univ', accounts: ['univ'] },
    { name: 'state', accounts: ['project'] },
    { name: 'public', accounts: ['service'] },
  ])
})

it('is a plan that the simulator runs, alike for equal seeds', () => {
  const { scenario } = planOf({ ...small, days: 1 })
  const { simulation, demand } = runScenario(scenario, 1)
  expect(demand.count).toBeGreaterThan(0)
  expect(runScenario(planOf({ ...small, days: 1 }).scenario, 1).simulation.factsHash).toBe(simulation.factsHash)
})

describe('what stands there when', () => {
  const dated: ScenarioFile = {
    ...small,
    pools: [
      pool('always', 'H100', 4),
      pool('comes', 'H100', 2, { arrives: '2028-07-05' }),
      pool('goes', 'H100', 2, { arrives: '2026-01-01', retires: '2028-07-05' }),
      pool('gone', 'H100', 2, { retires: '2028-07-03' }),
      pool('later', 'H100', 2, { arrives: '2028-07-13' }),
    ],
  }

  it('is what the days say', () => {
    const plan = planOf(dated)
    expect(plan.fleet.map(({ pool: name }) => name)).toEqual(['always', 'goes'])
    expect(plan.scenario.config.pools.map(({ name }) => name)).toEqual(['always', 'comes', 'goes'])
    expect(plan.scenario.service?.stays).toEqual([
      { pool: 'comes', firstNode: 0, nodes: 2, fromMs: 2 * DAY_MS, untilMs: null },
      { pool: 'goes', firstNode: 0, nodes: 2, fromMs: null, untilMs: 2 * DAY_MS },
    ])
  })

  it('is not changed by a load, which is a part of what stands there on the first day', () => {
    // 6 of 8 nodes stand there: of all 8, half of the load of 6 is 0.375.
    expect(groupsOf(planOf(dated)).map(({ load }) => load)).toEqual([expect.closeTo(0.375, 9)])
  })
})

describe('demand', () => {
  const asked = (year: number): Record<string, number> =>
    Object.fromEntries(groupsOf(preset('plan-2030', { date: `${year}-07-01` })).map(({ name, load }) => [name, load]))

  it('follows the drivers of the plan', () => {
    // Between these days nothing arrives.
    const [now, then] = [asked(2029), asked(2028)]
    // Adoption 1.14 a year; firms supply 80 % themselves in both years.
    expect(now.manufacturing! / then.manufacturing!).toBeCloseTo((0.7 / 0.28) ** (1 / 7), 6)
    // 21.6 % more experts a year, to the power of 0.8.
    expect(now.academia! / then.academia!).toBeCloseTo((200 / 51) ** ((1 / 7) * 0.8), 6)
    // 4 unicorns, then 7.
    expect(now.unicorns! / then.unicorns!).toBeCloseTo(7 / 4, 6)
  })

  it('is multiplied by the pressure, and by a load falls and grows with what stands there', () => {
    const loads = (fields: Parameters<typeof withFields>[1]) =>
      groupsOf(preset('two-exaflops', fields)).map(({ load }) => load)
    const at = loads({})
    expect(at.length).toBeGreaterThan(10)
    expect(loads({ 'demand.pressure': 3.25 })).toEqual(at.map((load) => expect.closeTo(3.25 * load, 9)))
    // The same part of a fifteenth.
    expect(loads({ capacity_ef: 0.134 })).toEqual(at.map((load) => expect.closeTo(load, 9)))
    expect(at.reduce((sum, load) => sum + load, 0)).toBeCloseTo(0.9, 9)
  })

  it('stays what it is when the plan builds less', () => {
    // Half of the nodes, twice the load: what is asked for does not go by what stands there.
    const sum = (plan: ScenarioPlan) => groupsOf(plan).reduce((all, { load }) => all + load, 0)
    const half = preset('plan-2030', { capacity_ef: 62.65 / 2 })
    expect(sum(half) / sum(preset('plan-2030'))).toBeCloseTo(2, 2)
  })

  it('surges when and where the scenario says', () => {
    const surging = groupsOf(preset('typhoon-urgent')).filter(({ surges }) => surges.length > 0)
    // From 18 August, 6 o'clock, in a month that begins on the 1st.
    const fromMs = 17 * DAY_MS + 6 * HOUR_MS
    expect(surging.map(({ name, surges }) => [name, surges])).toEqual([
      ['disaster-response', [{ fromMs, untilMs: fromMs + 72 * HOUR_MS, factor: 20 }]],
    ])
  })
})

describe('where work runs', () => {
  const milleOf = ({ speeds }: ScenarioPlan, kind: string) =>
    Object.fromEntries(speeds.filter((one) => one.kind === kind).map(({ pool: name, mille }) => [name, mille]))

  it('double precision stays where there is some', () => {
    // A B300 has 1.25 TFLOPS of it beside an H100's 66.9.
    expect(milleOf(preset('b300-only'), 'hpc')).toEqual({ h100: 1000 })
    expect(Object.keys(milleOf(preset('b300-only'), 'pretraining'))).toEqual(['h100', 'nacc-gpu'])
  })

  it('inference goes to NPUs as far as software is ready', () => {
    const portable = (plan: ScenarioPlan) =>
      plan.speeds.find(({ kind, pool: name }) => kind === 'inference' && name === 'nacc-npu-2')?.portableMille
    expect(portable(preset('plan-2030'))).toBe(700)
    expect(portable(preset('late-npu-software'))).toBe(200)
    expect(milleOf(preset('plan-2030'), 'pretraining')).not.toHaveProperty('nacc-npu-1')
  })

  it('each goes where it does most good, where devices are unlike and the policy does not say otherwise', () => {
    expect(preset('two-exaflops').scenario.config.policy.devices).toBeUndefined()
    const { devices } = preset('plan-2030').scenario.config.policy
    expect(devices?.rule).toBe('most-good')
    // An RNGD does some of the inference at 0.298 of an H100 and nothing else: what is worth little to all is where that goes first.
    const worth = devices?.rule === 'most-good' ? devices.worthMille : {}
    const { speeds } = preset('plan-2030')
    const gain = (kind: string, name: string) =>
      speeds.find((one) => one.kind === kind && one.pool === name)!.mille / worth[name]!
    expect(worth['nacc-npu-1']).toBeLessThan(100)
    expect(gain('inference', 'nacc-npu-1')).toBeGreaterThan(gain('inference', 'nacc-gpu-1'))
    expect(planOf({ ...small, policy: { devices: { rule: 'fastest' } } }).scenario.config.policy.devices).toEqual({
      rule: 'fastest',
    })
  })
})

describe('what breaks and is taken out', () => {
  it('nodes, leaves of 32 and whole clusters fail by their rates', () => {
    const { faults } = preset('flagship-outage').scenario.service!
    const of = (name: string) => faults.find((law) => law.name === name)
    expect(of('node/b200-a')).toMatchObject({ nodesTogether: 1, perUnitDay: 0.0065 })
    expect(of('leaf/b200-a')).toMatchObject({ nodesTogether: 32 })
    expect(of('cluster/b200-a')).toMatchObject({ nodesTogether: 510 })
  })

  it('the flagship is out for three days, all 510 nodes', () => {
    const fromMs = 12 * DAY_MS + 9 * HOUR_MS
    expect(preset('flagship-outage').scenario.service?.outages).toEqual([
      { pool: 'b200-a', firstNode: 0, nodes: 510, fromMs, untilMs: fromMs + 3 * DAY_MS, drainMs: 0 },
    ])
  })

  it('maintenance goes through a pool wave by wave', () => {
    const maintenance = [
      { name: 'firmware', pools: ['h100'], from: '2028-07-04', nodes_at_once: 3, each: '4h', drain: '12h' },
    ]
    expect(planOf({ ...small, maintenance }).scenario.service?.outages).toEqual([
      { pool: 'h100', firstNode: 0, nodes: 3, fromMs: DAY_MS, untilMs: DAY_MS + 4 * HOUR_MS, drainMs: 12 * HOUR_MS },
      {
        pool: 'h100',
        firstNode: 3,
        nodes: 1,
        fromMs: DAY_MS + 4 * HOUR_MS,
        untilMs: DAY_MS + 8 * HOUR_MS,
        drainMs: 12 * HOUR_MS,
      },
    ])
  })
})

describe('power', () => {
  it('of a node is that of the usual server', () => {
    // Eight H100: 10.2 kW, three tenths of it idle.
    expect(preset('baseline-2024').draws).toEqual([
      { pool: 'h100', nodes: 250, nodeW: 10_200, idleWPerNode: 3060, busyWPerAccelerator: 893, basis: 'server' },
    ])
    // 15,000 B200 take 27 MW, 30,000 H100 38 MW (server power ÷ 8, each): domain facts.
    const megawatts = (plan: ScenarioPlan, name: string) =>
      plan.draws.filter(({ pool: one }) => one === name).reduce((sum, { nodes, nodeW }) => sum + nodes * nodeW, 0) / 1e6
    expect(megawatts(preset('nacc-2028'), 'nacc-gpu')).toBeCloseTo(27, 0)
    expect(megawatts(preset('two-exaflops'), 'h100')).toBeCloseTo(38, 0)
  })

  it('of other nodes is that of their devices and a host that is assumed, or of the host alone where nobody has published theirs', () => {
    const drawOf = (name: string) => preset('bridge-2026').draws.find(({ pool: one }) => one === name)
    // 4 × 1,000 W and 1.5 kW; what a PIM card takes was not found.
    expect(drawOf('kisti-6')).toMatchObject({ nodeW: 5500, basis: 'devices' })
    expect(drawOf('aimx')).toMatchObject({ nodeW: 1500, basis: 'host' })
  })

  it('is capped at the meter, so that computers get what cooling leaves', () => {
    // 40 MW ÷ 1.2, for the site of the center and no other.
    const { power } = preset('nacc-2028').scenario.config.policy
    expect(power?.capW).toBe(33_333_333)
    expect(Object.keys(power?.pools ?? {})).toEqual(['nacc-gpu'])
    expect(preset('bridge-2026').scenario.config.policy.power).toBeUndefined()
    // Before the summer nothing is capped, but watts are counted.
    expect(preset('power-cap-summer').scenario.config.policy.power?.capW).toBeNull()
    const { powerCaps } = preset('power-cap-summer', { days: 90 }).scenario.service!
    // From 6 July to 1 September.
    expect(powerCaps.map(({ atMs }) => atMs)).toEqual([5 * DAY_MS, 62 * DAY_MS])
    expect(powerCaps[1]?.capW).toBeNull()
  })
})

it('spreads what machines cost over their years', () => {
  const { costs } = preset('nacc-2028')
  expect(costs).toMatchObject({ amortisedYears: 5, upkeepPartPerYear: 0.05 })
  expect(costs?.pools).toContainEqual({ pool: 'nacc-gpu', krwPerAccelerator: 167e6 })
  expect(costs?.pools).toContainEqual({ pool: 'kisti-6', krwPerAccelerator: 45e6 })
})

it.each(scenarioNames())('%s is planned, and every group can submit what it asks for', (name) => {
  const plan = preset(name)
  expect(plan.accelerators).toBeGreaterThan(0)
  const { config } = plan.scenario
  for (const { accounts, load } of groupsOf(plan)) {
    expect(load).toBeGreaterThan(0)
    expect(accounts.every((account) => config.accounts.some((one) => one.name === account))).toBe(true)
  }
})
