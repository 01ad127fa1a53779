import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainCenter } from '../testing/plain-center.ts'
import { type PlayedStep, played, type Story, stories } from '../testing/random-centers.ts'
import { at, center, type JobSketch, job, ms, nodes, play, processors, submitOf, tell } from '../testing/told.ts'
import { Center } from './center.ts'
import type { Command, Outcome } from './command.ts'
import type { CenterConfig } from './config.ts'
import type { Fact } from './fact.ts'
import { decodeFacts, FactLog } from './fact-codec.ts'
import { easy, fairshare, type Policy } from './policy.ts'

const quiet = (): FactLog => new FactLog({ keep: false })
const DONE: Outcome = { kind: 'done' }

describe('a job that ends', () => {
  it('in the very millisecond of its time limit has completed', () => {
    expect(tell(center({ gpu: 1 }), job('on-time').for('1h').running('1h'))).toEqual([
      '0s on-time starts on 0',
      '1h on-time COMPLETED',
    ])
    expect(tell(center({ gpu: 1 }), job('late').for('1h').running('1h1ms'))).toEqual([
      '0s late starts on 0',
      '1h late TIMEOUT',
    ])
  })

  it('says how: exit code 0 is COMPLETED, any other FAILED', () => {
    expect(
      tell(center({ gpu: 2 }), job('a'), job('b'), at('1m').finish('a', 1, 0), at('2m').finish('b', 1, 137)),
    ).toEqual(['0s a starts on 0', '0s b starts on 1', '1m a COMPLETED', '2m b FAILED'])
  })

  it('makes room for the next in the same moment', () => {
    expect(tell(center({ gpu: 1 }), job('a').running('5m'), job('b').running('1m'))).toEqual([
      '0s a starts on 0',
      '5m a COMPLETED',
      '5m b starts on 0',
      '6m b COMPLETED',
    ])
  })

  it('is heard of no more: an old attempt, or a second report, changes nothing', () => {
    const story = play(center({ gpu: 1 }, easy), [
      job('a').for('1h'),
      at('1m').node(0, 'down'),
      at('2m').finish('a', 1),
      at('3m').node(0, 'up'),
      at('4m').finish('a', 1),
      at('5m').finish('a', 2),
      at('6m').finish('a', 2),
    ])
    expect(story.lines).toEqual([
      '0s a starts on 0',
      '1m node 0 down',
      '1m a requeued',
      '3m node 0 up',
      '3m a starts on 0',
      '5m a COMPLETED',
    ])
    const old: Outcome = { kind: 'ignored', reason: 'old-attempt' }
    expect(story.outcomes).toEqual([DONE, DONE, old, DONE, old, DONE, old])
  })

  it('is cancelled wherever it is, and charged for what it ran', () => {
    const story = play(center({ gpu: 1 }), [
      job('running'),
      job('waiting'),
      job('held').held('user'),
      at('10m').cancel('running'),
      at('10m').cancel('waiting'),
      at('10m').cancel('held'),
      at('11m').cancel('held'),
    ])
    expect(story.lines).toEqual([
      '0s running starts on 0',
      '10m running CANCELLED',
      '10m waiting CANCELLED',
      '10m held CANCELLED',
    ])
    expect(story.outcomes.at(-1)).toEqual({ kind: 'refused', reason: 'UnknownJob' })
    expect(story.center.liveCount).toBe(0)
    // One accelerator for ten minutes, in millionths of an accelerator-second.
    expect(story.center.shares().at(-1)!.chargedAcceleratorUs).toBe(600_000_000n)
  })
})

