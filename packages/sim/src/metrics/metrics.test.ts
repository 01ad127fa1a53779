import { Center, type CenterConfig, easy, FactLog, type NodeState } from '@dure/core'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type SmallJob, smallCenter, smallNodes } from '../../testing/small-center.ts'
import { happeningsOf } from '../service/happenings.ts'
import { type Happening, simulate } from '../simulate.ts'
import { fragmentedAccelerators } from './fragmentation.ts'
import { type Measures, type MetricsOptions, openMetrics } from './metrics.ts'
import { measure } from './summary.ts'
import { meansOf } from './time-strip.ts'

const measured = (
  processors: number,
  jobs: readonly SmallJob[],
  shares?: Readonly<Record<string, number>>,
  options?: MetricsOptions,
): Measures => {
  const { config, demand } = smallCenter(processors, jobs, shares)
  const metrics = openMetrics(config, demand, options)
  simulate(config, demand, { observer: metrics.observer })
  return metrics.measures()
}

const strips = ({ busy, queue, toMs }: Measures, columns: number): number[][] =>
  [busy, queue].map((strip) => meansOf(strip, columns, toMs))

// Ten processors. Job 1 has all of them from 5 to 105; job 2 takes five from 105 to 205; job 3 needs all ten and runs from 205 to 207.
const three: SmallJob[] = [
  { submitS: 5, runS: 100, size: 10, account: 'a' },
  { submitS: 15, runS: 100, size: 5, account: 'b' },
  { submitS: 20, runS: 2, size: 10, account: 'a' },
]

describe('measures of three jobs', () => {
  const measures = measured(10, three, { a: 3, b: 1 })

  it('of time', () => {
    expect(measures).toMatchObject({ fromMs: 5000, toMs: 207_000, makespanMs: 202_000 })
    // Waits 0, 90, 185; turnarounds 100, 190, 187; the job of two seconds is measured against ten: 187 / 10.
    expect(measures.all).toMatchObject({ jobs: 3, started: 3, waitMeanMs: 275_000 / 3, waitMaxMs: 185_000 })
    expect(measures.turnaroundMeanMs).toBe(477_000 / 3)
    expect(measures.boundedSlowdownMean).toBeCloseTo((1 + 1.9 + 18.7) / 3, 12)
  })

  it('of accelerator-time', () => {
    // 10 × 100 + 5 × 100 + 10 × 2 of 10 × 202.
    expect(measures.utilization).toBe(1520 / 2020)
    expect(measures.goodput).toBe(1520 / 2020)
    // Five stand idle from 105 to 205 while job 3 waits.
    expect(measures.idleWhileWanted).toBe(500 / 2020)
    expect(measures.fragmentation).toBe(500 / 2020)
  })

  it('of shares', () => {
    // Account a used 1020 of 1520 = 51/76 and was promised 57/76; b used 25/76 and was promised 19/76.
    expect(measures.shareErrorMax).toBeCloseTo(6 / 76, 12)
    // x = 51/57 and 25/19, that is 17 and 25 to 19: (17 + 25)² / (2 (17² + 25²)) = 1764 / 1828.
    expect(measures.jainIndex).toBeCloseTo(1764 / 1828, 12)
    expect(measures.accountsServed).toBe(2)
    expect(measures.accounts).toMatchObject([
      { account: 'a', jobs: 2, usedAcceleratorMs: 1_020_000, promisedPart: 0.75 },
      { account: 'b', jobs: 1, usedAcceleratorMs: 500_000, promisedPart: 0.25 },
    ])
  })

  it('by size, and of the slowest', () => {
    expect(measures.sizes).toMatchObject([
      { from: 2, to: 8, jobs: 1, waitMeanMs: 90_000 },
      { from: 9, to: 64, jobs: 2, waitMeanMs: 92_500, waitMaxMs: 185_000 },
    ])
    expect(measures.slowest).toEqual([
      { job: 3, account: 'a', accelerators: 10, submitMs: 20_000, waitMs: 185_000 },
      { job: 2, account: 'b', accelerators: 5, submitMs: 15_000, waitMs: 90_000 },
    ])
  })

  it('over time', () => {
    // Two halves of 101 s each: 10 × 100 + 5 × 1, then 5 × 99 + 10 × 2; waiting 90 + 86, then 99.
    const [busy, queue] = strips(measures, 2)
    expect(busy!.map((mean) => mean * 101)).toEqual([expect.closeTo(1005, 9), expect.closeTo(515, 9)])
    expect(queue!.map((mean) => mean * 101)).toEqual([expect.closeTo(176, 9), expect.closeTo(99, 9)])
    expect(measures.queueMax).toBe(2)
  })

  it('is the same from what the simulation left behind', () => {
    const { config, demand } = smallCenter(10, three, { a: 3, b: 1 })
    const { all, ...others } = measure(config, demand, simulate(config, demand))
    const { all: allObserved, ...othersObserved } = measures
    expect(JSON.stringify(others)).toBe(JSON.stringify(othersObserved))
    expect(all.waits.at(50)).toBe(90_000)
    expect(allObserved.waits.at(50)).toBe(90_000)
  })
})

