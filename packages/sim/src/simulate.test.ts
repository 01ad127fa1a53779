import { readFileSync } from 'node:fs'
import { type CenterConfig, conservative, easy, easySjbf, fairshare, fcfs, type Policy, policies } from '@dure/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conservativeStarts } from '../testing/conservative-oracle.ts'
import { type OraclePolicy, oracleStarts } from '../testing/oracle.ts'
import {
  hasReference,
  type LogName,
  logs,
  readGzipped,
  referenceMeans,
  referenceStarts,
  withReference,
} from '../testing/reference.ts'
import { type Row, smallLog } from '../testing/small-log.ts'
import { type Demand, demandOf, width } from './demand.ts'
import { summarize } from './metrics/summary.ts'
import { submissions } from './model/workload.ts'
import { jobStates, type PassPer, type SimulateOptions, type Simulation, simulate } from './simulate.ts'
import { parseSwf } from './trace/swf.ts'
import type { Trace, TraceJobs } from './trace/trace.ts'
import { swfCenter } from './trace/trace-center.ts'

const policyNamed = (name: string): Policy => {
  const found = policies.find((policy) => policy.name === name)
  if (found === undefined) throw new Error(`no policy ${name}`)
  return found
}

const run = (jobs: TraceJobs, processors: number, policy: Policy, options?: SimulateOptions): Simulation => {
  const { config, demand } = swfCenter(jobs, processors, policy)
  return simulate(config, demand, options)
}

/** Start second by job number. */
const startsOf = (jobs: TraceJobs, { startMs }: Simulation): Map<number, number> =>
  new Map(Array.from(jobs.job, (job, i) => [job, startMs[i]! / 1000]))

const starts = (rows: readonly Row[], processors: number, policy: Policy, passPer: PassPer): Record<number, number> => {
  const jobs = smallLog(rows)
  return Object.fromEntries(startsOf(jobs, run(jobs, processors, policy, { passPer })))
}

describe('schedules worked out by hand', () => {
  // Ten processors. R holds six until 10; J1 (8 for 10), J2 (10 for 5) and J3 (2 for 25) wait in this order. From the
  // literature on backfilling: EASY lets J3 go at once and J2 pays for it, conservative backfilling does not.
  const textbook: Row[] = [
    [1, 0, 10, 6],
    [2, 0, 10, 8],
    [3, 0, 5, 10],
    [4, 0, 25, 2],
  ]

  it.each<[Policy, number[]]>([
    [fcfs, [0, 10, 20, 25]],
    [easy, [0, 10, 25, 0]],
    [conservative, [0, 10, 20, 25]],
  ])('$name on the textbook queue', (policy, [r, j1, j2, j3]) => {
    expect(starts(textbook, 10, policy, 'instant')).toEqual({ 1: r, 2: j1, 3: j2, 4: j3 })
  })

  // Ten processors; jobs 1 and 2 fill them at once. When 2 ends early at 50, job 3 (8) is blocked until 1 ends at 100,
  // where two more will be free. Job 4 (3 for 30) ends before that and goes. At 80 there is room for 4: job 5 (4 for 90) would
  // delay job 3, job 6 (2 for 40) takes just the two to spare, job 7 (3 for 15) would end in time if it were asked first.
  const seven: Row[] = [
    [1, 0, 100, 6],
    [2, 0, 50, 4, 80],
    [3, 10, 60, 8],
    [4, 20, 30, 3],
    [5, 30, 20, 4, 90],
    [6, 40, 40, 2],
    [7, 60, 15, 3],
  ]

  it.each<[Policy, number[]]>([
    [fcfs, [0, 0, 100, 160, 160, 160, 180]],
    [easy, [0, 0, 100, 50, 160, 80, 160]],
    [easySjbf, [0, 0, 100, 50, 160, 95, 80]],
  ])('$name on seven jobs', (policy, expected) => {
    const byJob = Object.fromEntries(expected.map((start, i) => [i + 1, start]))
    expect(starts(seven, 10, policy, 'instant')).toEqual(byJob)
    expect(starts(seven, 10, policy, 'event')).toEqual(byJob)
  })

  // At 10 the first job's run ends, and two are submitted. Per instant its six processors go to job 2, which needs all ten.
  // Per event submissions come first: job 2 does not fit in four, job 3 does and slips in front of it.
  it('a pass per event deals with submissions before an early end, a pass per instant with both at once', () => {
    const rows: Row[] = [
      [1, 0, 10, 6, 20],
      [2, 10, 5, 10],
      [3, 10, 10, 4],
    ]
    expect(starts(rows, 10, easy, 'instant')).toEqual({ 1: 0, 2: 10, 3: 15 })
    expect(starts(rows, 10, easy, 'event')).toEqual({ 1: 0, 2: 20, 3: 10 })
  })

  it.each([
    ['ends at its estimate', 10, 'COMPLETED'],
    ['is stopped at its estimate', 15, 'TIMEOUT'],
  ] as const)('a job that %s has left by the time that second submits', (_, runS, state) => {
    const jobs = smallLog([
      [1, 0, runS, 6, 10],
      [2, 10, 5, 10],
      [3, 10, 10, 4],
    ])
    for (const passPer of ['instant', 'event'] as const) {
      const simulation = run(jobs, 10, easy, { passPer })
      expect([...simulation.startMs]).toEqual([0, 10_000, 15_000])
      expect(simulation.endMs[0]).toBe(10_000)
      expect(jobStates[simulation.state[0]!]).toBe(state)
    }
  })

  // Job 1 is due at its limit at 10, where 4 and 5 are submitted; 2 runs to 30 and 3, which needs all ten, waits for it. What 1
  // holds is as good as free, so 4 fits and has a pass of its own. Were it not, both would wait for the end of 1, and 5 is shorter.
  it.each([
    ['ends by itself', 10],
    ['is stopped', 15],
  ])('a newcomer has its pass on processors whose job %s at its limit', (_, runS) => {
    const rows: Row[] = [
      [1, 0, runS, 6, 10],
      [2, 0, 30, 4],
      [3, 1, 5, 10],
      [4, 10, 15, 6],
      [5, 10, 5, 4],
    ]
    expect(starts(rows, 10, easySjbf, 'event')).toEqual({ 1: 0, 2: 0, 3: 30, 4: 10, 5: 25 })
    expect(starts(rows, 10, easySjbf, 'instant')).toEqual({ 1: 0, 2: 0, 3: 30, 4: 15, 5: 10 })
  })
})

