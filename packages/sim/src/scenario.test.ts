import { easy, fairshare } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { smallLog } from '../testing/small-log.ts'
import { type Demand, demandOf } from './demand.ts'
import { flatTariff } from './energy/tariff.ts'
import { submissions } from './model/workload.ts'
import { type DemandSource, runScenario, type Scenario, type ScenarioRun } from './scenario.ts'
import { sharedCancel } from './shared-cancel.ts'
import { type SimulationObserver, simulate } from './simulate.ts'
import { swfCenter } from './trace/trace-center.ts'

const DAY_MS = 86_400_000

const config: Scenario['config'] = {
  name: 'small',
  pools: [
    {
      name: 'h100',
      kind: 'gpu',
      model: 'H100',
      nodes: 32,
      perNode: { cpuMilli: 96_000, memoryMib: 1_048_576, accelerators: 8 },
    },
  ],
  accounts: [{ name: 'lab', parent: null, shares: 1 }],
  associations: [
    { account: 'lab', user: 'kim', shares: 1 },
    { account: 'lab', user: 'lee', shares: 1 },
  ],
  policy: fairshare,
}
const model = { load: 0.9, startMs: 0, unixMs: 3 * DAY_MS, openedBeforeMs: DAY_MS }
const modelled: Scenario = { config, demand: { kind: 'modelled', ...model, untilMs: 2 * DAY_MS } }

it('draws the demand of its seed, and runs it', () => {
  for (const seed of [1, 2]) {
    const { demand, simulation } = runScenario(modelled, seed)
    const expected = demandOf(config, submissions({ ...model, config, seed }), 2 * DAY_MS)
    expect(demand).toEqual(expected)
    expect(simulation).toEqual(simulate(config, expected))
    expect(demand.submitMs.at(-1)).toBeLessThan(2 * DAY_MS)
  }
  expect(runScenario(modelled, 1).simulation.factsHash).not.toBe(runScenario(modelled, 2).simulation.factsHash)
})

it('says what its nodes drew in the time that is measured', () => {
  const pools = [{ pool: 'h100', idleWPerNode: 2000, busyWPerAccelerator: 1000 }]
  const energy = { pools, pue: 1.5, tariff: flatTariff(100), tco2ePerMwh: 0.4, startUnixMs: 0 }
  expect(runScenario(modelled, 1).energy).toBeNull()
  for (const warmupMs of [0, DAY_MS]) {
    const { measures, energy: drawn } = runScenario({ ...modelled, warmupMs, energy, untilMs: 2 * DAY_MS }, 1)
    // 32 nodes at 2 kW all the time, 1 kW an accelerator in use.
    const hours = (ms: number): number => ms / 3_600_000
    const kwh = 64 * hours(measures.toMs - measures.fromMs) + hours(measures.pools[0]!.usedAcceleratorMs)
    expect(drawn!.itMwh).toBeCloseTo(kwh / 1000, 9)
    expect(drawn!.energyKrw).toBeCloseTo(150 * kwh, 3)
  }
})

it('is a value: a copy of it is the same scenario, and its jobs are left as they were', () => {
  const given = swfCenter(smallLog([[1, 0, 10, 6], [2, 0, 10, 8], [3, 0, 25, 2]]), 10, easy) // biome-ignore format: three jobs
  const logged: Scenario = { config: given.config, demand: { kind: 'given', demand: given.demand }, passPer: 'event' }
  for (const scenario of [modelled, logged]) {
    const copy = structuredClone(scenario)
    expect(runScenario(copy, 7).simulation).toEqual(runScenario(scenario, 7).simulation)
    expect(copy).toEqual(scenario)
  }
  expect([...runScenario(logged, 7).simulation.startMs]).toEqual([0, 10_000, 0])
})

it('goes no further than its bound, and keeps to its pass', () => {
  const { outcome, events } = runScenario({ ...modelled, eventsMax: 100 }, 1).simulation
  expect(outcome).toBe('events-max')
  expect(events).toBeLessThan(runScenario(modelled, 1).simulation.events)
  expect(() => runScenario({ ...modelled, passPer: 'event' }, 1)).toThrow('one counted pool')
})

it('is stopped from either side of a shared cancel', () => {
  const here = sharedCancel()
  const there = sharedCancel(here.memory)
  expect([here.aborted, there.aborted]).toEqual([false, false])
  const long: Scenario = { config, demand: { kind: 'modelled', ...model, load: 5, untilMs: 20 * DAY_MS } }
  const stopped = runScenario(long, 1, { cancel: there, onProgress: () => here.abort() })
  expect(stopped.simulation.outcome).toBe('cancelled')
  expect([here.aborted, there.aborted]).toEqual([true, true])
})