describe('a held job', () => {
  it('keeps its place in the queue', () => {
    const story = [
      job('busy').for('1h'),
      job('first').for('1h'),
      job('second').for('1h'),
      at('1m').hold('first'),
      at('2m').release('first'),
    ]
    expect(tell(center({ gpu: 1 }), ...story).filter((line) => line.includes('starts'))).toEqual([
      '0s busy starts on 0',
      '1h first starts on 0',
      '2h second starts on 0',
    ])
  })

  it('lets others go by', () => {
    expect(
      tell(center({ gpu: 1 }), job('a').held('user').for('1h'), job('b').for('1h'), at('1m').release('a')),
    ).toEqual(['0s b starts on 0', '1m a released', '1h b TIMEOUT', '1h a starts on 0', '2h a TIMEOUT'])
  })

  it('is released by whoever may', () => {
    const story = play(
      center({ gpu: 1 }),
      [
        job('busy'),
        job('a'),
        at('1m').hold('a', 'user'),
        at('2m').hold('a', 'user'),
        at('3m').hold('a', 'admin'),
        at('4m').hold('a', 'user'),
        at('5m').release('a', 'user'),
        at('6m').release('a', 'admin'),
        at('7m').release('a', 'admin'),
        at('8m').hold('busy', 'admin'),
      ],
      ms('9m'),
    )
    expect(story.lines).toEqual(['0s busy starts on 0', '1m a held by user', '3m a held by admin', '6m a released'])
    const noChange: Outcome = { kind: 'ignored', reason: 'no-change' }
    const notAllowed: Outcome = { kind: 'refused', reason: 'NotAllowed' }
    expect(story.outcomes.slice(2)).toEqual([DONE, noChange, DONE, noChange, notAllowed, DONE, noChange, noChange])
  })
})

describe('a node', () => {
  it('takes no new jobs while it is drained, and lets the old ones end', () => {
    expect(
      tell(
        center({ gpu: 2 }),
        job('a').for('1h'),
        at('1m').node(0, 'drain'),
        at('1m').node(1, 'drain'),
        job('b').from('1m'),
        at('3h').node(1, 'up'),
      ),
    ).toEqual([
      '0s a starts on 0',
      '1m node 0 drain',
      '1m node 1 drain',
      '1h a TIMEOUT',
      '3h node 1 up',
      '3h b starts on 1',
      '4h b TIMEOUT',
    ])
  })

  it('that fails sends its jobs back to their places', () => {
    const story = tell(
      center({ gpu: nodes(1, { accelerators: 2 }) }),
      job('a').for('1h'),
      job('b').for('1h'),
      job('c').for('1h'),
      at('10m').node(0, 'down'),
      at('20m').node(0, 'up'),
    )
    expect(story.slice(2, 8)).toEqual([
      '10m node 0 down',
      '10m a requeued',
      '10m b requeued',
      '20m node 0 up',
      '20m a starts on 0:0',
      '20m b starts on 0:1',
    ])
  })

  it('fails after it was drained, too, and comes up again by way of either', () => {
    const acts = [
      at('1m').node(0, 'drain'),
      at('2m').node(0, 'down'),
      at('3m').node(0, 'drain'),
      at('4m').node(0, 'up'),
    ]
    const story = tell(center({ gpu: 1 }, { ...easy, requeueOnNodeFail: false }), job('a'), job('b'), ...acts)
    expect(story).toEqual([
      '0s a starts on 0',
      '1m node 0 drain',
      '2m node 0 down',
      '2m a NODE_FAIL',
      '3m node 0 drain',
      '4m node 0 up',
      '4m b starts on 0',
      '1h4m b TIMEOUT',
    ])
  })

  it('is counted out while it is out', () => {
    const { center: played } = play(
      center({ gpu: nodes(3, { accelerators: 4 }) }),
      [job('a').devices(3), at('1m').node(0, 'drain'), at('1m').node(1, 'down')],
      ms('1m'),
    )
    expect(played.pools()[0]).toMatchObject({
      nodesOut: 2,
      accelerators: 12,
      acceleratorsFree: 4,
      acceleratorsOut: 5,
      running: 1,
    })
    expect(
      played.nodes('gpu').map(({ state, acceleratorsBusyMilli, jobs }) => [state, acceleratorsBusyMilli, jobs]),
    ).toEqual([
      ['drain', 3000, [1]],
      ['down', 0, []],
      ['up', 0, []],
    ])
  })
})

