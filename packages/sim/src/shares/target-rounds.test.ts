// What a center makes of max-min shares in the long run, against the linear program that they come from.

import { readFileSync } from 'node:fs'
import {
  Center,
  type CenterConfig,
  type Command,
  FactLog,
  fairshare,
  type NamedTarget,
  type Policy,
  policies,
} from '@dure/core'
import { describe, expect, it } from 'vitest'
import { type ClosedRun, playClosed, type Worker } from '../../testing/closed-center.ts'
import { demandOf } from '../demand.ts'
import type { Submission } from '../model/submission.ts'
import { simulate } from '../simulate.ts'
import { loadMaxMinSolver, type MaxMinJob } from './max-min.ts'
import { solverFor, TargetRounds } from './target-rounds.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const solver = await loadMaxMinSolver()
const maxMin: Policy = { ...policies.find(({ name }) => name === 'max-min')!, rerankMs: 1000 }

const centerOf = (
  devices: Readonly<Record<string, number>>,
  users: readonly string[],
  policy: Policy,
): CenterConfig => ({
  name: 'unlike devices',
  pools: Object.entries(devices).map(([name, nodes]) => ({
    ...{ name, kind: 'gpu', model: 'H100', nodes },
    perNode: { cpuMilli: 1000, memoryMib: 1, accelerators: 1 },
  })),
  accounts: [{ name: 'all', parent: null, shares: 1 }],
  associations: users.map((user) => ({ account: 'all', user, shares: 1 })),
  policy,
})

interface Case {
  readonly name: string
  readonly water_filling?: boolean
  readonly devices: readonly number[]
  readonly jobs: readonly MaxMinJob[]
}

const caseOf = (file: string): Case =>
  JSON.parse(readFileSync(new URL(`../../../core/golden/max-min/${file}.json`, import.meta.url), 'utf8')) as Case

/** A case as a center: each job is somebody who has one such job at a time, with runs of 6 to 12 minutes on its fastest type. */
function played({ water_filling = false, devices, jobs }: Case): {
  run: ClosedRun
  time: readonly (readonly number[])[]
} {
  const names = devices.map((_, type) => `type-${type}`)
  const config = centerOf(
    Object.fromEntries(names.map((name, type) => [name, devices[type]!])),
    jobs.map((_, job) => `job-${job}`),
    maxMin,
  )
  const workers = jobs.map(({ throughput, workers: nodes }, association): Worker => {
    const types = names.map((_, type) => type).filter((type) => throughput[type]! > 0 && nodes <= devices[type]!)
    const fastest = Math.max(...types.map((type) => throughput[type]!))
    const request = {
      pools: types.map((type) => names[type]!),
      speedsMille: types.map((type) => Math.round((1000 * throughput[type]!) / fastest)),
      ...{ nodes, acceleratorsMilli: 1000, cpuMilli: 0, memoryMib: 0 },
    }
    return { association, request, jobs: 1, runMs: (n) => 6 * MINUTE_MS + ((n * 7919) % 7) * MINUTE_MS }
  })
  const { timeMilli, devicesMilli } = (water_filling ? solver.waterFilled : solver.maxMin)(jobs, devices)
  const targets = devicesMilli.flatMap((row, job) =>
    row.map(
      (acceleratorsMilli, type): NamedTarget => ({
        account: 'all',
        user: `job-${job}`,
        pool: names[type]!,
        acceleratorsMilli,
      }),
    ),
  )
  const run = playClosed(config, workers, 1000 * HOUR_MS, (atMs) =>
    atMs === 0 ? { type: 'target', targets } : undefined,
  )
  return { run, time: timeMilli.map((row) => row.map((milli) => milli / 1000)) }
}

