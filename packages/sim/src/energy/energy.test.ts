import { type CenterConfig, easy, type NodeState } from '@dure/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyDemand } from '../demand.ts'
import { type EnergyMeasures, type EnergyPlan, openEnergy } from './energy.ts'
import { flatTariff, type Tariff } from './tariff.ts'

const HOUR_MS = 3_600_000
const YEAR_MS = 8760 * HOUR_MS
const gpus = (name: string, nodes: number): CenterConfig['pools'][number] => ({
  name,
  kind: 'gpu',
  model: 'any',
  nodes,
  perNode: { cpuMilli: 0, memoryMib: 0, accelerators: 8 },
})
const center = (...pools: CenterConfig['pools']): CenterConfig => ({
  name: 'small',
  pools,
  accounts: [{ name: 'a', parent: null, shares: 1 }],
  associations: [{ account: 'a', user: 'u', shares: 1 }],
  policy: easy,
})
/** Domain facts: the average industrial price since October 2024, and the grid of 2023. */
const plan: EnergyPlan = {
  pools: [],
  pue: 1.2,
  tariff: flatTariff(182.7),
  tco2ePerMwh: 0.4173,
  startUnixMs: Date.UTC(2030, 0, 1) - 9 * HOUR_MS,
}
/** One job of `nodes` whole nodes from 0 on. */
const oneJob = (nodes: number) => {
  const request = { pools: ['p'], nodes, acceleratorsMilli: 8000, cpuMilli: 0, memoryMib: 0 }
  return emptyDemand(1, [request])
}
const runFor = (
  config: CenterConfig,
  nodes: number,
  runMs: number,
  over: Partial<EnergyPlan>,
  during: (observer: ReturnType<typeof openEnergy>['observer']) => void = () => {},
): EnergyMeasures => {
  const { observer, measures } = openEnergy(config, oneJob(nodes), { ...plan, ...over })
  observer.submitted(0, 0)
  observer.started(0, 0, 0)
  during(observer)
  observer.ended(0, 0, runMs, 'COMPLETED')
  return measures()
}

describe('what is drawn comes out as published', () => {
  // Servers at their most, 10.2 kW for eight H100 and 14.3 kW for eight B200, idle part and all.
  it.each<[string, number, number, number, number]>([
    ['H100', 10_200, 1.53, 280, 0.64],
    ['B200', 14_300, 2.145, 392, 0.9],
  ])('an hour of one %s at full load', (_, serverW, kwh, krw, kgCo2) => {
    const watts = { pool: 'p', idleWPerNode: serverW * 0.25, busyWPerAccelerator: (serverW * 0.75) / 8 }
    const { energyMwh, energyKrw, tco2e } = runFor(center(gpus('p', 1)), 1, HOUR_MS, { pools: [watts] })
    expect((energyMwh * 1000) / 8).toBeCloseTo(kwh, 3)
    expect(energyKrw / 8).toBeCloseTo(krw, -0.5)
    expect((tco2e * 1000) / 8).toBeCloseTo(kgCo2, 1)
  })

  it('15,000 B200 that are in use seven tenths of a year', () => {
    // Without idle draw they take 1875 × 14.3 kW × 1.2 = 32.175 MW at the most, × 0.7 × 8760 h × 182.7 won = 36.05 bn.
    const pools = [{ pool: 'p', idleWPerNode: 0, busyWPerAccelerator: 14_300 / 8 }]
    const { observer, measures } = openEnergy(center(gpus('p', 1875)), oneJob(1875), { ...plan, pools })
    observer.submitted(0, 0)
    observer.started(0, 0, 0)
    observer.requeued(0, 0, 0.7 * YEAR_MS)
    observer.unfinished(0, -1, YEAR_MS)
    const { powerMwMax, powerMwMean, energyKrw } = measures()
    expect(powerMwMax).toBeCloseTo(32.175, 9)
    expect(powerMwMean).toBeCloseTo(0.7 * 32.175, 9)
    expect(energyKrw / 1e9).toBeCloseTo(36.05, 2)
  })

  it('with the prices of the hours, and of the highest draw', () => {
    const tariff: Tariff = {
      krwPerKwh: {
        summer: { 'off-peak': 95.7, mid: 121.5, peak: 155 },
        'spring-autumn': { 'off-peak': 95.7, mid: 100.5, peak: 119.7 },
        winter: { 'off-peak': 103.1, mid: 120, peak: 149.4 },
      },
      demandKrwPerKwMonth: 6490,
    }
    // A Thursday in winter from half past seven: half an hour off-peak, an hour mid, half an hour peak, 1 kW of IT all the time;
    // 1.2 × (0.5 × 103.1 + 120 + 0.5 × 149.4) = 295.5 won, and 1.2 kW × 6490 × 2 of 730 hours.
    const startUnixMs = Date.UTC(2030, 0, 2, 22, 30)
    const pools = [{ pool: 'p', idleWPerNode: 1000, busyWPerAccelerator: 0 }]
    const { energyKrw } = runFor(center(gpus('p', 1)), 1, 2 * HOUR_MS, { pools, tariff, startUnixMs })
    expect(energyKrw).toBeCloseTo(295.5 + (1.2 * 6490 * 2) / 730, 9)
  })
})