describe('where accelerator-time goes', () => {
  // All start at once on ten processors; the whole ends at 100.
  const fates: SmallJob[] = [
    { submitS: 0, runS: 100, size: 4 },
    { submitS: 0, runS: 50, size: 2, exitCode: 1 },
    { submitS: 0, runS: 30, size: 3, limitS: 20 },
    { submitS: 0, runS: 40, size: 1, limitS: 60, stopped: true },
  ]

  it('is told apart by what became of the job', () => {
    const measures = measured(10, fates)
    expect(measures.work).toEqual({
      completedMs: 400_000,
      requeuedMs: 0,
      keptMs: 0,
      overheadMs: 0,
      failedMs: 100_000,
      timedOutMs: 60_000,
      cancelledMs: 40_000,
      runningMs: 0,
    })
    expect(measures.ended).toEqual({ COMPLETED: 1, FAILED: 1, TIMEOUT: 1, CANCELLED: 1 })
    expect(measures).toMatchObject({ utilization: 0.6, goodput: 0.4, fragmentation: 0, shareErrorMax: 0, jainIndex: 1 })
  })

  it('an attempt that is requeued is lost, and its time is waiting', () => {
    const { config, demand } = smallCenter(10, [{ submitS: 0, runS: 100, size: 4 }])
    const { observer, measures } = openMetrics(config, demand)
    observer.submitted(0, 0)
    observer.started(0, 10_000, 0)
    observer.requeued(0, 10_000, 60_000)
    observer.started(0, 70_000, 0)
    observer.ended(0, 70_000, 170_000, 'COMPLETED')
    // 4 × 50 lost and 4 × 100 kept of 10 × 170; waiting from 0 to 10 with ten idle, and from 60 to 70.
    expect(measures()).toMatchObject({
      requeues: 1,
      utilization: 600 / 1700,
      goodput: 400 / 1700,
      fragmentation: 200 / 1700,
    })
    expect(measures().work).toMatchObject({ requeuedMs: 200_000, completedMs: 400_000 })
    expect(measures().all.waitMeanMs).toBe(70_000)
  })

  it('a simulation with requeued attempts is not measured from its end alone', () => {
    const { config, demand } = smallCenter(10, fates)
    const simulation = simulate(config, demand)
    expect(() => measure(config, demand, { ...simulation, attempts: Int32Array.of(1, 2, 1, 1) })).toThrow('requeued')
    // Nor one in which a job waits that has run, or gave up waiting after that.
    const startMs = simulation.startMs.with(1, -1)
    expect(() => measure(config, demand, { ...simulation, startMs })).toThrow('requeued')
  })
})

describe('a warm-up', () => {
  it('is left out, jobs by their submission, runs by the second', () => {
    // As above from second 105 on: only job 2 of the later half is there, submitted at 110.
    const jobs: SmallJob[] = [
      { submitS: 5, runS: 150, size: 10, account: 'a' },
      { submitS: 110, runS: 100, size: 5, account: 'b' },
    ]
    const measures = measured(10, jobs, { a: 1, b: 1 }, { warmupMs: 100_000 })
    // From 105 to 255: job 1 until 155 is 500, job 2 is 500, of 1500. Job 2 waits from 110 to 155.
    expect(measures).toMatchObject({ fromMs: 105_000, toMs: 255_000, makespanMs: 250_000, utilization: 1000 / 1500 })
    expect(measures.all).toMatchObject({ jobs: 1, waitMeanMs: 45_000 })
    expect(measures.ended).toEqual({ COMPLETED: 1 })
    expect(measures).toMatchObject({ jainIndex: 1, shareErrorMax: 0 })
    expect(measures.accounts.map(({ jobs }) => jobs)).toEqual([0, 1])
  })
})

