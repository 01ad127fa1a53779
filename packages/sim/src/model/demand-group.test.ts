import { type CenterConfig, fairshare, type PoolConfig } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { width } from '../demand.ts'
import type { DemandGroup, KindSpeed } from './demand-group.ts'
import { jobKinds, nationalModel } from './job-kinds.ts'
import { capacityFor } from './offers.ts'
import type { Submission } from './submission.ts'
import { submissions, type WorkloadOptions } from './workload.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Monday 6 January 2025, 00:00 in Seoul. */
const MONDAY_MS = Date.UTC(2025, 0, 5, 15)

const pool = (name: string, kind: 'gpu' | 'npu', nodes: number, accelerators = 8, model = 'any'): PoolConfig => ({
  name,
  kind,
  model,
  nodes,
  perNode: { cpuMilli: 96_000, memoryMib: 1_048_576, accelerators },
})

const center = (...pools: readonly PoolConfig[]): CenterConfig => ({
  name: 'test',
  pools,
  accounts: [
    { name: 'industry', parent: null, shares: 1 },
    { name: 'steel', parent: 'industry', shares: 1 },
    { name: 'research', parent: null, shares: 1 },
  ],
  associations: ['industry', 'steel', 'research'].flatMap((account) =>
    Array.from({ length: 10 }, (_, i) => ({ account, user: `${account}-${i}`, shares: 1 })),
  ),
  policy: fairshare,
})
const config = center(pool('gpu', 'gpu', 50))

/** Kinds whose jobs are many and short, so that a week says much. */
const short = {
  ...nationalModel,
  kinds: jobKinds.filter(({ name }) => name === 'evaluation' || name === 'classical'),
}
const group = (name: string, rest: Partial<DemandGroup> = {}): DemandGroup => ({
  name,
  accounts: [name],
  model: short,
  load: 0.3,
  surges: [],
  ...rest,
})

function taken(days: number, rest: Partial<WorkloadOptions>): Submission[] {
  const list: Submission[] = []
  for (const submission of submissions({ config, seed: 1, startMs: MONDAY_MS, ...rest })) {
    if (submission.atMs >= MONDAY_MS + days * DAY_MS) break
    list.push(submission)
  }
  return list
}

/** All but the numbers, which tell of how many others there are. */
const nameless = (list: readonly Submission[]) => list.map(({ name, session, ...rest }) => rest)
/** Numbers of sessions and jobs go by the source; what is left tells them apart. */
const marks = (list: readonly Submission[]): Set<string> =>
  new Set(list.map(({ atMs, user, kind, runTimeMs }) => `${atMs} ${user} ${kind} ${runTimeMs}`))
const within = (outer: ReadonlySet<string>, inner: ReadonlySet<string>): boolean =>
  [...inner].every((one) => outer.has(one))
const workMs = (list: readonly Submission[]): number =>
  list.reduce((sum, { request, runTimeMs, timeLimitMs }) => sum + width(request) * Math.min(runTimeMs, timeLimitMs), 0)

describe('groups of accounts', () => {
  it('submit from their accounts and those below, each as much work as its load says', () => {
    const list = taken(14, { groups: [group('industry', { load: 0.4 }), group('research', { load: 0.2 })] })
    const of = (...accounts: readonly string[]) => list.filter(({ account }) => accounts.includes(account))
    expect(of('steel').length).toBeGreaterThan(0)
    expect(of('industry', 'steel', 'research')).toHaveLength(list.length)
    const capacityMs = 400 * 14 * DAY_MS
    // Two weeks of jobs of a quarter of an hour to two days: some tenth off at worst.
    expect(workMs(of('industry', 'steel')) / capacityMs).toBeGreaterThan(0.34)
    expect(workMs(of('industry', 'steel')) / capacityMs).toBeLessThan(0.46)
    expect(workMs(of('research')) / capacityMs).toBeGreaterThan(0.16)
    expect(workMs(of('research')) / capacityMs).toBeLessThan(0.24)
  })

  it('come in order of time, no two sessions of different groups with one number', () => {
    const list = taken(3, { groups: [group('industry'), group('research')], openedBeforeMs: DAY_MS })
    list.forEach(({ atMs }, i) => expect(atMs).toBeGreaterThanOrEqual(list[Math.max(0, i - 1)]!.atMs))
    expect(new Set(list.map(({ name }) => name)).size).toBe(list.length)
    const users = new Map<number, string>()
    for (const { session, user } of list) {
      expect(users.get(session) ?? user).toBe(user)
      users.set(session, user)
    }
  })

  it('do not depend on each other', () => {
    const alone = taken(3, { groups: [group('industry')] })
    const both = taken(3, { groups: [group('research', { load: 2 }), group('industry')] })
    expect(nameless(both.filter(({ account }) => account !== 'research'))).toEqual(nameless(alone))
    expect(both.length).toBeGreaterThan(alone.length)
  })

  it.each([
    [{ groups: [] }, 'asks for nothing'],
    [{ groups: [group('research'), group('research')] }, 'two groups are named research'],
    [{ groups: [group('ships')] }, 'group ships: center test has no account ships'],
    [{ groups: [group('research')], load: 0.9 }, 'groups have models and loads of their own'],
    [{ groups: [group('research', { load: 0 })] }, 'load 0 is not a positive number'],
  ])('are refused where they make no sense: %j', (rest, message) => {
    expect(() => taken(1, rest)).toThrow(message)
  })
})