describe('random small logs', () => {
  // Few distinct values, so that ties, exact fits and full machines are common.
  const row = fc.record({
    submit: fc.integer({ min: 0, max: 30 }),
    run: fc.integer({ min: 1, max: 12 }),
    size: fc.integer({ min: 1, max: 8 }),
    margin: fc.constantFrom(0, 0, 1, 5, -2),
  })
  const rows = fc
    .array(row, { minLength: 1, maxLength: 40 })
    .map((list) =>
      list
        .map(({ submit, run, size, margin }, i): Row => [i + 1, submit, run, size, Math.max(1, run + margin)])
        .sort(([, a], [, b]) => a - b),
    )
  const rule = fc.constantFrom<PassPer>('instant', 'event')

  it.each<[OraclePolicy]>([['fcfs'], ['easy'], ['easy-sjbf']])(
    '%s starts each job when a plain program does',
    (policy) => {
      fc.assert(
        fc.property(rows, rule, (list, passPer) => {
          const jobs = smallLog(list)
          const simulation = run(jobs, 8, policyNamed(policy), { passPer })
          expect(startsOf(jobs, simulation)).toEqual(oracleStarts(jobs, 8, policy, passPer))
        }),
        { numRuns: 300 },
      )
    },
  )

  it('conservative starts each job when a plain program does', () => {
    fc.assert(
      fc.property(rows, rule, (list, passPer) => {
        const jobs = smallLog(list)
        const simulation = run(jobs, 8, conservative, { passPer })
        expect(startsOf(jobs, simulation)).toEqual(conservativeStarts(jobs, 8, passPer))
      }),
      { numRuns: 300 },
    )
  })

  it('no policy gives out more than there is, or stops short of the end', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom(...policies), rule, (list, policy, passPer) => {
        const jobs = smallLog(list, (i) => i % 3)
        // One policy takes targets; here nobody solves for any.
        const { startMs, endMs, outcome } = run(jobs, 8, policy, { passPer, solver: null })
        expect(outcome).toBe('complete')
        for (const atMs of startMs) {
          const busy = jobs.processors.filter((_, i) => startMs[i]! <= atMs && atMs < endMs[i]!)
          expect(busy.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(8)
        }
        startMs.forEach((start, i) => {
          expect(start).toBeGreaterThanOrEqual(1000 * jobs.submitS[i]!)
          expect(endMs[i]! - start).toBe(1000 * Math.min(jobs.runS[i]!, jobs.estimateS[i]!))
        })
      }),
    )
  })

  it('under first come first served more processors never start a job later', () => {
    fc.assert(
      fc.property(rows, rule, fc.integer({ min: 8, max: 12 }), (list, passPer, more) => {
        const jobs = smallLog(list)
        const few = run(jobs, 8, fcfs, { passPer }).startMs
        run(jobs, more, fcfs, { passPer }).startMs.forEach((start, i) => {
          expect(start).toBeLessThanOrEqual(few[i]!)
        })
      }),
    )
  })

  it('other job numbers change nothing but the numbers', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 2, max: 1_000_000_007 }), (list, factor) => {
        const renamed = list.map(([job, ...rest]): Row => [job * factor, ...rest])
        expect(run(smallLog(renamed), 8, easy).startMs).toEqual(run(smallLog(list), 8, easy).startMs)
      }),
    )
  })
})