describe('jobs that do not start', () => {
  it('count with what they have waited when the simulation stops', () => {
    const { config, demand } = smallCenter(10, [
      { submitS: 0, runS: 100, size: 10 },
      { submitS: 10, runS: 900, size: 10 },
      { submitS: 20, runS: 50, size: 10 },
      { submitS: 5000, runS: 1, size: 1 },
    ])
    const metrics = openMetrics(config, demand, { starvationMs: 79_000 })
    simulate(config, demand, { eventsMax: 4, observer: metrics.observer })
    const measures = metrics.measures()
    // Stopped at 100, just after the second start: waits of 0, 90 and 80 so far; 10 × 100 done and nothing of job 2 yet.
    expect(measures.all).toMatchObject({ jobs: 3, started: 2, waitMeanMs: 170_000 / 3, waitMaxMs: 90_000 })
    expect(measures).toMatchObject({ waitingAtEnd: 1, runningAtEnd: 1, starved: 2, utilization: 1 })
    expect(measures.work).toMatchObject({ completedMs: 1_000_000, runningMs: 0 })
  })

  it('count with what they waited until their owner gave up', () => {
    const measures = measured(10, [
      { submitS: 0, runS: 100, size: 10 },
      { submitS: 10, runS: 50, size: 10, cancelS: 30 },
    ])
    expect(measures.all).toMatchObject({ jobs: 2, started: 1, waitMeanMs: 15_000 })
    expect(measures.ended).toEqual({ COMPLETED: 1, CANCELLED: 1 })
    expect(measures).toMatchObject({ makespanMs: 100_000, boundedSlowdownMean: 1, waitingAtEnd: 0 })
  })
})

/** As JSON, doubles to twelve digits. */
const rounded = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'number' ? Number(part.toPrecision(12)) : part))

describe('of any demand', () => {
  const job = fc.record({
    submitS: fc.integer({ min: 0, max: 60 }),
    runS: fc.integer({ min: 1, max: 30 }),
    size: fc.integer({ min: 1, max: 8 }),
    account: fc.constantFrom('a', 'b', 'c'),
    exitCode: fc.constantFrom(0, 0, 1),
  })
  const jobs = fc
    .array(job, { minLength: 1, maxLength: 40 })
    .map((list) => list.sort((one, other) => one.submitS - other.submitS))

  it('parts are parts, and what is observed is what can be read afterwards', () => {
    fc.assert(
      fc.property(jobs, fc.integer({ min: 0, max: 40 }), (list, warmupS) => {
        const { config, demand } = smallCenter(8, list, { a: 5, b: 2, c: 1 })
        const options = { warmupMs: 1000 * warmupS }
        const metrics = openMetrics(config, demand, options)
        const simulation = simulate(config, demand, { observer: metrics.observer })
        const measures = metrics.measures()
        // Of an instant the one hears in the order of the center, the other in that of the jobs: sums of doubles may differ at their end.
        expect(rounded(measure(config, demand, simulation, options))).toBe(rounded(measures))
        expect(simulate(config, demand).factsHash).toBe(simulation.factsHash)
        const { utilization, goodput, fragmentation, jainIndex, shareErrorMax, accounts } = measures
        expect(utilization).toBeLessThanOrEqual(1)
        expect(goodput).toBeLessThanOrEqual(utilization)
        expect(utilization + fragmentation!).toBeLessThanOrEqual(1 + 1e-12)
        expect(shareErrorMax).toBeLessThanOrEqual(1)
        expect(jainIndex).toBeGreaterThan(0)
        expect(jainIndex).toBeLessThanOrEqual(1)
        const parts = accounts.reduce((sum, { promisedPart }) => sum + promisedPart, 0)
        expect(parts).toBeCloseTo(accounts.length > 0 ? 1 : 0, 9)
        // What is in use, second by second, adds up to what was used.
        const [busy] = strips(measures, 1)
        const spanMs = measures.toMs - demand.submitMs[0]!
        const workMs = demand.runMs.reduce((sum, ms, i) => sum + ms * list[i]!.size, 0)
        expect(busy![0]! * spanMs).toBeCloseTo(workMs, 3)
      }),
    )
  })
})