describe('a surge', () => {
  const surge = { fromMs: MONDAY_MS + 2 * DAY_MS, untilMs: MONDAY_MS + 3 * DAY_MS, factor: 5 }
  const calm = taken(5, { groups: [group('research')] })
  const stormy = taken(5, { groups: [group('research', { surges: [surge] })] })
  const begun = (list: readonly Submission[], day: number) =>
    new Set(list.filter(({ atMs }) => Math.floor((atMs - MONDAY_MS) / DAY_MS) === day).map(({ session }) => session))
      .size

  it('makes so many sessions of one in its time, and none before it', () => {
    // Some 120 sessions a day: 600, give or take 4 × 25.
    expect(begun(stormy, 2) / begun(calm, 2)).toBeGreaterThan(4)
    expect(begun(stormy, 2) / begun(calm, 2)).toBeLessThan(6)
    const before = (list: readonly Submission[]) => nameless(list.filter(({ atMs }) => atMs < surge.fromMs))
    expect(before(stormy)).toEqual(before(calm))
  })

  it('moves nothing of what would come anyway', () => {
    expect(within(marks(stormy), marks(calm))).toBe(true)
    const lull = { ...surge, factor: 0.25 }
    const quiet = taken(5, { groups: [group('research', { surges: [lull] })] })
    expect(within(marks(calm), marks(quiet))).toBe(true)
    expect(begun(quiet, 2)).toBeLessThan(0.6 * begun(calm, 2))
    expect(begun(quiet, 1)).toBe(begun(calm, 1))
  })

  it('adds to another one', () => {
    // 1 + 4 + 2, of which the second is there already.
    const twice = taken(5, { groups: [group('research', { surges: [surge, { ...surge, factor: 3 }] })] })
    expect(within(marks(twice), marks(stormy))).toBe(true)
    expect(begun(twice, 2) / begun(calm, 2)).toBeGreaterThan(5.8)
    expect(begun(twice, 2) / begun(calm, 2)).toBeLessThan(8.2)
  })
})