describe('the loop', () => {
  const rows = Array.from({ length: 6000 }, (_, i): Row => [i + 1, 3 * i, 5 + (i % 11), 1 + (i % 4), 20])
  const jobs = smallLog(rows)

  it('gives the same facts for the same arguments, and others for another policy', () => {
    const first = run(jobs, 10, easy)
    expect(run(jobs, 10, easy).factsHash).toBe(first.factsHash)
    expect(first.factsHash).toMatch(/^[0-9a-f]{32}$/)
    expect(run(jobs, 10, fcfs).factsHash).not.toBe(first.factsHash)
    // Configured; then submitted, started, ended.
    expect(first.facts).toBe(1 + 3 * jobs.count)
    expect(first.events).toBe(2 * jobs.count)
  })

  it('reports progress up to the end', () => {
    const seen: number[] = []
    run(jobs, 10, easy, { onProgress: (ended, count) => seen.push(ended / count) })
    expect(seen.length).toBeGreaterThan(2)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBe(1)
  })

  it('stops when it is cancelled', () => {
    const abort = new AbortController()
    const simulation = run(jobs, 10, easy, { cancel: abort.signal, onProgress: () => abort.abort() })
    expect(simulation.outcome).toBe('cancelled')
    expect(simulation.events).toBeGreaterThan(0)
    expect(simulation.events).toBeLessThan(2 * jobs.count)
  })

  it('stops at its bound of events, with jobs in every stage of life', () => {
    const { outcome, events, state, nowMs } = run(jobs, 4, easy, { eventsMax: 1000 })
    expect(outcome).toBe('events-max')
    expect(events).toBeGreaterThanOrEqual(1000)
    expect(events).toBeLessThan(1010)
    expect(nowMs).toBeLessThan(1000 * jobs.submitS.at(-1)!)
    expect(new Set(state)).toEqual(
      new Set(['unsubmitted', 'waiting', 'running', 'COMPLETED'].map((name) => jobStates.indexOf(name as 'waiting'))),
    )
  })

  it('stops at a moment, with what is due then done and the rest left as it is', () => {
    const untilMs = 2000 * 1000
    const whole = run(jobs, 4, easy)
    const { outcome, state, startMs, endMs, nowMs } = run(jobs, 4, easy, { untilMs })
    expect([outcome, nowMs]).toEqual(['until', untilMs])
    whole.startMs.forEach((start, i) => {
      expect(startMs[i]).toBe(start <= untilMs ? start : -1)
      expect(endMs[i]).toBe(whole.endMs[i]! <= untilMs ? whole.endMs[i] : -1)
    })
    expect([...state].filter((code) => jobStates[code] === 'waiting').length).toBeGreaterThan(10)
    expect(run(jobs, 10, easy, { untilMs: 1e12 }).outcome).toBe('complete')
  })

  it('times itself by the clock it is given, and none else', () => {
    let now = 100
    expect(run(jobs, 10, easy, { clock: () => (now += 250) }).loopMs).toBe(250)
    expect(run(jobs, 10, easy).loopMs).toBe(0)
  })

  it('ends at once when nothing is asked for', () => {
    const simulation = run(smallLog([]), 10, easy)
    expect(simulation).toMatchObject({ outcome: 'complete', events: 0, passes: 0, facts: 1 })
  })

  it('marks what the center refuses, and goes on', () => {
    // The log was judged against a larger machine than it now runs on.
    const { config, demand } = swfCenter(
      smallLog([
        [1, 0, 5, 20],
        [2, 0, 5, 4],
      ]),
      20,
      fcfs,
    )
    const { state } = simulate({ ...config, pools: [{ name: 'processors', kind: 'cpu', processors: 10 }] }, demand)
    expect([...state].map((code) => jobStates[code])).toEqual(['refused', 'COMPLETED'])
  })

  it('is through with what the center refuses: progress reaches the end, and nobody waits to cancel it', () => {
    for (const passPer of ['instant', 'event'] as const) {
      // The log was judged against a larger machine than it now runs on.
      const { config: large, demand } = swfCenter(smallLog([[1, 0, 5, 4], [2, 7, 5, 20]]), 20, easy) // biome-ignore format: two jobs
      const config: CenterConfig = { ...large, pools: [{ name: 'processors', kind: 'cpu', processors: 10 }] }
      const seen: number[] = []
      const impatient = { ...demand, cancelMs: Float64Array.of(Infinity, 100_000) }
      const { events, nowMs } = simulate(config, impatient, { passPer, onProgress: (ended) => seen.push(ended) })
      expect(seen.at(-1)).toBe(2)
      expect([events, nowMs]).toEqual([3, 7000])
    }
  })

  it('makes passes per event only where there is one pool of counted processors', () => {
    const { config, demand } = swfCenter(jobs, 10, easy)
    const two: CenterConfig = { ...config, pools: [...config.pools, { name: 'more', kind: 'cpu', processors: 4 }] }
    expect(() => simulate(two, demand, { passPer: 'event' })).toThrow('one counted pool')
  })

  it('lets users of a log take fair turns', () => {
    // User 1 has held the machine for long; user 2 comes last and goes first.
    const log: Row[] = [[1, 0, 1000, 4], [2, 10, 50, 4], [3, 20, 50, 4], [4, 30, 50, 4]] // biome-ignore format: one log
    const shared = smallLog(log, (i) => (i < 3 ? 1 : 2))
    expect([...run(shared, 4, fairshare).startMs]).toEqual([0, 1_050_000, 1_100_000, 1_000_000])
    expect([...run(shared, 4, easy).startMs]).toEqual([0, 1_000_000, 1_050_000, 1_100_000])
  })
})

