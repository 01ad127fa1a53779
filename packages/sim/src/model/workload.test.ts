import { type CenterConfig, fairshare, type PoolConfig } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { demandOf, width } from '../demand.ts'
import { accelerators } from '../metrics/capacity.ts'
import { popularLimitsS } from './estimates.ts'
import { jobKinds, nationalModel } from './job-kinds.ts'
import type { Submission } from './submission.ts'
import { hourOfWeek } from './week.ts'
import { submissions, type WorkloadOptions } from './workload.ts'
import type { WorkloadModel } from './workload-model.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Monday 6 January 2025, 00:00 in Seoul. */
const MONDAY_MS = Date.UTC(2025, 0, 5, 15)

const pool = (name: string, kind: 'gpu' | 'npu' | 'pim', model: string, nodes: number, perNode = 8): PoolConfig => ({
  name,
  kind,
  model,
  nodes,
  perNode: { cpuMilli: 96_000, memoryMib: 1_048_576, accelerators: perNode },
})

const center = (pools: readonly PoolConfig[], users = 40): CenterConfig => ({
  name: 'test',
  pools,
  accounts: [{ name: 'lab', parent: null, shares: 1 }],
  associations: Array.from({ length: users }, (_, i) => ({ account: 'lab', user: `user-${i}`, shares: 1 })),
  policy: fairshare,
})

const mixed = center([
  pool('h100', 'gpu', 'H100', 200),
  pool('b300', 'gpu', 'B300', 50),
  pool('rngd', 'npu', 'RNGD', 32),
  pool('aimx', 'pim', 'AiMX', 8, 4),
])

const options = (rest: Partial<WorkloadOptions> = {}): WorkloadOptions => ({
  config: mixed,
  seed: 1,
  load: 0.9,
  startMs: MONDAY_MS,
  ...rest,
})

function taken(rest: Partial<WorkloadOptions>, days: number): Submission[] {
  const all = options(rest)
  const list: Submission[] = []
  for (const submission of submissions(all)) {
    if (submission.atMs >= all.startMs + days * DAY_MS) return list
    list.push(submission)
  }
  return list
}

/** What a submission takes of the accelerators if it starts. */
const workMs = ({ request, runTimeMs, timeLimitMs }: Submission): number =>
  width(request) * Math.min(runTimeMs, timeLimitMs)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** A kind as people describe it: accelerators from, to; median and longest run; part of the accelerator-time. */
const HOUR_S = 3600
const DAY_S = 24 * HOUR_S
const catalogue: readonly (readonly [string, number, number, number, number, number])[] = [
  ['notebook', 1, 1, (40 * HOUR_S) / 60, 12 * HOUR_S, 3],
  ['evaluation', 1, 8, (3 * HOUR_S) / 60, 2 * HOUR_S, 3],
  ['fine-tune', 1, 64, 2 * HOUR_S, 3 * DAY_S, 17],
  ['classical', 1, 16, (15 * HOUR_S) / 60, 2 * DAY_S, 7],
  ['pretraining', 128, 2048, 2 * DAY_S, 14 * DAY_S, 50],
  ['inference', 1, 64, 7 * DAY_S, 28 * DAY_S, 10],
  ['hpc', 8, 512, 3 * HOUR_S, DAY_S, 10],
]

