// What holds for every center, policy and demand. Schedules are read from facts alone and judged by programs that share no code with
// the allocator (`testing/schedule-of-facts.ts`).

import { easy, easySjbf, type Fact, fcfs, greedy, type Policy } from '@dure/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PlayedDemand, playDemand } from '../testing/played-demand.ts'
import { everyPolicy, type Trial, type TrialOptions, trials } from '../testing/random-trials.ts'
import { nameless, renamed, renamings } from '../testing/renamed-trial.ts'
import { brokenPromises, delayedHeads, livesOf, overAllocations, strayRuns } from '../testing/schedule-of-facts.ts'
import { type Happening, jobStates, simulate } from './simulate.ts'

const play = ({ config, demand, acts }: Trial): PlayedDemand => playDemand(config, demand, acts)

const happeningsOfActs = ({ acts }: Trial): Happening[] =>
  acts.map(({ atMs, ...act }) => ({ atMs, command: { type: 'node', ...act } }))

const holds = (options: TrialOptions, judge: (trial: Trial) => void, numRuns = 150): void => {
  fc.assert(fc.property(trials(options), judge), { numRuns })
}

describe('nothing is over-allocated', () => {
  it.each(everyPolicy.map((policy) => [policy.name, policy] as const))('under %s, whatever fails', (_, policy) => {
    holds({ policies: [policy], mishaps: true, speeds: true }, (trial) => {
      expect(overAllocations(trial.config, livesOf(play(trial).facts))).toEqual([])
    })
  })

  it('and nobody starts on a node that is drained, or runs on on one that is down', () => {
    holds({ mishaps: true }, (trial) => {
      expect(strayRuns(play(trial).facts)).toEqual([])
    })
  })
})

describe('a promise', () => {
  it('is kept unless it was withdrawn with its cause, and moves only forward', () => {
    let promises = 0
    holds(
      { mishaps: true, speeds: true, checkpoints: true },
      (trial) => {
        const { facts } = play(trial)
        promises += facts.filter(({ type }) => type === 'reserved').length
        expect(brokenPromises(facts)).toEqual([])
      },
      400,
    )
    expect(promises).toBeGreaterThan(400)
  })

  it('is never withdrawn where turns do not change and no node fails', () => {
    let promises = 0
    holds({ policies: [easy, easySjbf], pools: 'nodes' }, (trial) => {
      const { facts } = play(trial)
      const first = new Map<number, number>()
      for (const fact of facts) {
        expect(fact.type).not.toBe('unreserved')
        if (fact.type === 'reserved' && !first.has(fact.job)) first.set(fact.job, fact.startMs)
        if (fact.type === 'started') expect(fact.atMs).toBeLessThanOrEqual(first.get(fact.job) ?? Infinity)
      }
      promises += first.size
    })
    expect(promises).toBeGreaterThan(50)
  })

  const judgeHeads = ({ policy }: { readonly policy: Policy }) =>
    fc.property(trials({ policies: [policy], pools: 'counted' }), (trial) => {
      const [pool] = trial.config.pools
      if (pool?.kind !== 'cpu') throw new Error('the trial is of one counted pool')
      expect(delayedHeads(play(trial).facts, pool.processors)).toEqual([])
    })

  it.each([
    ['fcfs', fcfs],
    ['easy', easy],
    ['easy-sjbf', easySjbf],
    ['a hybrid', { ...easy, reservationDepth: 2 }],
  ] as const)('is worth as much in a counted pool: under %s nobody delays who is first', (_, policy) => {
    fc.assert(judgeHeads({ policy }), { numRuns: 200 })
  })

  it('is what greedy backfilling lacks, which the same judge finds', () => {
    expect(fc.check(judgeHeads({ policy: greedy }), { numRuns: 1000 }).failed).toBe(true)
  })
})

describe('first come, first served', () => {
  const startsOf = ({ config, demand }: Trial): Float64Array => simulate(config, demand).startMs

  it.each(['counted', 'single-device nodes'] as const)('starts no job later for having more: %s', (pools) => {
    holds({ policies: [fcfs], pools, whole: true, modest: true }, (trial) => {
      const more = trial.config.pools.map((pool) =>
        pool.kind === 'cpu' ? { ...pool, processors: pool.processors + 3 } : { ...pool, nodes: pool.nodes + 2 },
      )
      const few = startsOf(trial)
      startsOf({ ...trial, config: { ...trial.config, pools: more } }).forEach((startMs, i) => {
        expect(startMs).toBeLessThanOrEqual(few[i]!)
      })
    })
  })

  it('lets nobody change what happens to those who came before', () => {
    fc.assert(
      fc.property(trials({ policies: [fcfs] }), fc.nat({ max: 100 }), (trial, pick) => {
        const count = pick % trial.demand.count
        const without = simulate(trial.config, { ...trial.demand, count })
        const whole = simulate(trial.config, trial.demand)
        expect(without.startMs).toEqual(whole.startMs.slice(0, count))
        expect(without.endMs).toEqual(whole.endMs.slice(0, count))
        expect(without.state).toEqual(whole.state.slice(0, count))
      }),
    )
  })
})

