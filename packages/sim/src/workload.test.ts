import { type CenterConfig, fairshare, type PoolConfig } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { demandOf, width } from './demand.ts'
import { jobKinds } from './job-kinds.ts'
import { accelerators } from './summary.ts'
import { rateShape, type Submission, submissions, type WorkloadOptions } from './workload.ts'

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

describe('the workload model', () => {
  it('asks for the stated fraction of capacity, made up of the kinds in their shares', () => {
    const days = 56
    const list = taken({ load: 0.8 }, days)
    const asked = 0.8 * accelerators(mixed) * days * DAY_MS
    // A sum over Poisson arrivals has the variance of the sum of squares: half of the work is in a few dozen very large runs.
    const isAbout = (part: readonly Submission[], expectedMs: number): boolean => {
      const works = part.map(workMs)
      const errorMs = Math.sqrt(sum(works.map((work) => work * work)))
      return Math.abs(sum(works) - expectedMs) < 4 * errorMs + 0.03 * expectedMs
    }
    expect(isAbout(list, asked)).toBe(true)
    expect(isAbout(list, 2 * asked)).toBe(false)
    for (const { name, workPercent } of jobKinds) {
      const ofKind = list.filter(({ kind }) => kind === name)
      expect(isAbout(ofKind, (asked * workPercent) / 100), name).toBe(true)
    }
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
        expect(jobKinds.find(({ name }) => name === kind)!.runsOn.flat()).toContain(found.kind)
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

  it('follows the hours and days of Korea', () => {
    expect(rateShape(MONDAY_MS + 15.5 * HOUR_MS)).toBeGreaterThan(5 * rateShape(MONDAY_MS + 4.5 * HOUR_MS))
    expect(sum(Array.from({ length: 168 }, (_, hour) => rateShape(MONDAY_MS + hour * HOUR_MS))) / 168).toBeCloseTo(1, 9)
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

  it('takes center time 0 for the Unix time it is told', () => {
    const shifted = taken({ startMs: 0, unixMs: MONDAY_MS }, 0.5)
    expect(shifted.map(({ atMs }) => atMs + MONDAY_MS)).toEqual(taken({}, 0.5).map(({ atMs }) => atMs))
  })

  it('has limits that are wrong the way those of people are, and runs that fail early', () => {
    const list = taken({}, 28)
    const fraction = (test: (submission: Submission) => boolean): number => list.filter(test).length / list.length
    expect(fraction(({ runTimeMs, timeLimitMs }) => runTimeMs > timeLimitMs)).toBeGreaterThan(0.005)
    expect(fraction(({ runTimeMs, timeLimitMs }) => runTimeMs > timeLimitMs)).toBeLessThan(0.05)
    expect(fraction(({ runTimeMs, timeLimitMs }) => timeLimitMs > 2 * runTimeMs)).toBeGreaterThan(0.5)
    expect(new Set(list.map(({ timeLimitMs }) => timeLimitMs)).size).toBeLessThanOrEqual(13)
    // 15 to 43 % of the jobs of published GPU clusters fail.
    expect(fraction(({ exitCode }) => exitCode !== 0)).toBeGreaterThan(0.15)
    expect(fraction(({ exitCode }) => exitCode !== 0)).toBeLessThan(0.43)
    const median = (failed: boolean): number => {
      const runs = list
        .filter(({ kind, exitCode }) => kind === 'fine-tune' && (exitCode !== 0) === failed)
        .map(({ runTimeMs }) => runTimeMs)
        .sort((a, b) => a - b)
      return runs[runs.length >> 1]!
    }
    expect(median(true)).toBeLessThan(median(false) / 4)
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
        job: demand.job[i],
      }).toEqual({
        atMs: submission.atMs,
        request: submission.request,
        user: submission.user,
        timeLimitMs: submission.timeLimitMs,
        runTimeMs: submission.runTimeMs,
        exitCode: submission.exitCode,
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