describe('a center of several pools', () => {
  const perNode = { cpuMilli: 8000, memoryMib: 8192, accelerators: 8 }
  const config: CenterConfig = {
    name: 'two nodes',
    pools: [
      { name: 'h100', kind: 'gpu', model: 'H100', nodes: 1, perNode },
      { name: 'rngd', kind: 'npu', model: 'RNGD', nodes: 1, perNode },
    ],
    accounts: [{ name: 'a', parent: null, shares: 1 }],
    associations: [{ account: 'a', user: 'u', shares: 1 }],
    policy: easy,
  }

  const requestOf = (size: number) => ({ nodes: 1, acceleratorsMilli: 1000 * size, cpuMilli: 1000, memoryMib: 1024 })

  it('knows what stood idle, and what of it was of no use only where somebody looked', () => {
    // Whoever accepts either pool takes the first that has room: job 1 (8) the one, job 2 (4) the other. Job 3 (8) waits from 20
    // to 100 beside four idle ones, which are of no use to it; job 2 ends last, at 210.
    const { demand } = smallCenter(16, [
      { submitS: 0, runS: 100, size: 8 },
      { submitS: 10, runS: 200, size: 4 },
      { submitS: 20, runS: 10, size: 8 },
    ])
    const either = { ...demand, requests: [8, 4].map((size) => ({ ...requestOf(size), pools: ['h100', 'rngd'] })) }
    const metrics = openMetrics(config, either)
    const simulation = simulate(config, either, { observer: metrics.observer })
    const { fragmentation, ...observed } = metrics.measures()
    const { fragmentation: unseen, ...others } = measure(config, either, simulation)
    expect([...simulation.startMs]).toEqual([0, 10_000, 100_000])
    expect(observed.idleWhileWanted).toBe((4 * 80) / (16 * 210))
    expect([...simulation.pool]).toEqual([0, 1, 0])
    expect(fragmentation).toBe((4 * 80) / (16 * 210))
    expect(unseen).toBeNull()
    expect(JSON.stringify(others)).toBe(JSON.stringify(observed))
  })

  it('is not looked at after each of many passes, though all was submitted at once', () => {
    const count = 4000
    const { demand } = smallCenter(
      16,
      Array.from({ length: count }, (_, i) => ({ submitS: 0, runS: 10 + (i % 7), size: 8 })),
    )
    const either = { ...demand, requests: [{ ...requestOf(8), pools: ['h100', 'rngd'] }] }
    const look = vi.spyOn(Center.prototype, 'running')
    const { passes } = simulate(config, either, { observer: openMetrics(config, either).observer })
    const looks = look.mock.calls.length
    look.mockRestore()
    expect(passes).toBeGreaterThan(2000)
    expect(looks).toBeGreaterThan(500)
    expect(looks).toBeLessThan(1500)
  })

  it('is fragmented by what is of no use to those who wait, each as often as it waits', () => {
    const { demand } = smallCenter(16, [
      { submitS: 0, runS: 100, size: 5 },
      { submitS: 0, runS: 100, size: 8 },
      { submitS: 0, runS: 50, size: 4 },
      { submitS: 0, runS: 50, size: 6 },
      { submitS: 0, runS: 10, size: 2 },
    ])
    // Job 1 takes five of the h100 node; of the four behind it the last wants two and would fit, but for its memory.
    const sizes = [5, 8, 4, 6, 2]
    const requests = sizes.map((size) => ({ ...requestOf(size), pools: ['h100'], memoryMib: size === 2 ? 8192 : 1024 }))
    const log = new FactLog({ keep: false })
    const center = Center.create(config, log, 0)
    requests.forEach((request, i) => {
      const command = { type: 'submit', job: i + 1, account: 'a', user: 'u', request, held: null, label: '' } as const
      center.apply({ ...command, timeLimitMs: 1000 * demand.runMs[i]! }, 0)
    })
    center.schedule(0)
    expect(center.running().map(({ job }) => job)).toEqual([1])
    const waiting = (jobs: readonly number[]) => requests.map((request, i) => ({ request, jobs: jobs[i]! }))
    // Three are free, of no use to whoever wants more; the job of two finds no memory.
    expect(fragmentedAccelerators(center, config, waiting([0, 1, 1, 1, 1]))).toBe(3)
    // A job of three could use them: one of two that wait, so half of the three.
    const withThree = [...waiting([0, 1, 0, 0, 0]), { request: { ...requestOf(3), pools: ['h100'] }, jobs: 1 }]
    expect(fragmentedAccelerators(center, config, withThree)).toBe(1.5)
    // Where two of the small wait, two thirds of the jobs can use all three; and who wants the other pool does not count here,
    // but there, where all eight are free and do for five.
    const small = { request: { ...requestOf(1), pools: ['h100'] }, jobs: 2 }
    expect(fragmentedAccelerators(center, config, [...waiting([0, 1, 0, 0, 0]), small])).toBe(1)
    const other = { request: { ...requestOf(5), pools: ['rngd'] }, jobs: 9 }
    expect(fragmentedAccelerators(center, config, [...waiting([0, 1, 0, 0, 0]), small, other])).toBe(1)
    expect(fragmentedAccelerators(center, config, [])).toBe(0)
  })
})