describe("Gavel's small cases, played for a thousand hours", () => {
  it.each([
    'gpu-and-npu',
    'three-jobs-two-types',
    'three-jobs-weighted',
    'two-jobs-three-types',
    'water-filling-by-hand',
  ])('come to the parts of the time that the program says: %s', (file) => {
    const { run, time } = played(caseOf(file))
    run.held.forEach((row, job) => {
      row.forEach((part, type) => expect(Math.abs(part - time[job]![type]!)).toBeLessThan(0.03))
    })
  })

  it('but a gang gets less where no two single jobs stop together, which the program does not know', () => {
    const { run, time } = played(caseOf('water-filling-five-jobs'))
    // Two devices: somebody has one of them all the time by the program, and a gang of two 0.3 of the time on both.
    expect(time[1]![0]).toBe(1)
    expect(time[2]![0]).toBeGreaterThan(0.3)
    const gang = run.held[2]![0]! / 2
    expect(gang).toBeGreaterThan(0.7 * time[2]![0]!)
    expect(gang).toBeLessThan(0.8 * time[2]![0]!)
  })
})

describe('a center where devices are unlike and everybody has much to do', () => {
  const devices = { gpu: 16, npu: 16 }
  const speeds = [
    [1000, 0],
    [1000, 900],
    [1000, 300],
  ]
  const users = ['train', 'infer', 'either']
  const workers = speeds.map((speedsMille, association): Worker => {
    const pools = Object.keys(devices).filter((_, pool) => speedsMille[pool]! > 0)
    const request = {
      ...{ pools, speedsMille: speedsMille.filter((speed) => speed > 0) },
      ...{ nodes: 1, acceleratorsMilli: 1000, cpuMilli: 0, memoryMib: 0 },
    }
    return { association, request, jobs: 40, runMs: (n) => HOUR_MS + ((n * 7919) % 17) * 7 * MINUTE_MS }
  })
  /** Work, beside what each would get on a device picked at random. */
  const levelsOf = ({ rate }: ClosedRun): number[] =>
    rate.map((each, user) => each / ((speeds[user]![0]! + speeds[user]![1]!) / 2000))
  const playedUnder = (policy: Policy, rounds?: (config: CenterConfig) => TargetRounds): ClosedRun => {
    const config = centerOf(devices, users, policy)
    const made = rounds?.(config)
    return playClosed(config, workers, 400 * HOUR_MS, (atMs, center) => made?.commandAt(atMs, center))
  }
  const inRounds = playedUnder({ ...maxMin, rerankMs: 300_000 }, (config) => new TargetRounds(config, solver))

  it('lifts the lowest level to what the program says, and above that of fair share', () => {
    const jobs = speeds.map((speed): MaxMinJob => ({ throughput: speed, workers: 40, weight: 1, apart: true }))
    const { objective } = solver.demandFilled(jobs, [16, 16])
    const [lowest, fair] = [inRounds, playedUnder(fairshare)].map((run) => Math.min(...levelsOf(run)))
    expect(lowest).toBeGreaterThan(0.97 * objective)
    expect(lowest).toBeGreaterThan(2 * fair!)
  })

  it('writes facts that another folds who has no solver', () => {
    const log = new FactLog({ keep: false })
    const folded = Center.create(inRounds.config, log, 0)
    for (const fact of inRounds.facts) if (fact.type !== 'configured') folded.fold(fact)
    expect(log.hash()).toBe(inRounds.factsHash)
    expect(inRounds.facts.filter(({ type }) => type === 'targeted')).toHaveLength(400)
  })
})