describe('the seven kinds of a national center', () => {
  it.each(catalogue)('%s: %i to %i accelerators', (name, from, to, medianS, longestS, workPercent) => {
    const kind = jobKinds.find((candidate) => candidate.name === name)!
    expect(kind.sizes[0]![0]).toBe(from)
    expect(kind.sizes.at(-1)![0]).toBe(to)
    expect(kind.run.parts.map((part) => part.medianS)).toEqual([medianS])
    expect(kind.run.longestS).toBe(longestS)
    expect(kind.percent).toBe(workPercent)
    const { failPercent, abandonPercent, stopPercent } = kind.endings
    expect(failPercent + abandonPercent + stopPercent).toBeLessThan(100)
    if (name === 'pretraining') {
      // A campaign of at most sixty days is a chain of runs.
      const runs = Math.max(...kind.sessions.jobs.map(([count]) => count))
      expect(runs * longestS).toBeLessThanOrEqual(60 * DAY_S)
    }
  })

  it('are all there is', () => {
    expect(jobKinds.map(({ name }) => name)).toEqual(catalogue.map(([name]) => name))
  })

  // Philly, Helios, Seren and Kalos: failed 30.5, 15.5, 42.9, 39.7 % of jobs and 39, 9, 12, 8 % of accelerator-time;
  // cancelled 9.0, 22.1, 7.5, 6.2 % of jobs and 29, 39, 66, 61 % of accelerator-time.
  it('end as jobs of published clusters did', () => {
    const list = [1, 2, 3].flatMap((seed) => taken({ seed }, 28))
    const work = sum(list.map(workMs))
    const part = (test: (submission: Submission) => boolean): readonly [number, number] => {
      const found = list.filter(test)
      return [(100 * found.length) / list.length, (100 * sum(found.map(workMs))) / work]
    }
    const [failed, failedWork] = part(({ exitCode }) => exitCode !== 0)
    const [cancelled, cancelledWork] = part(({ stopped }) => stopped)
    expect(failed).toBeGreaterThan(15.5)
    expect(failed).toBeLessThan(42.9)
    expect(failedWork).toBeGreaterThan(8)
    expect(failedWork).toBeLessThan(39)
    expect(cancelled).toBeGreaterThan(6.2)
    expect(cancelled).toBeLessThan(22.1)
    expect(cancelledWork).toBeGreaterThan(29)
    expect(cancelledWork).toBeLessThan(66)
  })
})