describe('a submit', () => {
  const pools = center({
    gpu: nodes(2, { accelerators: 4, cpuMilli: 8000, memoryMib: 100 }),
    cpu: processors(4),
  })
  const submit = (sketch: JobSketch, change: object = {}): { outcome: Outcome; facts: Fact[]; center: Center } => {
    const log = new FactLog({ keep: true })
    const asked = Center.create(pools, log, 0)
    const outcome = asked.apply({ ...submitOf(sketch, 7, pools), ...change } as Command, 0)
    asked.schedule(0)
    asked.assertInvariants()
    return { outcome, facts: [...decodeFacts(log.drain())].slice(1), center: asked }
  }

  it.each<[string, string, JobSketch, object?]>([
    ['of a user whom the account does not have', 'InvalidAccount', job('a').by('lab/lee')],
    ['to an account that there is not', 'InvalidAccount', job('a').by('firm/kim')],
    ['to a pool that there is not', 'InvalidPool', job('a').in('gpu', 'tpu')],
    [
      'to no pool',
      'InvalidPool',
      job('a'),
      { request: { pools: [], nodes: 1, acceleratorsMilli: 1000, cpuMilli: 0, memoryMib: 0 } },
    ],
    ['of a job with no nodes', 'BadRequest', job('a').wide(0)],
    ['of half a node', 'BadRequest', job('a').wide(0.5)],
    ['of no accelerators', 'BadRequest', job('a').devices(0)],
    ['of one and a half accelerators', 'BadRequest', job('a').slice(1500)],
    ['of slices in a gang', 'BadRequest', job('a').wide(2).slice(500)],
    ['of less than nothing', 'BadRequest', job('a').cores(-1)],
    ['of part of a MiB', 'BadRequest', job('a').memory(0.5)],
    ['with a speed too few', 'BadRequest', job('a').in('gpu', 'cpu').at(500)],
    ['with a speed too many', 'BadRequest', job('a').in('gpu').at(500, 500)],
    ['of a job that does not move', 'BadRequest', job('a').at(0)],
    ['of a job that goes backwards', 'BadRequest', job('a').at(-1)],
    ['at half a thousandth', 'BadRequest', job('a').at(0.5)],
    ['faster than a fact can say', 'BadRequest', job('a').at(0x1_0000_0000)],
    ['without a time', 'BadRequest', job('a'), { timeLimitMs: 0 }],
    ['for ever', 'BadRequest', job('a'), { timeLimitMs: Number.POSITIVE_INFINITY }],
    ['with an id that is none', 'BadRequest', job('a'), { job: 0 }],
    ['with an id below nothing', 'BadRequest', job('a'), { job: -1 }],
    ['of more nodes than there are', 'BadConstraints', job('a').in('gpu').wide(3)],
    ['of more accelerators than a node has', 'BadConstraints', job('a').in('gpu').devices(5)],
    ['of more cores than a node has', 'BadConstraints', job('a').in('gpu').cores(9)],
    ['of more memory than a node has', 'BadConstraints', job('a').in('gpu').memory(101)],
    ['of more processors than there are', 'BadConstraints', job('a').in('cpu').wide(5)],
    ['of a part of a processor', 'BadConstraints', job('a').in('cpu').slice(500)],
  ])('%s is refused: %s', (_, reason, sketch, change = {}) => {
    const { outcome, facts, center: asked } = submit(sketch, change)
    expect(outcome).toEqual({ kind: 'refused', reason })
    expect(facts).toMatchObject([{ type: 'refused', reason, label: 'a' }])
    expect(asked.liveCount).toBe(0)
  })

  it('of a slice goes to the pool that has devices, of those it accepts', () => {
    const { outcome, facts } = submit(job('a').in('cpu', 'gpu').slice(500))
    expect(outcome).toEqual(DONE)
    expect(facts[1]).toMatchObject({ type: 'started', pool: 0, placement: [{ node: 0, devices: 1 }] })
  })

  it('of an id that is live is refused, and leaves no trace', () => {
    const log = quiet()
    const asked = Center.create(pools, log, 0)
    expect(asked.apply(submitOf(job('a').held('user'), 7, pools), 0)).toEqual(DONE)
    const before = { facts: log.count, state: asked.stateHash() }
    expect(asked.apply(submitOf(job('b'), 7, pools), 0)).toEqual({ kind: 'refused', reason: 'DuplicateJob' })
    expect({ facts: log.count, state: asked.stateHash() }).toEqual(before)
  })
})