describe('names and units', () => {
  it('of jobs, accounts, users and pools decide nothing', () => {
    fc.assert(
      fc.property(trials({ mishaps: true }), renamings, (trial, renaming) => {
        const { trial: other, back } = renamed(trial, renaming)
        const facts = nameless(play(trial).facts, (job) => job)
        expect(nameless(play(other).facts, (job) => back.get(job)!)).toEqual(facts)
      }),
      { numRuns: 200 },
    )
  })

  it('of time decide nothing: where everything takes longer, everything happens later', () => {
    // Without decay, and in whole accelerator-seconds: both are rounded, before usage ranks anybody.
    const inWhole = trials({ mishaps: true, whole: true }).map((trial) => ({
      ...trial,
      config: { ...trial.config, policy: { ...trial.config.policy, halfLifeMs: 0 } },
    }))
    fc.assert(
      fc.property(inWhole, fc.constantFrom(2, 3, 7, 60), ({ config, demand, acts }, factor) => {
        const scale = (times: Float64Array): Float64Array => times.map((ms) => factor * ms)
        const longer: Trial = {
          config: { ...config, policy: { ...config.policy, rerankMs: factor * config.policy.rerankMs } },
          demand: {
            ...demand,
            submitMs: scale(demand.submitMs),
            runMs: scale(demand.runMs),
            limitMs: scale(demand.limitMs),
            cancelMs: scale(demand.cancelMs ?? new Float64Array(0)),
          },
          acts: acts.map((act) => ({ ...act, atMs: factor * act.atMs })),
        }
        const later = play({ config, demand, acts }).facts.map((fact) => ({
          ...fact,
          atMs: factor * fact.atMs,
          ...(fact.type === 'reserved' && { startMs: factor * fact.startMs }),
          ...(fact.type === 'submitted' && { timeLimitMs: factor * fact.timeLimitMs }),
          ...(fact.type === 'configured' && { config: longer.config }),
        }))
        expect(play(longer).facts).toEqual(later)
      }),
      { numRuns: 200 },
    )
  })
})

describe('a simulation', () => {
  it('comes to the facts of a host that looks at everything every time', () => {
    holds(
      { mishaps: true, speeds: true },
      (trial) => {
        const { facts, factsHash } = play(trial)
        const simulation = simulate(trial.config, trial.demand, { happenings: happeningsOfActs(trial) })
        expect(simulation.factsHash).toBe(factsHash)
        expect(simulation.facts).toBe(facts.length)
      },
      200,
    )
  })

  it('ends every job once, the way it was to end', () => {
    holds({ mishaps: true, speeds: true }, (trial) => {
      const { demand, config } = trial
      const { facts } = play(trial)
      const lives = livesOf(facts)
      const refused = facts.flatMap((fact) => (fact.type === 'refused' ? [fact.job] : []))
      expect([...lives.keys(), ...refused].sort((a, b) => a - b)).toEqual([...demand.job])
      demand.job.forEach((job, i) => {
        const life = lives.get(job)
        if (life === undefined) return
        const gaveUpMs = life.submittedMs + demand.cancelMs![i]!
        const run = life.runs.at(-1)
        if (run === undefined) {
          expect(life.ended).toEqual({ state: 'CANCELLED', atMs: gaveUpMs })
          return
        }
        const { fromMs, toMs } = run
        expect(life.runs[0]!.fromMs).toBeGreaterThanOrEqual(life.submittedMs)
        expect(life.runs[0]!.fromMs).toBeLessThan(gaveUpMs)
        expect(life.ended?.atMs).toBe(toMs)
        if (life.ended?.state === 'NODE_FAIL') {
          expect(config.policy.requeueOnNodeFail).toBe(false)
          return
        }
        const [runMs, limitMs] = [demand.runMs[i]!, demand.limitMs[i]!]
        const { speedsMille, pools } = run.request
        const speed = (speedsMille?.[pools.indexOf(run.pool)] ?? 1000) / 1000
        expect(toMs - fromMs).toBe(Math.ceil(Math.min(runMs, limitMs) / speed))
        const byItself = demand.exitCode[i] === 0 ? 'COMPLETED' : 'FAILED'
        const within = demand.stopped![i] === 1 ? 'CANCELLED' : byItself
        expect(life.ended?.state).toBe(runMs > limitMs ? 'TIMEOUT' : within)
        if (config.policy.requeueOnNodeFail === false) expect(life.runs.length).toBe(1)
      })
    })
  })

  it('stopped at a bound has done what it would have done by then, and accounts for every job', () => {
    fc.assert(
      fc.property(trials(), fc.integer({ min: 1, max: 80 }), ({ config, demand }, eventsMax) => {
        const { state, startMs, endMs, nowMs, events, facts, outcome } = simulate(config, demand, { eventsMax })
        const all = playDemand(config, demand).facts
        const byThen = all.filter(({ atMs }) => atMs <= nowMs)
        const eventsAmong = (some: readonly Fact[]): number =>
          some.filter(({ type }) => type === 'submitted' || type === 'refused' || type === 'ended').length
        expect(facts).toBe(byThen.length)
        expect(events).toBe(eventsAmong(byThen))
        // No instant was begun but by a simulation that had events left.
        expect(eventsAmong(all.filter(({ atMs }) => atMs < nowMs))).toBeLessThan(eventsMax)
        if (outcome === 'events-max') expect(events).toBeGreaterThanOrEqual(eventsMax)
        expect(outcome).toBe(facts === all.length ? 'complete' : 'events-max')
        const lives = livesOf(byThen)
        const refused = new Set(byThen.flatMap((fact) => (fact.type === 'refused' ? [fact.job] : [])))
        demand.job.forEach((job, i) => {
          const life = lives.get(job)
          const run = life?.runs.at(-1)
          const expected =
            life === undefined
              ? refused.has(job)
                ? 'refused'
                : 'unsubmitted'
              : (life.ended?.state ?? (run === undefined ? 'waiting' : 'running'))
          expect(jobStates[state[i]!]).toBe(expected)
          expect(startMs[i]).toBe(run?.fromMs ?? -1)
          expect(endMs[i]).toBe(life?.ended?.atMs ?? -1)
        })
      }),
      { numRuns: 200 },
    )
  })
})