describe('the workload model', () => {
  it('asks for the stated fraction of capacity, made up of the kinds in their shares', () => {
    const days = 56
    const list = taken({ load: 0.8 }, days)
    const asked = 0.8 * accelerators(mixed) * days * DAY_MS
    // Sessions come as a Poisson process, so the sum of their work has the variance of the sum of its squares: half of the
    // work is in a few dozen chains of very large runs.
    const isAbout = (part: readonly Submission[], expectedMs: number): boolean => {
      const bySession = new Map<number, number>()
      for (const submission of part) {
        bySession.set(submission.session, (bySession.get(submission.session) ?? 0) + workMs(submission))
      }
      const works = [...bySession.values()]
      const errorMs = Math.sqrt(sum(works.map((work) => work * work)))
      return Math.abs(sum(works) - expectedMs) < 3 * errorMs + 0.03 * expectedMs
    }
    expect(isAbout(list, asked)).toBe(true)
    expect(isAbout(list, 2.5 * asked)).toBe(false)
    for (const { name, percent } of jobKinds) {
      const ofKind = list.filter(({ kind }) => kind === name)
      expect(isAbout(ofKind, (asked * percent) / 100), name).toBe(true)
    }
  })

  it('asks for no more and no less because users come in sessions', () => {
    // Runs of one size and one length, so that the work of a week is known but for the number of sessions.
    const plain: WorkloadModel = {
      ...nationalModel,
      estimates: { habit: 'exact' },
      kinds: [
        {
          ...jobKinds[1]!,
          sizes: [[1, 1]],
          run: { parts: [{ percent: 100, medianS: 600, sigma: 0 }], shortestS: 600, longestS: 600 },
          endings: { ...jobKinds[1]!.endings, failPercent: 0, abandonPercent: 0, stopPercent: 0 },
        },
      ],
    }
    const list = taken({ model: plain, load: 0.05 }, 14)
    const expected = (0.05 * accelerators(mixed) * 14 * DAY_S) / 600
    // Some 40,000 sessions, the squares of whose jobs are 37.8 in the mean: one standard error is 0.7 %.
    expect(list.length / expected).toBeGreaterThan(0.98)
    expect(list.length / expected).toBeLessThan(1.02)
    // From the first minute on: sessions that began before it reach into it.
    const seeds = Array.from({ length: 20 }, (_, i) => i + 1)
    const firstHour = seeds.flatMap((seed) => taken({ seed, model: plain, load: 0.2 }, 1 / 24))
    const sameHour = seeds.flatMap((seed) =>
      taken({ seed: 100 + seed, model: plain, load: 0.2, startMs: MONDAY_MS - 6 * HOUR_MS }, 7 / 24).filter(
        ({ atMs }) => atMs >= MONDAY_MS,
      ),
    )
    expect(firstHour.length).toBeGreaterThan(5000)
    expect(firstHour.length / sameHour.length).toBeCloseTo(1, 0.9)
  })

  it('asks only for what some pool has', () => {
    const list = taken({}, 28)
    // The rare large kinds all, of the others every fiftieth.
    for (const { request, runTimeMs, timeLimitMs, kind } of list.filter(
      (submission, i) => i % 50 === 0 || width(submission.request) > 16,
    )) {
      expect(request.pools.length).toBeGreaterThan(0)
      for (const name of request.pools) {
        const found = mixed.pools.find((candidate) => candidate.name === name)
        if (found === undefined || found.kind === 'cpu') throw new Error(`no pool ${name}`)
        expect(request.nodes).toBeLessThanOrEqual(found.nodes)
        expect(request.acceleratorsMilli).toBeLessThanOrEqual(1000 * found.perNode.accelerators)
        expect(request.cpuMilli).toBeLessThanOrEqual(found.perNode.cpuMilli)
        expect(request.memoryMib).toBeLessThanOrEqual(found.perNode.memoryMib)
        expect([...jobKinds.find(({ name }) => name === kind)!.runsOn].flat()).toContain(found.kind)
        if (kind === 'hpc') expect(found.model).not.toBe('B300')
      }
      expect(Number.isInteger(request.nodes) && request.nodes > 0).toBe(true)
      expect(request.acceleratorsMilli % 1000).toBe(0)
      expect(Number.isInteger(runTimeMs) && runTimeMs > 0).toBe(true)
      expect(Number.isInteger(timeLimitMs) && timeLimitMs > 0).toBe(true)
    }
  })

  it('cuts the largest runs to the largest pool', () => {
    const small = center([pool('a', 'gpu', 'H100', 5), pool('b', 'gpu', 'H100', 12)])
    const widths = taken({ config: small }, 28).map(({ request }) => width(request))
    expect(Math.max(...widths)).toBe(96)
  })

  it('gives the same submissions for the same options, in order of time, and others for another seed', () => {
    const first = taken({}, 0.5)
    expect(taken({}, 0.5)).toEqual(first)
    expect(first.every(({ atMs }, i) => i === 0 || atMs >= first[i - 1]!.atMs)).toBe(true)
    expect(taken({ seed: 2 }, 0.5)).not.toEqual(first)
  })

  it('draws who submits apart from when, what and how long', () => {
    const of = (users: number): unknown[] =>
      taken({ config: center(mixed.pools, users) }, 1).map(({ account, user, ...rest }) => rest)
    expect(of(3)).toEqual(of(40))
  })

  it('draws how runs end apart from when they come, how large and how long they are', () => {
    const counted: WorkloadModel = { ...nationalModel, percentsOf: 'jobs', jobsPerWeek: 20_000 }
    const harsher = counted.kinds.map((kind) => ({
      ...kind,
      endings: { ...kind.endings, failPercent: 60, giveUpPercent: 90 },
    }))
    const { load, ...noLoad } = options()
    const of = (model: WorkloadModel): Submission[] => {
      const list: Submission[] = []
      for (const submission of submissions({ ...noLoad, model })) {
        if (submission.atMs >= MONDAY_MS + DAY_MS) return list
        list.push(submission)
      }
      return list
    }
    const rest = (list: readonly Submission[]): unknown[] =>
      list.map(({ runTimeMs, exitCode, stopped, patienceMs, ...untouched }) => untouched)
    const [mild, harsh] = [of(counted), of({ ...counted, kinds: harsher })]
    expect(rest(harsh)).toEqual(rest(mild))
    expect(harsh).not.toEqual(mild)
    expect(mild.length).toBeGreaterThan(20_000 / 7 / 2)
  })

  it('follows the hours and days of Korea', () => {
    const { week } = nationalModel
    const rate = (unixMs: number): number => week[hourOfWeek(unixMs, 9)]!
    expect(rate(MONDAY_MS + 15.5 * HOUR_MS)).toBeGreaterThan(5 * rate(MONDAY_MS + 4.5 * HOUR_MS))
    expect(sum(week) / 168).toBeCloseTo(1, 9)
    const list = taken({}, 28)
    const per = (days: readonly number[]): number =>
      list.filter(({ atMs }) => days.includes(Math.floor((atMs - MONDAY_MS) / DAY_MS) % 7)).length / days.length
    expect(per([5, 6]) / per([0, 1, 2, 3, 4])).toBeCloseTo(0.6, 1)
    const at = (from: number, to: number): number =>
      list.filter(({ atMs }) => {
        const hour = ((atMs - MONDAY_MS) % DAY_MS) / HOUR_MS
        return hour >= from && hour < to
      }).length
    expect(at(14, 18)).toBeGreaterThan(4 * at(2, 6))
  })

  it('has users who work in sessions: one user, one kind, jobs that follow each other', () => {
    const list = taken({ load: 0.5 }, 14)
    const sessions = Map.groupBy(list, ({ session }) => session)
    const spans: { user: string; from: number; to: number }[] = []
    for (const jobs of sessions.values()) {
      expect(new Set(jobs.map(({ user, kind }) => `${user} ${kind}`)).size).toBe(1)
      spans.push({ user: jobs[0]!.user, from: jobs[0]!.atMs, to: jobs.at(-1)!.atMs })
    }
    // Of sessions that lie wholly within: (35·1 + 20·2 + 20·4 + 15·8 + 10·16) / 100 jobs in the mean.
    const evaluations = [...sessions.values()].filter(
      ([first]) =>
        first!.kind === 'evaluation' && first!.atMs > MONDAY_MS + DAY_MS && first!.atMs < MONDAY_MS + 13 * DAY_MS,
    )
    expect(sum(evaluations.map(({ length }) => length)) / evaluations.length).toBeCloseTo(4.35, 0)
    // The next link of a chain is submitted when the one before could have ended, however long it ran.
    for (const jobs of sessions.values()) {
      if (jobs[0]!.kind !== 'pretraining') continue
      jobs.forEach(({ atMs, stopped, exitCode, runTimeMs }, i) => {
        if (i + 1 < jobs.length && !stopped && exitCode === 0) {
          expect(jobs[i + 1]!.atMs).toBeGreaterThanOrEqual(atMs + runTimeMs)
        }
      })
    }
  })

  it('lets few sit in two sessions at once, where there are users enough', () => {
    const list = taken({ config: center(mixed.pools, 2000) }, 7).filter(({ kind }) => kind !== 'pretraining')
    const latest = new Map<string, Submission>()
    let turns = 0
    let interrupted = 0
    for (const submission of list) {
      const before = latest.get(submission.user)
      latest.set(submission.user, submission)
      if (before === undefined || before.session === submission.session) continue
      turns++
      if (submission.atMs - before.atMs < HOUR_MS) interrupted++
    }
    expect(turns).toBeGreaterThan(1000)
    expect(interrupted / turns).toBeLessThan(0.12)
  })

  it('takes center time 0 for the Unix time it is told', () => {
    const shifted = taken({ startMs: 0, unixMs: MONDAY_MS }, 0.5)
    expect(shifted.map(({ atMs }) => atMs + MONDAY_MS)).toEqual(taken({}, 0.5).map(({ atMs }) => atMs))
  })

  it('has limits that are wrong the way those of people are', () => {
    const list = taken({}, 28)
    const fraction = (test: (submission: Submission) => boolean): number => list.filter(test).length / list.length
    expect(fraction(({ runTimeMs, timeLimitMs }) => runTimeMs > timeLimitMs)).toBeGreaterThan(0.005)
    expect(fraction(({ runTimeMs, timeLimitMs }) => runTimeMs > timeLimitMs)).toBeLessThan(0.05)
    expect(fraction(({ runTimeMs, timeLimitMs }) => timeLimitMs > 2 * runTimeMs)).toBeGreaterThan(0.5)
    // Tsafrir, Etsion and Feitelson (2005): twenty values make up about nine in ten estimates.
    const counts = new Map<number, number>()
    for (const { timeLimitMs } of list) counts.set(timeLimitMs, (counts.get(timeLimitMs) ?? 0) + 1)
    const twenty = [...counts.values()].sort((a, b) => b - a).slice(0, 20)
    expect(sum(twenty) / list.length).toBeGreaterThan(0.85)
    expect(sum(twenty) / list.length).toBeLessThan(0.97)
    expect(counts.size).toBeGreaterThan(40)
    // And the longest allowed is one of them: for fine-tuning, three days.
    const tuning = list.filter(({ kind }) => kind === 'fine-tune')
    const longest = tuning.filter(({ timeLimitMs }) => timeLimitMs === 3 * DAY_MS).length / tuning.length
    expect(longest).toBeGreaterThan(0.2)
    expect(Math.max(...tuning.map(({ timeLimitMs }) => timeLimitMs))).toBe(3 * DAY_MS)
    expect(popularLimitsS).toHaveLength(20)
  })

  it('has runs that fail, mostly soon, and runs that their owners end', () => {
    const tuning = taken({}, 28).filter(({ kind }) => kind === 'fine-tune')
    const median = (list: readonly Submission[]): number =>
      list.map(({ runTimeMs }) => runTimeMs).sort((a, b) => a - b)[list.length >> 1]!
    const failed = tuning.filter(({ exitCode }) => exitCode !== 0)
    const stopped = tuning.filter((submission) => submission.stopped)
    expect(failed.length / tuning.length).toBeCloseTo(0.3, 1)
    expect(stopped.length / tuning.length).toBeCloseTo(0.16, 1)
    expect(stopped.every(({ exitCode }) => exitCode === 0)).toBe(true)
    const whole = tuning.filter(({ exitCode, stopped: isStopped }) => exitCode === 0 && !isStopped)
    expect(median(failed)).toBeLessThan(median(whole) / 4)
    expect(median(whole) / 1000 / (2 * HOUR_S)).toBeCloseTo(1, 1)
  })

  it('has owners who will not wait for ever', () => {
    const list = taken({}, 14)
    for (const { name, endings } of jobKinds.slice(0, 4)) {
      const ofKind = list.filter(({ kind }) => kind === name)
      const impatient = ofKind.filter(({ patienceMs }) => patienceMs < Infinity)
      expect(impatient.length / ofKind.length, name).toBeCloseTo(endings.giveUpPercent / 100, 1)
      const meanMs = sum(impatient.map(({ patienceMs }) => patienceMs)) / impatient.length
      expect(meanMs / 1000 / endings.patienceMeanS, name).toBeCloseTo(1, 0)
    }
  })

  it('begins with what a center open for weeks would be running', () => {
    const list = [1, 2, 3, 4, 5].flatMap((seed) => taken({ seed, openedBeforeMs: 35 * DAY_MS, load: 0.8 }, 0.1))
    const standing = list.filter(({ atMs }) => atMs === MONDAY_MS)
    const widths = standing.map(({ request }) => width(request))
    const error = Math.sqrt(sum(widths.map((size) => size * size)))
    const expected = 5 * 0.8 * accelerators(mixed)
    expect(Math.abs(sum(widths) - expected)).toBeLessThan(4 * error)
    expect(sum(widths)).toBeGreaterThan(expected / 2)
    expect(standing.some(({ kind }) => kind === 'inference')).toBe(true)
  })

  it('becomes the columns that a simulation takes', () => {
    const list = taken({}, 0.5)
    const demand = demandOf(mixed, submissions(options()), MONDAY_MS + 0.5 * DAY_MS)
    expect(demand.count).toBe(list.length)
    list.forEach((submission, i) => {
      expect({
        atMs: demand.submitMs[i],
        request: demand.requests[demand.request[i]!],
        user: mixed.associations[demand.association[i]!]!.user,
        timeLimitMs: demand.limitMs[i],
        runTimeMs: demand.runMs[i],
        exitCode: demand.exitCode[i],
        patienceMs: demand.cancelMs![i],
        stopped: demand.stopped![i] === 1,
        job: demand.job[i],
      }).toEqual({
        atMs: submission.atMs,
        request: submission.request,
        user: submission.user,
        timeLimitMs: submission.timeLimitMs,
        runTimeMs: submission.runTimeMs,
        exitCode: submission.exitCode,
        patienceMs: submission.patienceMs,
        stopped: submission.stopped,
        job: i + 1,
      })
    })
  })

  it.each<[string, Partial<WorkloadOptions>, string]>([
    ['a load of nothing', { load: 0 }, 'load 0'],
    ['a load that is no number', { load: Number.NaN }, 'load NaN'],
    ['a center of processors only', { config: center([{ name: 'p', kind: 'cpu', processors: 9 }]) }, 'no pool of GPU'],
    ['a center without users', { config: center(mixed.pools, 0) }, 'no users'],
  ])('refuses %s', (_, rest, message) => {
    expect(() => submissions(options(rest)).next()).toThrow(message)
  })
})