describe('acts on what there is not', () => {
  const pools = center({ gpu: 2, cpu: processors(2) })
  it.each<[string, Command, Outcome]>([
    ['cancel', { type: 'cancel', job: 5 }, { kind: 'refused', reason: 'UnknownJob' }],
    ['cancel what can be no id', { type: 'cancel', job: -1 }, { kind: 'refused', reason: 'UnknownJob' }],
    ['hold', { type: 'hold', job: 5, by: 'admin' }, { kind: 'refused', reason: 'UnknownJob' }],
    ['release', { type: 'release', job: 5, by: 'admin' }, { kind: 'refused', reason: 'UnknownJob' }],
    ['finish', { type: 'finish', job: 5, attempt: 1, exitCode: 0 }, { kind: 'ignored', reason: 'old-attempt' }],
    [
      'a node past the last',
      { type: 'node', pool: 'gpu', node: 2, to: 'down' },
      { kind: 'refused', reason: 'UnknownNode' },
    ],
    ['half a node', { type: 'node', pool: 'gpu', node: 0.5, to: 'down' }, { kind: 'refused', reason: 'UnknownNode' }],
    ['a pool', { type: 'node', pool: 'npu', node: 0, to: 'down' }, { kind: 'refused', reason: 'UnknownNode' }],
    [
      'a node of processors',
      { type: 'node', pool: 'cpu', node: 0, to: 'down' },
      { kind: 'refused', reason: 'UnknownNode' },
    ],
    ['a node as it is', { type: 'node', pool: 'gpu', node: 0, to: 'up' }, { kind: 'ignored', reason: 'no-change' }],
    ['release who is not held', { type: 'release', job: 1, by: 'user' }, { kind: 'ignored', reason: 'no-change' }],
  ])('change nothing: %s', (_, command, outcome) => {
    const { center: asked } = play(pools, [job('a')], 0)
    const before = asked.stateHash()
    expect(asked.apply(command, 0)).toEqual(outcome)
    expect(asked.stateHash()).toBe(before)
    expect(asked.running()).toHaveLength(1)
  })

  it('but a rejected command is a fact', () => {
    const log = new FactLog({ keep: true })
    const asked = Center.create(pools, log, 0)
    log.drain()
    asked.apply({ type: 'reject', command: 'c17', reason: 'not JSON' }, 5)
    expect([...decodeFacts(log.drain())]).toEqual([{ type: 'rejected', atMs: 5, command: 'c17', reason: 'not JSON' }])
  })
})