describe('a center of nodes', () => {
  const node = { cpuMilli: 96_000, memoryMib: 1_048_576, accelerators: 8 }
  const config: CenterConfig = {
    name: 'small',
    pools: [
      { name: 'h100', kind: 'gpu', model: 'H100', nodes: 32, perNode: node },
      { name: 'rngd', kind: 'npu', model: 'RNGD', nodes: 8, perNode: node },
    ],
    accounts: [
      { name: 'industry', parent: null, shares: 30 },
      { name: 'academia', parent: null, shares: 70 },
    ],
    associations: Array.from({ length: 12 }, (_, i) => ({
      account: i % 3 === 0 ? 'industry' : 'academia',
      user: `user-${i}`,
      shares: 1,
    })),
    policy: fairshare,
  }
  const days = 3
  const demandFor = (seed: number): Demand =>
    demandOf(config, submissions({ config, seed, load: 0.9, startMs: 0 }), days * 86_400_000)

  it('works off a modelled demand, failures and time limits and all', () => {
    // In these three days the GPUs are full for a while, and some owners lose patience.
    const demand = demandFor(2)
    const simulation = simulate(config, demand)
    expect(simulation.outcome).toBe('complete')
    const states = [...simulation.state].map((code) => jobStates[code]!)
    expect(new Set(states)).toEqual(new Set(['COMPLETED', 'FAILED', 'TIMEOUT', 'CANCELLED']))
    const started = [...demand.request.keys()].filter((i) => simulation.startMs[i]! >= 0)
    // Who never started had an owner who lost patience before the simulation ended.
    expect(started.length).toBeLessThan(demand.count)
    states.forEach((state, i) => {
      if (simulation.startMs[i]! >= 0) return
      expect(state).toBe('CANCELLED')
      expect(demand.submitMs[i]! + demand.cancelMs![i]!).toBeLessThanOrEqual(simulation.nowMs)
    })
    started.forEach((i) => {
      expect(simulation.startMs[i]! - demand.submitMs[i]!).toBeLessThan(demand.cancelMs![i]!)
      const overran = demand.runMs[i]! > demand.limitMs[i]!
      const byItself = demand.exitCode[i] === 0 ? 'COMPLETED' : 'FAILED'
      expect(states[i]).toBe(overran ? 'TIMEOUT' : demand.stopped![i] === 1 ? 'CANCELLED' : byItself)
      expect(simulation.endMs[i]! - simulation.startMs[i]!).toBe(Math.min(demand.runMs[i]!, demand.limitMs[i]!))
    })
    // At every start, what runs fits in what there is.
    const changes = started.flatMap((i) => {
      const size = width(demand.requests[demand.request[i]!]!)
      return [
        { atMs: simulation.startMs[i]!, size },
        { atMs: simulation.endMs[i]!, size: -size },
      ]
    })
    changes.sort((a, b) => a.atMs - b.atMs || a.size - b.size)
    let busy = 0
    let busiest = 0
    for (const { size } of changes) {
      busy += size
      busiest = Math.max(busiest, busy)
    }
    expect(busiest).toBeLessThanOrEqual(40 * 8)
    expect(busiest).toBeGreaterThan(32 * 8)
  })

  it('is another story with another seed, and the same with the same', () => {
    const hash = (seed: number): string => simulate(config, demandFor(seed)).factsHash
    expect(hash(1)).toBe(hash(1))
    expect(hash(1)).not.toBe(hash(2))
  })
})