describe('rounds', () => {
  const config = centerOf({ gpu: 2, npu: 2 }, ['kim', 'lee'], { ...maxMin, roundMs: HOUR_MS })
  const ask = (job: number, user: string, pools: readonly string[], speedsMille?: readonly number[]): Command => ({
    type: 'submit',
    job,
    account: 'all',
    user,
    request: {
      pools,
      ...(speedsMille && { speedsMille }),
      nodes: 1,
      acceleratorsMilli: 1000,
      cpuMilli: 0,
      memoryMib: 0,
    },
    timeLimitMs: HOUR_MS,
    held: null,
    label: '',
  })

  it('are told once each, of whoever is there', () => {
    const center = Center.create(config, new FactLog({ keep: false }), 0)
    const rounds = new TargetRounds(config, solver)
    expect(rounds.commandAt(0, center)).toEqual({ type: 'target', targets: [] })
    center.apply(ask(1, 'kim', ['gpu']), 0)
    center.apply(ask(2, 'lee', ['gpu', 'npu'], [1000, 1000]), 0)
    expect(rounds.commandAt(HOUR_MS - 1, center)).toBeUndefined()
    expect(rounds.commandAt(HOUR_MS, center)).toEqual({
      type: 'target',
      targets: [
        { account: 'all', user: 'kim', pool: 'gpu', acceleratorsMilli: 1000 },
        expect.objectContaining({ user: 'lee', acceleratorsMilli: 1000 }),
      ],
    })
  })

  it('do not count on nodes that are out, nor on jobs that are held', () => {
    const center = Center.create(config, new FactLog({ keep: false }), 0)
    for (const node of [0, 1]) center.apply({ type: 'node', pool: 'npu', node, to: 'down' }, 0)
    center.apply({ type: 'node', pool: 'gpu', node: 0, to: 'drain' }, 0)
    for (const [job, user] of ['kim', 'kim', 'lee', 'lee'].entries())
      center.apply(ask(job + 1, user, ['gpu', 'npu']), 0)
    center.apply({ type: 'hold', job: 3, by: 'user' }, 0)
    const command = new TargetRounds(config, solver).commandAt(0, center)
    // One GPU is left, for two who ask for two and for one.
    expect(command).toEqual({
      type: 'target',
      targets: [
        { account: 'all', user: 'kim', pool: 'gpu', acceleratorsMilli: 500 },
        { account: 'all', user: 'lee', pool: 'gpu', acceleratorsMilli: 500 },
      ],
    })
  })
})

describe('a simulation under max-min', () => {
  const config = centerOf({ gpu: 3, npu: 3 }, ['kim', 'lee'], maxMin)
  const submissions = Array.from(
    { length: 200 },
    (_, i): Submission => ({
      ...{ atMs: i * 4 * MINUTE_MS, session: i, kind: 'any', name: '' },
      ...{ account: 'all', user: i % 2 === 0 ? 'kim' : 'lee' },
      request: {
        ...(i % 2 === 0 ? { pools: ['gpu'] } : { pools: ['gpu', 'npu'], speedsMille: [1000, 800] }),
        ...{ nodes: 1, acceleratorsMilli: 1000, cpuMilli: 0, memoryMib: 0 },
      },
      ...{ timeLimitMs: HOUR_MS, runTimeMs: (10 + (i % 7) * 5) * MINUTE_MS },
      ...{ exitCode: 0, stopped: false, patienceMs: Infinity, checkpoint: null },
    }),
  )
  const demand = demandOf(config, submissions, Infinity)

  it('comes to the same facts every time, and to other starts than without a solver', async () => {
    const [one, two] = [simulate(config, demand, await solverFor(config)), simulate(config, demand, { solver })]
    expect(one.factsHash).toBe(two.factsHash)
    expect(one.outcome).toBe('complete')
    expect(simulate(config, demand, { solver: null }).startMs).not.toEqual(one.startMs)
  })

  it('goes by Fair Tree without a solver, and asks for none where the policy takes no targets', async () => {
    const fair = { ...config, policy: { ...config.policy, shares: { rule: 'fair-tree' } as const } }
    expect(simulate(config, demand, { solver: null }).startMs).toEqual(simulate(fair, demand).startMs)
    expect(() => simulate(config, demand)).toThrow('give the solver')
    expect(await solverFor(fair)).toEqual({})
    expect(simulate(fair, demand, { solver }).factsHash).toBe(simulate(fair, demand).factsHash)
  })
})