describe('a configuration', () => {
  const worth = (worthMille: Readonly<Record<string, number>>): Policy => ({
    ...easy,
    devices: { rule: 'most-good', worthMille },
  })
  const good = center({ gpu: 2 })
  it.each<[string, CenterConfig]>([
    ['two pools of one name', { ...good, pools: [good.pools[0]!, good.pools[0]!] }],
    ['a pool of no nodes', center({ gpu: 0 })],
    ['nodes without accelerators', center({ gpu: nodes(1, { accelerators: 0 }) })],
    ['more devices than a mask has bits', center({ gpu: nodes(1, { accelerators: 32 }) })],
    ['no processors', center({ cpu: processors(0) })],
    ['a user twice in an account', { ...good, associations: [good.associations[0]!, good.associations[0]!] }],
    ['a user in no account', { ...good, associations: [{ account: 'none', user: 'kim', shares: 1 }] }],
    ['half a promise', center({ gpu: 1 }, { ...easy, reservationDepth: 0.5 })],
    ['no interval of ranking', center({ gpu: 1 }, { ...easy, rerankMs: 0 })],
    [
      'a bill that nobody can read',
      center(
        { gpu: 1 },
        { ...easy, billing: { combine: 'sum', perCpu: NaN, perGib: 0, perNode: 0, perAccelerator: {} } },
      ),
    ],
    ['what a pool is worth that there is not', center({ gpu: 1 }, worth({ npu: 1000 }))],
    ['a pool that is worth nothing', center({ gpu: 1 }, worth({ gpu: 0 }))],
    ['a pool that is worth more than can be compared', center({ gpu: 1 }, worth({ gpu: 1_000_001 }))],
    ['rounds of no length', center({ gpu: 1 }, { ...easy, roundMs: 0 })],
    ['usage that grows with age', center({ gpu: 1 }, { ...easy, halfLifeMs: -1 })],
  ])('is refused: %s', (_, config) => {
    expect(() => Center.create(config, quiet(), 0)).toThrow(RangeError)
  })

  it('may have as many devices on a node as a mask has bits', () => {
    const story = tell(center({ gpu: nodes(1, { accelerators: 31 }) }), job('all').devices(31), job('one').devices(1))
    expect(story[0]).toMatch(/^0s all starts on 0:0\+1\+.*\+30$/)
    expect(story).toContain('1h one starts on 0:0')
  })
})

it('time does not go back', () => {
  const asked = Center.create(center({ gpu: 1 }), quiet(), 10)
  for (const act of [() => asked.schedule(9), () => asked.apply({ type: 'cancel', job: 1 }, Number.NaN)]) {
    expect(act).toThrow('time does not go back')
  }
})

it('a host hears what it must act on, in the order of the facts', () => {
  const heard: string[] = []
  const config = center({ gpu: 1 }, { ...easy, requeueOnNodeFail: true })
  const listener = {
    started: (id: number, attempt: number, atMs: number) => heard.push(`${atMs} started ${id}.${attempt}`),
    ended: (id: number, attempt: number, state: string, atMs: number) =>
      heard.push(`${atMs} ${state} ${id}.${attempt}`),
    requeued: (id: number, attempt: number, atMs: number) => heard.push(`${atMs} requeued ${id}.${attempt}`),
  }
  const log = new FactLog({ keep: true })
  const asked = Center.create(config, log, 0, listener)
  asked.apply(submitOf(job('a').for('1s'), 1, config), 0)
  asked.schedule(0)
  asked.apply({ type: 'node', pool: 'gpu', node: 0, to: 'down' }, 10)
  asked.apply({ type: 'node', pool: 'gpu', node: 0, to: 'up' }, 20)
  asked.schedule(20)
  asked.schedule(1020)
  expect(heard).toEqual(['0 started 1.1', '10 requeued 1.1', '20 started 1.2', '1020 TIMEOUT 1.2'])
  // A center that only replays says nothing to its host.
  const replayed = Center.create(config, quiet(), 0, listener)
  for (const fact of decodeFacts(log.drain())) if (fact.type !== 'configured') replayed.fold(fact)
  expect(heard).toHaveLength(4)
})

// ---- whatever happens

/** Plays a story in a center; `after` sees it after every step with the step's facts. */
function live(
  story: Story,
  after: (center: Center, facts: readonly Fact[], step: PlayedStep) => void,
  log = new FactLog({ keep: true }),
): Center {
  const plain = plainCenter(story.config, 0)
  const lived = Center.create(story.config, log, 0)
  log.drain()
  for (const step of played(story, plain)) {
    for (const one of [plain, lived]) {
      for (const command of step.commands) one.apply(command, step.atMs)
      if (step.schedule) one.schedule(step.atMs)
    }
    after(lived, [...decodeFacts(log.drain())], step)
  }
  return lived
}