describe.skipIf(!hasReference)(withReference, () => {
  const traces = new Map<LogName, Trace>()
  const traceOf = (log: LogName): Trace => {
    const trace = traces.get(log) ?? parseSwf(readGzipped(logs[log]))
    traces.set(log, trace)
    return trace
  }
  const names: LogName[] = ['kth-sp2', 'sdsc-sp2', 'lublin256']
  const cases = names.flatMap((log) => [
    ...(['instant', 'event'] as const).flatMap((rule) =>
      (['fcfs', 'easy', 'easy-sjbf'] as const).map((policy) => [log, rule, policy] as const),
    ),
    // Of conservative backfilling per instant no program's schedule is published; the plain one above has it.
    [log, 'event', 'conservative'] as const,
  ])

  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const tableRows = readme.split('\n').map((line) => line.replaceAll(/ +/g, ' '))

  it.each(cases)(
    '%s, a pass per %s, %s: every job starts in the second other programs start it',
    (log, rule, policy) => {
      const { jobs, processors } = traceOf(log)
      const { config, demand } = swfCenter(jobs, processors!, policyNamed(policy))
      const simulation = simulate(config, demand, { passPer: rule })
      const expected = referenceStarts(log, rule, policy)
      const actual = startsOf(jobs, simulation)
      const wrong = [...expected].filter(([job, start]) => actual.get(job) !== start)
      expect(wrong.slice(0, 5)).toEqual([])
      expect(actual.size).toBe(expected.size)
      const { wait_mean_s, bounded_slowdown_mean } = summarize(config, demand, simulation)
      const { waitS, boundedSlowdown } = referenceMeans(log, rule, policy)
      expect(wait_mean_s).toBeCloseTo(waitS, 4)
      expect(bounded_slowdown_mean).toBeCloseTo(boundedSlowdown, 5)
      // The table in the README is this run, row by row.
      const same = (expected.size - wrong.length).toLocaleString('en')
      expect(tableRows).toContain(
        `| ${log} | ${rule} | ${policy} | ${same} of ${expected.size.toLocaleString('en')} | ${wait_mean_s.toFixed(1)} | ${bounded_slowdown_mean.toFixed(4)} |`,
      )
    },
  )

  it('the plain program that random logs are compared with agrees on the first thousands of jobs too', () => {
    const { jobs, processors } = traceOf('kth-sp2')
    const count = 6000
    const untilS = jobs.submitS[count]!
    const actual = oracleStarts({ ...jobs, count }, processors!, 'easy-sjbf', 'event')
    // Those that came later have no part in what started before them.
    const settled = [...referenceStarts('kth-sp2', 'event', 'easy-sjbf')].filter(([, start]) => start < untilS)
    expect(settled.length).toBeGreaterThan(0.9 * count)
    expect(settled.filter(([job, start]) => actual.get(job) !== start)).toEqual([])
  })

  // Gaussier, Glesser, Reis, Trystram: Improving backfilling by using machine learning to predict running times (SC'15).
  it.each([
    ['easy', 'the estimates of the log', 92.576539734],
    ['easy-sjbf', 'the estimates of the log', 69.40540058],
    ['easy', 'perfect estimates', 71.722385112],
    ['easy-sjbf', 'perfect estimates', 49.847718932],
  ])('%s with %s on KTH-SP2 has the published mean bounded slowdown of %d', (name, estimates, published) => {
    const { jobs, processors } = traceOf('kth-sp2')
    const perfect = { ...jobs, estimateS: jobs.estimateS.map((estimate, i) => Math.min(estimate, jobs.runS[i]!)) }
    const told = estimates === 'perfect estimates' ? perfect : jobs
    const { config, demand } = swfCenter(told, processors!, policyNamed(name))
    const simulation = simulate(config, demand, { passPer: 'event' })
    // The ninth decimal depends on the order in which a program adds up.
    expect(summarize(config, demand, simulation).bounded_slowdown_mean).toBeCloseTo(published, 8)
  })
})