describe('checkpoints', () => {
  const repairS = { parts: [{ percent: 100, medianS: 3600, sigma: 0 }], shortestS: 3600, longestS: 3600 }
  const faults = [
    { name: 'nodes', pool: 'h100', nodesTogether: 1, perUnitDay: 0.0065, repairS },
    { name: 'leaves', pool: 'h100', nodesTogether: 16, perUnitDay: 0.001, repairS },
  ]
  const h100s = center([pool('h100', 'gpu', 'H100', 400)])
  const list = taken({ config: h100s, faults }, 2)

  it('are spaced by what may fail under the job, as Young and Daly found best', () => {
    const large = list.filter(({ kind, request }) => kind === 'pretraining' && request.nodes === 32)
    expect(large.length).toBeGreaterThan(0)
    // 32 nodes and two leaves: 0.21 failures a day, one in 411,429 s. √(2 · 60 · 411,429) = 7,027 s.
    for (const { checkpoint } of large) {
      expect(checkpoint!.everyMs / 1000).toBeCloseTo(Math.sqrt((2 * 60 * 86_400) / 0.21), 3)
      expect(checkpoint).toMatchObject({ writeMs: 60_000, restartMs: 300_000 })
    }
  })

  it('are written by those kinds that have them', () => {
    const writing = new Set(list.filter(({ checkpoint }) => checkpoint !== null).map(({ kind }) => kind))
    expect([...writing].sort()).toEqual(['classical', 'fine-tune', 'hpc', 'pretraining'])
  })

  it('move nothing but limits, which people write with them in mind, and are not there where nothing fails', () => {
    const never = taken({ config: h100s }, 2)
    const unlimited = ({ timeLimitMs, checkpoint, ...rest }: Submission) => rest
    expect(list.map(unlimited)).toEqual(never.map(unlimited))
    expect(never.every(({ checkpoint }) => checkpoint === null)).toBe(true)
    list.forEach(({ timeLimitMs }, i) => expect(timeLimitMs).toBeGreaterThanOrEqual(never[i]!.timeLimitMs))
    expect(list.some(({ timeLimitMs }, i) => timeLimitMs > never[i]!.timeLimitMs)).toBe(true)
  })
})