describe('whatever happens', () => {
  it('nothing is over-allocated, gangs run whole, and busy, idle and out make up the whole', () => {
    fc.assert(
      fc.property(stories, (story) => {
        live(story, (lived) => {
          lived.assertInvariants()
          const running = lived.running()
          for (const { placement, request, pool } of running) {
            const isCounted = story.config.pools[pool!]!.kind === 'cpu'
            expect(new Set(placement.map(({ node }) => node)).size).toBe(isCounted ? 0 : request.nodes)
            for (const { devices } of placement)
              expect(devices.toString(2).replaceAll('0', '')).toHaveLength(Math.ceil(request.acceleratorsMilli / 1000))
          }
          lived.pools().forEach((view, index) => {
            const here = running.filter(({ pool }) => pool === index)
            const busyMilli = here.reduce((sum, { request }) => sum + request.nodes * request.acceleratorsMilli, 0)
            expect(view.running).toBe(here.length)
            const idle = view.accelerators - busyMilli / 1000
            // Both parts are rounded down to whole ones.
            expect(idle - view.acceleratorsFree - view.acceleratorsOut).toBeGreaterThanOrEqual(0)
            expect(idle - view.acceleratorsFree - view.acceleratorsOut).toBeLessThan(2)
          })
        })
      }),
      { numRuns: 100, seed: 1 },
    )
  })

  it('a promised job starts by then, unless it is said why not', () => {
    let kept = 0
    fc.assert(
      fc.property(stories, (story) => {
        const promises = new Map<number, number>()
        // A host lets a pass follow whatever it tells; one that does not may be late itself.
        const steps = story.steps.map((step) => ({ ...step, schedule: true }))
        live({ ...story, steps }, (_, facts, { atMs }) => {
          for (const fact of facts) {
            if (fact.type === 'reserved') {
              // It comes nearer without a word, and later only with one.
              expect(fact.startMs).toBeLessThanOrEqual(promises.get(fact.job) ?? Number.POSITIVE_INFINITY)
              promises.set(fact.job, fact.startMs)
            }
            if (fact.type === 'started' && promises.has(fact.job)) {
              expect(fact.atMs).toBeLessThanOrEqual(promises.get(fact.job)!)
              kept++
            }
            if (['unreserved', 'held', 'started', 'ended'].includes(fact.type))
              promises.delete((fact as { job: number }).job)
          }
          for (const startMs of promises.values()) expect(startMs).toBeGreaterThan(atMs)
        })
      }),
      { numRuns: 300, seed: 2 },
    )
    expect(kept).toBeGreaterThan(100)
  })

  it('a second pass in the same moment finds nothing to do', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const log = new FactLog({ keep: true })
        live(
          story,
          (lived, _, { atMs, schedule }) => {
            if (!schedule) return
            const before = lived.stateHash()
            lived.schedule(atMs)
            expect([...decodeFacts(log.drain())]).toEqual([])
            expect(lived.stateHash()).toBe(before)
          },
          log,
        )
      }),
      { numRuns: 100, seed: 3 },
    )
  })

  it('names decide nothing: neither of pools, accounts and users, nor the numbers of jobs', () => {
    const renamed = (name: string): string => `${[...name].reverse().join('')}~`
    /** Other ids, in another order. */
    const renumbered = (id: number): number => ((id * 7919) % 10_007) + 1
    fc.assert(
      fc.property(stories, (story) => {
        const { pools, accounts, associations, policy } = story.config
        const config: CenterConfig = {
          ...story.config,
          pools: pools.map((pool) => ({ ...pool, name: renamed(pool.name) })),
          accounts: accounts.map((account) => ({
            ...account,
            name: renamed(account.name),
            parent: account.parent === null ? null : renamed(account.parent),
          })),
          associations: associations.map((row) => ({ ...row, account: renamed(row.account), user: renamed(row.user) })),
          policy: withPoolsRenamed(policy, renamed),
        }
        const log = new FactLog({ keep: true })
        const other = Center.create(config, log, 0)
        log.drain()
        live(story, (_, facts, { atMs, commands, schedule }) => {
          for (const command of commands) other.apply(renamedCommand(command, renamed, renumbered), atMs)
          if (schedule) other.schedule(atMs)
          const expected = facts.map((fact) => ({
            ...fact,
            ...('job' in fact ? { job: renumbered(fact.job) } : {}),
            ...(fact.type === 'refused' ? { account: renamed(fact.account), user: renamed(fact.user) } : {}),
          }))
          expect([...decodeFacts(log.drain())]).toEqual(expected)
        })
      }),
      { numRuns: 100, seed: 4 },
    )
  })

  it('what is charged is the time of all attempts, to the last unit', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const submitted = new Map<number, Extract<Fact, { type: 'submitted' }>>()
        const startedMs = new Map<number, number>()
        const chargedUs = story.config.associations.map(() => 0n)
        const lived = live(story, (_, facts) => {
          for (const fact of facts) {
            if (fact.type === 'submitted') submitted.set(fact.job, fact)
            if (fact.type === 'started') startedMs.set(fact.job, fact.atMs)
            const from = 'job' in fact ? startedMs.get(fact.job) : undefined
            if ((fact.type !== 'ended' && fact.type !== 'requeued') || from === undefined) continue
            const { association, request } = submitted.get(fact.job)!
            chargedUs[association]! += BigInt(request.nodes * request.acceleratorsMilli) * BigInt(fact.atMs - from)
            startedMs.delete(fact.job)
          }
        })
        const rows = lived.shares()
        story.config.associations.forEach(({ account, user }, i) => {
          const row = rows.find((candidate) => candidate.account === account && candidate.user === user)!
          expect(row.chargedAcceleratorUs).toBe(chargedUs[i])
        })
        const ofAccount = (name: string): bigint =>
          rows.find((row) => row.account === name && row.user === null)!.chargedAcceleratorUs
        expect(ofAccount('arts') + ofAccount('sciences')).toBe(chargedUs.reduce((sum, one) => sum + one, 0n))
        expect(ofAccount('physics')).toBe(chargedUs[2]! + chargedUs[3]!)
      }),
      { numRuns: 60, seed: 5 },
    )
  })

  it('adds up past what a double can count', () => {
    // 30,000 accelerators for a year: 30,000,000 thousandths × 31,536,000,000 ms is past 2^53.
    const config = center({ gpu: nodes(3750, { accelerators: 8 }) }, fairshare)
    const asked = Center.create(config, quiet(), 0)
    asked.apply(submitOf(job('all').wide(3750).devices(8).for('366d'), 1, config), 0)
    asked.schedule(0)
    asked.apply({ type: 'finish', job: 1, attempt: 1, exitCode: 0 }, ms('365d') + 1)
    expect(asked.shares().at(-1)!.chargedAcceleratorUs).toBe(30_000_000n * 31_536_000_001n)
  })
})