describe('speeds', () => {
  const unlike = center(
    pool('slow', 'gpu', 50),
    pool('fast', 'gpu', 30),
    pool('npu', 'npu', 20),
    pool('idle', 'npu', 1),
  )
  const speed = (kind: string, name: string, mille: number, portableMille = 1000): KindSpeed => ({
    kind,
    pool: name,
    mille,
    portableMille,
  })
  const speeds = [
    speed('classical', 'slow', 1000),
    speed('classical', 'fast', 2500),
    speed('evaluation', 'slow', 1000),
    speed('evaluation', 'npu', 400, 300),
  ]
  const asked = (rest: Partial<WorkloadOptions> = {}) =>
    taken(4, { config: unlike, model: short, load: 0.5, speeds, ...rest })
  const poolsOf = (list: readonly Submission[], kind: string): string[] => [
    ...new Set(
      list
        .filter((one) => one.kind === kind)
        .map(({ request: { pools, speedsMille } }) => `${pools.join('+')} at ${speedsMille?.join('+') ?? 'one'}`),
    ),
  ]

  it('order the pools of a job, the fastest first, and say nothing where all are alike', () => {
    const list = asked()
    expect(poolsOf(list, 'classical')).toEqual(['fast+slow at 2500+1000'])
    expect(poolsOf(list, 'evaluation').sort()).toEqual(['slow at one', 'slow+npu at 1000+400'])
  })

  it('let so many sessions of a kind use a pool as have the software for it, all jobs of them', () => {
    const sessions = new Map<number, boolean>()
    for (const { kind, session, request } of asked()) {
      if (kind !== 'evaluation') continue
      const runsThere = request.pools.includes('npu')
      expect(sessions.get(session) ?? runsThere).toBe(runsThere)
      sessions.set(session, runsThere)
    }
    const part = [...sessions.values()].filter((runsThere) => runsThere).length / sessions.size
    // 30 % of more than a thousand: 4 × 1.4 points.
    expect(sessions.size).toBeGreaterThan(1000)
    expect(part).toBeGreaterThan(0.244)
    expect(part).toBeLessThan(0.356)
  })

  it('as software gets ready only change where jobs may run', () => {
    const ready = asked({ speeds: [...speeds.slice(0, 3), speed('evaluation', 'npu', 400, 700)] })
    const list = asked()
    const placeless = ({ request, ...rest }: Submission) => rest
    expect(ready.map(placeless)).toEqual(list.map(placeless))
    list.forEach(({ request }, i) => {
      if (request.pools.includes('npu')) expect(ready[i]!.request.pools).toContain('npu')
    })
  })

  it('count in what a center could do: as much work is asked for as its mean speed makes of its accelerators', () => {
    // Percents 3 and 7: slow 1; fast 2.5; npu 0.4; nobody knows of the other one, which counts as it is.
    const capacity = 400 + 2.5 * 240 + 0.4 * 160 + 8
    const list = taken(14, { config: unlike, model: short, load: 0.5, speeds })
    const load = workMs(list) / (capacity * 14 * DAY_MS)
    expect(load).toBeGreaterThan(0.43)
    expect(load).toBeLessThan(0.57)
  })

  it('count only where the work runs: not without the software, nor without double precision', () => {
    const two = center(pool('b300', 'gpu', 50, 8, 'B300'), pool('npu', 'npu', 10))
    const kinds = jobKinds.filter(({ name }) => name === 'hpc' || name === 'evaluation')
    const listed = [speed('evaluation', 'b300', 2000), speed('hpc', 'b300', 100), speed('evaluation', 'npu', 400, 0)]
    expect(capacityFor(two, { kinds }, listed)).toBe(2 * 400 + 80)
  })

  it('keep double precision where it is', () => {
    const hpc = { ...nationalModel, kinds: jobKinds.filter(({ name }) => name === 'hpc') }
    const two = center(pool('b300', 'gpu', 50, 8, 'B300'), pool('h100', 'gpu', 50, 8, 'H100'))
    const list = taken(2, {
      config: two,
      model: hpc,
      load: 0.5,
      speeds: [speed('hpc', 'b300', 3000), speed('hpc', 'h100', 1000)],
    })
    expect(poolsOf(list, 'hpc')).toEqual(['h100 at one'])
  })

  it('write a job for one sort of nodes where they are unlike, and spread large ones over the sorts', () => {
    const two = center(pool('eight', 'gpu', 100), pool('four', 'gpu', 100, 4))
    const model = { ...nationalModel, kinds: jobKinds.filter(({ name }) => name === 'hpc') }
    const list = taken(7, {
      config: two,
      model,
      load: 0.7,
      speeds: [speed('hpc', 'eight', 1000), speed('hpc', 'four', 1000)],
    })
    const eights = list.filter(({ request }) => request.acceleratorsMilli === 8000)
    const fours = list.filter(({ request }) => request.acceleratorsMilli === 4000)
    expect(eights.length + fours.length).toBe(list.length)
    expect(new Set(eights.map(({ request }) => request.pools.join('+')))).toEqual(new Set(['eight']))
    expect(new Set(fours.map(({ request }) => request.pools.join('+')))).toEqual(new Set(['four']))
    // One of three accelerators is on a node of four; but for jobs of 512, for which there are only eights.
    expect(fours.length / list.length).toBeGreaterThan(0.25)
    expect(fours.length / list.length).toBeLessThan(0.4)
  })

  it.each([
    [[speed('classical', 'gone', 1000)], 'center test has no such pool of nodes'],
    [[speed('classical', 'slow', 0)], 'speed of classical in pool slow: 0 is no speed'],
    [[speed('classical', 'slow', 1000, 1001)], '1001 thousandths cannot be portable'],
    [[speed('classical', 'slow', 1), speed('classical', 'slow', 2)], 'is listed twice'],
    [[speed('classical', 'slow', 1000, 0)], 'nothing to ask of it'],
  ])('are refused where they make no sense: %j', (wrong, message) => {
    expect(() => asked({ speeds: wrong })).toThrow(message)
  })
})