describe('a scenario to which something happens', () => {
  const repairS = { parts: [{ percent: 100, medianS: 3600, sigma: 1 }], shortestS: 60, longestS: DAY_MS }
  const plan: NonNullable<Scenario['service']> = {
    stays: [{ pool: 'h100', firstNode: 16, nodes: 16, fromMs: DAY_MS, untilMs: null }],
    faults: [{ name: 'nodes', pool: 'h100', nodesTogether: 1, perUnitDay: 0.5, repairS }],
    outages: [{ pool: 'h100', firstNode: 0, nodes: 4, fromMs: 1.5 * DAY_MS, untilMs: 2 * DAY_MS, drainMs: 3_600_000 }],
    powerCaps: [],
  }
  const happening: Scenario = {
    ...modelled,
    service: plan,
    groups: [{ name: 'all', accounts: ['lab'] }],
    untilMs: 2 * DAY_MS,
  }

  it('is the same in every run, and is measured as it goes', () => {
    const heard: string[] = []
    const observer: SimulationObserver = {
      submitted() {},
      started() {},
      ended() {},
      requeued: () => heard.push('requeued'),
      unfinished() {},
      node: (atMs, _, node, to) => heard.push(`${atMs} ${node} ${to}`),
    }
    const { simulation, measures } = runScenario(happening, 1, { observer })
    expect(runScenario(structuredClone(happening), 1).simulation).toEqual(simulation)
    expect(heard.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, i) => `0 ${16 + i} down`))
    expect(heard).toContain(`${DAY_MS} 31 up`)
    expect(heard).toContain(`${1.5 * DAY_MS} 0 down`)
    expect(heard.filter((what) => what === 'requeued').length).toBe(measures.requeues)
    expect(measures.requeues).toBeGreaterThan(0)
    // 16 nodes of 8 for two days and 16 for one, but for the first moments before anybody comes.
    const [h100] = measures.pools
    expect(h100!.installedAcceleratorMs / (128 * 3 * DAY_MS)).toBeCloseTo(1, 2)
    expect(measures.groups[0]!.jobs).toBe(measures.all.jobs)
    expect(measures.work.keptMs).toBeGreaterThan(0)
  })

  it('is asked for the same jobs whatever else may fail', () => {
    const more = {
      ...plan,
      faults: [...plan.faults, { ...plan.faults[0]!, name: 'leaves', nodesTogether: 8, perUnitDay: 0.1 }],
    }
    const columns = ({ demand }: ScenarioRun) => [demand.submitMs, demand.runMs, demand.association, demand.requests]
    const nothing = { ...plan, stays: [], faults: [], outages: [] }
    const [some, others, none] = [plan, more, nothing].map((service) =>
      columns(runScenario({ ...happening, service }, 1)),
    )
    expect(others).toEqual(some)
    expect(none).toEqual(some)
  })

  it('needs an end where nodes fail', () => {
    expect(() => runScenario({ ...modelled, service: plan }, 1)).toThrow('give untilMs')
  })
})

describe('a demand of several sources', () => {
  const log = swfCenter(smallLog([[5, 0, 60, 8], [3, 600, 60, 8], [9, 600, 60, 4]]), 16, easy) // biome-ignore format: three jobs
  const given = { kind: 'given' as const, demand: { ...log.demand, association: new Int32Array(3).fill(1) } }
  const onNodes = given.demand.requests.map((request) => ({ ...request, pools: ['h100'] }))
  const logged = { ...given, demand: { ...given.demand, requests: onNodes } }
  const drawn = { kind: 'modelled' as const, ...model, untilMs: 2 * DAY_MS }
  const several = (...sources: readonly DemandSource[]): Scenario => ({ config, demand: { kind: 'several', sources } })

  /** What each job of one source is, but for its number. */
  const jobsOf = (demand: Demand, isOwn: (job: number) => boolean = () => true) =>
    [...demand.job.keys()]
      .filter((i) => isOwn(demand.job[i]!))
      .map((i) => [
        demand.submitMs[i],
        demand.runMs[i],
        demand.limitMs[i],
        demand.cancelMs?.[i] ?? Infinity,
        demand.stopped?.[i] ?? 0,
        demand.checkpointMs?.[i] ?? Infinity,
        demand.association[i],
        demand.requests[demand.request[i]!],
      ])

  it('has the jobs of each as they are alone, numbered apart, in order of time', () => {
    for (const seed of [1, 2]) {
      const { demand } = runScenario(several(logged, drawn), seed)
      const alone = runScenario({ config, demand: drawn }, seed).demand
      expect(demand.count).toBe(3 + alone.count)
      expect(jobsOf(demand, (job) => job % 2 === 1)).toEqual(jobsOf(logged.demand))
      expect(jobsOf(demand, (job) => job % 2 === 0)).toEqual(jobsOf(alone))
      expect(new Set(demand.job).size).toBe(demand.count)
      expect([...demand.submitMs]).toEqual([...demand.submitMs].sort((a, b) => a - b))
    }
  })

  it('numbers the jobs of a log the same whatever a model asks for beside it', () => {
    const numbers = (load: number) =>
      [...runScenario(several(logged, { ...drawn, load }), 1).demand.job].filter((job) => job % 2 === 1)
    // Its three jobs in order, in steps of two.
    expect(numbers(0.1)).toEqual([1, 3, 5])
    expect(numbers(0.9)).toEqual([1, 3, 5])
  })

  it('is that source where there is one', () => {
    expect(runScenario(several(logged), 1).demand).toBe(logged.demand)
    expect(() => runScenario(several(), 1)).toThrow('a demand of no sources')
  })
})