describe('nodes', () => {
  const pools = [{ pool: 'p', idleWPerNode: 1000, busyWPerAccelerator: 500 }]
  // Four nodes, one of them busy: 4 × 1 kW + 8 × 0.5 kW = 8 kW.
  const draw = (during: Parameters<typeof runFor>[4]): EnergyMeasures =>
    runFor(center(gpus('p', 4)), 1, 10 * HOUR_MS, { pools, pue: 1 }, during)

  it('draw their idle watts whether they are used or not', () => {
    expect(draw(() => {})).toMatchObject({ itMwh: 0.08, powerMwMax: 0.008 })
  })

  it('draw them drained, and nothing while they are down', () => {
    // From hour 2 to hour 7 there are three; draining and saying a thing twice change nothing.
    const measures = draw(({ node }) => {
      for (const [hour, to] of [
        [1, 'drain'],
        [2, 'down'],
        [2, 'down'],
        [7, 'up'],
        [8, 'drain'],
      ] as const)
        node!(hour * HOUR_MS, 0, 3, to)
    })
    expect(measures).toMatchObject({ itMwh: 0.075, powerMwMax: 0.008 })
  })

  it('of pools that are not named draw nothing', () => {
    const config = center(gpus('p', 4), gpus('q', 100))
    expect(runFor(config, 1, 10 * HOUR_MS, { pools, pue: 1 })).toMatchObject({ itMwh: 0.08 })
  })

  it.each<[string, CenterConfig, string]>([
    ['a pool that is not there', center(gpus('q', 1)), 'center small has no pool p to draw power'],
    [
      'a counted pool',
      center({ name: 'p', kind: 'cpu', processors: 4 }),
      'pool p is counted: it has no nodes to draw power',
    ],
  ])('are refused in %s', (_, config, message) => {
    expect(() => openEnergy(config, oneJob(1), { ...plan, pools })).toThrow(new RangeError(message))
  })
})

describe('the span', () => {
  const pools = [{ pool: 'p', idleWPerNode: 1000, busyWPerAccelerator: 500 }]
  const config = center(gpus('p', 4))

  it('ends with the last job, whatever becomes of nodes afterwards', () => {
    const { observer, measures } = openEnergy(config, oneJob(1), { ...plan, pools })
    observer.started(0, 0, 0)
    observer.ended(0, 0, HOUR_MS, 'COMPLETED')
    const before = measures()
    observer.node!(5 * HOUR_MS, 0, 1, 'down')
    expect(measures()).toEqual(before)
    expect(before.powerMwMean).toBeCloseTo(0.0096, 12)
  })

  it('begins after the warm-up: a peak before it does not count', () => {
    const { observer, measures } = openEnergy(config, oneJob(1), { ...plan, pue: 1, pools }, { warmupMs: 2 * HOUR_MS })
    observer.started(0, 0, 0)
    observer.ended(0, 0, HOUR_MS, 'COMPLETED')
    observer.unfinished(0, -1, 3 * HOUR_MS)
    expect(measures()).toMatchObject({ itMwh: 0.004, powerMwMax: 0.004, powerMwMean: 0.004 })
  })
})

/** Something that happens to one of four jobs of one node, or to one of four nodes; at whole minutes. */
const happening = fc.record({
  atMin: fc.integer({ min: 0, max: 40 * 24 * 60 }),
  what: fc.oneof(
    fc.record({ job: fc.nat({ max: 3 }) }),
    fc.record({ node: fc.nat({ max: 3 }), to: fc.constantFrom<NodeState>('up', 'drain', 'down') }),
  ),
})
const MINUTE_MS = 60_000