function withPoolsRenamed(policy: Policy, name: (name: string) => string): Policy {
  const { placement, devices, power } = policy
  const byPool = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).map(([pool, value]) => [name(pool), value]))
  return {
    ...policy,
    ...(placement?.rule === 'least-fragmentation' && {
      placement: {
        ...placement,
        workload: placement.workload.map((task) => (task.pools ? { ...task, pools: task.pools.map(name) } : task)),
      },
    }),
    ...(devices?.rule === 'most-good' && { devices: { ...devices, worthMille: byPool(devices.worthMille) } }),
    ...(power && { power: { ...power, pools: byPool(power.pools) } }),
  }
}

function renamedCommand(command: Command, name: (name: string) => string, id: (job: number) => number): Command {
  switch (command.type) {
    case 'submit':
      return {
        ...command,
        job: id(command.job),
        account: name(command.account),
        user: name(command.user),
        request: { ...command.request, pools: command.request.pools.map(name) },
      }
    case 'node':
      return { ...command, pool: name(command.pool) }
    case 'target': {
      const renamed = command.targets.map((target) => ({
        ...target,
        account: name(target.account),
        user: name(target.user),
        pool: name(target.pool),
      }))
      return { ...command, targets: renamed }
    }
    case 'reject':
    case 'power-cap':
      return command
    default:
      return { ...command, job: id(command.job) }
  }
}