describe('a center that grows', () => {
  // Two nodes of four. The second is there from 100 to 400, down from the beginning until then.
  const { config, demand } = smallNodes(2, 4, [
    { submitS: 0, runS: 50, size: 8 },
    { submitS: 160, runS: 40, size: 4 },
  ])
  const stays = [{ pool: 'gpu', firstNode: 1, nodes: 1, fromMs: 100_000, untilMs: 400_000 }]
  const plan = { stays, faults: [], outages: [], powerCaps: [] }
  const grown = (options: MetricsOptions): Measures => {
    const happenings = happeningsOf(config, plan, { seed: 1, fromMs: 0, untilMs: 1_000_000 })
    const { observer, measures } = openMetrics(config, demand, { ...options, stays })
    simulate(config, demand, { happenings, observer, untilMs: 300_000 })
    return measures()
  }

  it('is measured against what is there', () => {
    // The wide job runs from 100 to 150, the other from 160 to 200; then nothing is asked until it stops at 300.
    // There: 4 × 300 and 4 × 200; used: 8 × 50 and 4 × 40. Four were free from 0 to 100 while the wide one waited.
    const measures = grown({})
    expect(measures).toMatchObject({
      capacity: 8,
      toMs: 300_000,
      utilization: 560 / 2000,
      goodput: 560 / 2000,
      idleWhileWanted: 400 / 2000,
      offeredLoad: 560 / 2000,
      pools: [{ pool: 'gpu', installedAcceleratorMs: 2_000_000, usedAcceleratorMs: 560_000 }],
    })
    expect(meansOf(measures.installed, 6, 300_000)).toEqual([4, 4, 8, 8, 8, 8])
  })

  it('and looked at by whoever wants to know of fragments', () => {
    const { fragmentation, ...others } = grown({})
    const { fragmentation: unseen, ...unseenOthers } = grown({ looksAtNodes: false })
    // The free node would do for one of the two that the wide job asks for: no fragment.
    expect(fragmentation).toBe(0)
    expect(unseen).toBeNull()
    expect(JSON.stringify(unseenOthers)).toBe(JSON.stringify(others))
  })

  it('after the warm-up too', () => {
    // From 120 on: 8 × 180 there, 8 × 30 and 4 × 40 used, the second job asked for.
    expect(grown({ warmupMs: 120_000 })).toMatchObject({
      utilization: 400 / 1440,
      offeredLoad: 160 / 1440,
      pools: [{ installedAcceleratorMs: 1_440_000, usedAcceleratorMs: 400_000 }],
    })
  })

  it('does not count a node twice that two stays have', () => {
    const twice = [
      ...stays,
      { ...stays[0]!, fromMs: 50_000, untilMs: 150_000 },
      { ...stays[0]!, fromMs: null, untilMs: 20_000 },
    ]
    const { observer, measures } = openMetrics(config, demand, { stays: twice })
    simulate(config, demand, { observer })
    // All runs at once: the wide job until 50, the other from 160 to 200. There: 4 × 200, 4 × 20 and 4 × 150.
    expect(measures().pools[0]!.installedAcceleratorMs).toBe(1_480_000)
  })
})