describe('however time is cut', () => {
  const config = center(gpus('p', 4))
  const tariff: Tariff = {
    krwPerKwh: {
      summer: { 'off-peak': 1, mid: 2, peak: 3 },
      'spring-autumn': { 'off-peak': 10, mid: 20, peak: 30 },
      winter: { 'off-peak': 100, mid: 200, peak: 300 },
    },
    demandKrwPerKwMonth: 0,
  }
  const pools = [{ pool: 'p', idleWPerNode: 900, busyWPerAccelerator: 300 }]
  // Ten in the evening before summer begins.
  const startUnixMs = Date.UTC(2027, 4, 31, 13)
  const demand = { ...oneJob(1), count: 4, submitMs: new Float64Array(4), request: new Int32Array(4) }

  /** A job that is told of starts if it does not run, and ends if it does. */
  const play = (
    story: readonly (typeof happening extends fc.Arbitrary<infer T> ? T : never)[],
    fromMin: number,
    toMin: number,
  ) => {
    const { observer, measures } = openEnergy(
      config,
      demand,
      { ...plan, pools, tariff, startUnixMs },
      { warmupMs: fromMin * MINUTE_MS },
    )
    const since = [-1, -1, -1, -1]
    for (const { atMin, what } of story) {
      if (atMin > toMin) break
      const atMs = atMin * MINUTE_MS
      if ('node' in what) observer.node!(atMs, 0, what.node, what.to)
      else if (since[what.job]! < 0) {
        since[what.job] = atMs
        observer.started(what.job, atMs, 0)
      } else {
        observer.ended(what.job, since[what.job]!, atMs, 'COMPLETED')
        since[what.job] = -1
      }
    }
    observer.unfinished(0, -1, toMin * MINUTE_MS)
    return measures()
  }
  const stories = fc
    .array(happening, { minLength: 1, maxLength: 30 })
    .map((all) => all.toSorted((a, b) => a.atMin - b.atMin))
  const minute = fc.integer({ min: 0, max: 40 * 24 * 60 })

  it('the parts add up to the whole', () => {
    fc.assert(
      fc.property(stories, minute, minute, (story, a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)]
        const last = 40 * 24 * 60
        const parts = [play(story, 0, first), play(story, first, second), play(story, second, last)]
        const whole = play(story, 0, last)
        for (const name of ['itMwh', 'energyMwh', 'energyKrw', 'tco2e'] as const) {
          expect(parts.reduce((sum, part) => sum + part[name], 0)).toBeCloseTo(whole[name], 9)
        }
        expect(Math.max(...parts.map(({ powerMwMax }) => powerMwMax))).toBe(whole.powerMwMax)
      }),
      { numRuns: 100, seed: 1 },
    )
  })

  it('it is what adding up minute by minute gives', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const runs = [false, false, false, false]
        const isOn = [true, true, true, true]
        let kwh = 0
        let krw = 0
        let next = 0
        for (let min = 0; min < 40 * 24 * 60; min++) {
          for (; next < story.length && story[next]!.atMin <= min; next++) {
            const { what } = story[next]!
            if ('node' in what) isOn[what.node] = what.to !== 'down'
            else runs[what.job] = !runs[what.job]
          }
          const kw = 0.9 * isOn.filter(Boolean).length + 2.4 * runs.filter(Boolean).length
          const there = new Date(startUnixMs + min * MINUTE_MS + 9 * HOUR_MS)
          const [day, hour] = [there.getUTCDay(), there.getUTCHours()]
          const isPeak = (hour >= 13 && hour < 18) || hour === 11
          const workday = hour < 8 || hour >= 22 ? 1 : isPeak ? 3 : 2
          const price = day === 0 ? 1 : day === 6 ? Math.min(2, workday) : workday
          kwh += kw / 60
          krw += (kw / 60) * 1.2 * price * (there.getUTCMonth() === 4 ? 10 : 1)
        }
        const measures = play(story, 0, 40 * 24 * 60)
        expect(measures.itMwh * 1000).toBeCloseTo(kwh, 6)
        expect(measures.energyKrw).toBeCloseTo(krw, 6)
      }),
      { numRuns: 15, seed: 1 },
    )
  })
})