describe('a node that is down', () => {
  // Two nodes of four. The second fails at 20 and is back at 60; the wide job has waited since 10, and runs from 60 to 100.
  const { config, demand } = smallNodes(2, 4, [
    { submitS: 0, runS: 10, size: 4 },
    { submitS: 10, runS: 40, size: 8 },
  ])
  const at = (atMs: number, to: NodeState): Happening => ({ atMs, command: { type: 'node', pool: 'gpu', node: 1, to } })
  const told = (happenings: readonly Happening[], untilMs?: number): Measures => {
    const { observer, measures } = openMetrics(config, demand, {})
    simulate(config, demand, { happenings, observer, ...(untilMs !== undefined && { untilMs }) })
    return measures()
  }

  it('stands not idle, whoever waits', () => {
    // The wide job cannot start at 10, for the node is down from 5 on: until 60 the other four stand idle.
    const { idleWhileWanted, utilization } = told([at(5_000, 'down'), at(60_000, 'up')])
    expect(idleWhileWanted).toBe((4 * 50) / (8 * 100))
    expect(utilization).toBe((4 * 10 + 8 * 40) / (8 * 100))
  })

  it('is told of once, before the first job too, and drained it is there', () => {
    expect(told([at(0, 'down'), at(60_000, 'up')]).idleWhileWanted).toBe((4 * 50) / (8 * 100))
    // Nobody may take its four, but they are there: drained from 5 to 60 all eight stand idle from 10 on.
    expect(told([at(5_000, 'drain'), at(60_000, 'up')]).idleWhileWanted).toBe((8 * 50) / (8 * 100))
  })
})

describe('a simulation that is to stop', () => {
  const jobs: SmallJob[] = [{ submitS: 0, runS: 100, size: 4 }]
  const { config, demand } = smallCenter(4, jobs)

  it.each<[string, number, Partial<Measures>]>([
    ['in the middle of a job', 50_000, { toMs: 50_000, utilization: 1, runningAtEnd: 1 }],
    ['with the last job', 100_000, { toMs: 100_000, utilization: 1, runningAtEnd: 0 }],
    ['long after it', 400_000, { toMs: 400_000, utilization: 0.25, makespanMs: 100_000 }],
  ])('%s is measured to there', (_, untilMs, expected) => {
    const { observer, measures } = openMetrics(config, demand)
    const simulation = simulate(config, demand, { observer, untilMs })
    expect(measures()).toMatchObject(expected)
    expect(measure(config, demand, simulation)).toMatchObject(expected)
  })
})

describe('groups of accounts', () => {
  it('have waits and work of their own, and may overlap', () => {
    const groups = [
      { name: 'both', accounts: ['b', 'a'] },
      { name: 'one', accounts: ['b'] },
      { name: 'nobody', accounts: [] },
    ]
    // As worked out above: a waits 0 and 185 and uses 1,020; b waits 90 and uses 500.
    const { groups: measures } = measured(10, three, { a: 3, b: 1 }, { groups })
    expect(measures).toMatchObject([
      { name: 'both', jobs: 3, started: 3, waitMeanMs: 275_000 / 3, waitMaxMs: 185_000, usedAcceleratorMs: 1_520_000 },
      { name: 'one', jobs: 1, started: 1, waitMeanMs: 90_000, waitMaxMs: 90_000, usedAcceleratorMs: 500_000 },
      { name: 'nobody', jobs: 0, started: 0, waitMeanMs: 0, waitMaxMs: 0, usedAcceleratorMs: 0 },
    ])
    expect(measures[0]!.waits.at(100)).toBe(185_000)
  })
})

it('load is what is asked for, of what unlike accelerators could do of it', () => {
  const { config, demand } = smallNodes(1, 4, [
    { submitS: 0, runS: 100, size: 4 },
    { submitS: 0, runS: 100, size: 2 },
  ])
  const [gpu] = config.pools
  const pools = [gpu!, { ...gpu!, name: 'npu' }, { ...gpu!, name: 'idle' }]
  const [wide, narrow] = demand.requests
  const requests = [wide!, { ...narrow!, pools: ['gpu', 'npu'], speedsMille: [1000, 250] }]
  const measures = measure(
    { ...config, pools },
    { ...demand, requests },
    simulate({ ...config, pools }, { ...demand, requests }),
  )
  // The narrow one takes the npu, 400 long. Asked: 400 + 200; there: 4 × 400, 4 × 400 at a quarter, 4 × 400 that nobody wants.
  expect(measures.offeredLoad).toBe(600 / 3600)
  expect(measures.pools.map(({ usedAcceleratorMs }) => usedAcceleratorMs / 1000)).toEqual([400, 800, 0])
})
