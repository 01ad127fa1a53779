// What the center draws together, and the cap on it: worked out by hand, and on random centers from their facts alone.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { played, stories } from '../testing/random-centers.ts'
import { at, center, job, ms, play, processors, starts, tell } from '../testing/told.ts'
import { Center } from './center.ts'
import type { CenterConfig } from './config.ts'
import { decodeFacts, FactLog } from './fact-codec.ts'
import { easy, fcfs, greedy, type Policy, type PoolPower } from './policy.ts'
import { isCounted } from './pool-config.ts'

/** An idle node draws 100 W, and an accelerator in use 500 W more. */
const watts: PoolPower = { idleWPerNode: 100, busyWPerAccelerator: 500 }

const capped = (capW: number | null, pools: Parameters<typeof center>[0], policy: Policy = easy): CenterConfig => {
  const drawing = Object.fromEntries(Object.keys(pools).map((name) => [name, watts]))
  return center(pools, { ...policy, power: { capW, pools: drawing } })
}

describe('a power cap', () => {
  // Four nodes draw 400 W idle, so that two jobs make it 1400 W.
  it.each<[string, number | null, string]>([
    ['just enough for two jobs', 1400, '1h'],
    ['a watt too little for three', 1899, '1h'],
    ['just enough for three', 1900, '0s'],
    ['too much to bind anybody', 2400, '0s'],
    ['none', null, '0s'],
  ])('that is %s (%s W)', (_, capW, third) => {
    expect(starts(capped(capW, { gpu: 4 }), job('a'), job('b'), job('c'))).toEqual({ a: '0s', b: '0s', c: third })
  })

  it('stops nothing when it is lowered below what runs, and starts nothing until that is over', () => {
    const jobs = [job('a').for('1h'), job('b').for('2h'), job('c').from('10m').for('1h')]
    expect(tell(capped(null, { gpu: 4 }), ...jobs, at('5m').powerCap(1000))).toEqual([
      '0s a starts on 0',
      '0s b starts on 1',
      '5m power capped at 1000 W',
      '1h a TIMEOUT',
      '2h b TIMEOUT',
      '2h c starts on 0',
      '3h c TIMEOUT',
    ])
  })

  it('lets jobs start as soon as it is raised or lifted', () => {
    const jobs = [job('a').for('9h'), job('b').for('9h'), job('c').for('1h')]
    const raised = [at('20m').powerCap(1400), at('40m').powerCap(null)]
    expect(starts(capped(900, { gpu: 4 }), ...jobs, ...raised)).toEqual({ a: '0s', b: '20m', c: '40m' })
  })

  it('counts the part of a device that a slice has', () => {
    // 100 W and a quarter of 500 W: a second quarter is 350 W, a third 475 W.
    const quarter = (name: string) => job(name).slice(250)
    const jobs = [quarter('a'), quarter('b'), quarter('c')]
    expect(starts(capped(400, { gpu: 1 }), ...jobs)).toEqual({ a: '0s', b: '0s', c: '1h' })
  })

  it('is shared by all pools', () => {
    // Three nodes draw 300 W: one job fits in 1200 W, and only by what it draws in its own pool a second.
    const jobs = [job('a').in('gpu'), job('b').in('npu').for('30m'), job('c').in('npu')]
    const pools = { gpu: 2, npu: 1 }
    const lean = { gpu: watts, npu: { idleWPerNode: 100, busyWPerAccelerator: 400 } }
    const config = center(pools, { ...easy, power: { capW: 1200, pools: lean } })
    expect(starts(config, ...jobs)).toEqual({ a: '0s', b: '0s', c: '30m' })
    expect(starts(capped(1200, pools), ...jobs)).toEqual({ a: '0s', b: '1h', c: '1h30m' })
  })
})

it('keeps nobody who adds nothing to what counts', () => {
  const config = center({ gpu: 2, npu: 2 }, { ...easy, power: { capW: 0, pools: { gpu: watts } } })
  expect(starts(config, job('a').in('gpu'), job('b').in('npu'), job('c').in('npu').wide(2))).toEqual({
    a: 'never',
    b: '0s',
    c: '1h',
  })
})

describe('a job that lacks watts', () => {
  // Eight nodes draw 800 W: 2300 W are enough for three jobs, or for the three nodes of `big`.
  const config = (policy: Policy) => capped(2300, { gpu: 8 }, policy)
  const busy = [job('a').for('1h'), job('b').for('2h')]
  const big = job('big').wide(3).for('1h')

  it('is promised the moment at which they are there, and who passes leaves them', () => {
    expect(tell(config(easy), ...busy, big, job('long').for('3h'), job('short').for('2h'))).toEqual([
      '0s a starts on 0',
      '0s b starts on 1',
      '0s big promised 2h on 0 1 7',
      '0s short starts on 2 (backfill)',
      '1h a TIMEOUT',
      '1h big promised 2h on 1 2 7',
      '2h b TIMEOUT',
      '2h short TIMEOUT',
      '2h big starts on 0 3 4 (reservation)',
      '3h big TIMEOUT',
      '3h long starts on 0',
      '6h long TIMEOUT',
    ])
  })

  it('leaves others what it will not need itself', () => {
    // Of 2800 W, 500 W are left beside `big`, for one job as long as it likes.
    const jobs = [...busy, job('c').for('2h'), big, job('long').for('9h'), job('longer').for('10h')]
    expect(starts(capped(2800, { gpu: 8 }), ...jobs)).toMatchObject({ big: '2h', long: '0s', longer: '3h' })
  })

  it('starves where nobody is promised anything, and not where it is', () => {
    // Every half hour comes a job of an hour, the last at 5h30: two of them always run.
    const small = Array.from({ length: 12 }, (_, i) =>
      job(`s${i}`)
        .from(`${i * 30}m`)
        .for('1h'),
    )
    const jobs = [job('a').for('1h'), job('b').for('90m'), big, ...small]
    expect(starts(config(greedy), ...jobs)).toMatchObject({ big: '6h30m', s11: '5h30m' })
    expect(starts(config(easy), ...jobs)).toMatchObject({ big: '1h30m', s0: '0s', s1: '2h30m' })
  })

  it('is not starved by jobs of other pools either', () => {
    // Six nodes draw 600 W; 2100 W are enough for three accelerators, which `big` needs all.
    const small = Array.from({ length: 8 }, (_, i) =>
      job(`s${i}`)
        .in('gpu')
        .from(`${i * 30}m`)
        .for('1h'),
    )
    const jobs = [job('a').in('gpu').for('1h'), job('big').in('npu').wide(3).for('1h'), ...small]
    const pools = { gpu: 3, npu: 3 }
    expect(starts(capped(2100, pools), ...jobs)).toMatchObject({ big: '1h', s0: '0s', s1: '2h' })
    // Where nobody may pass, that is so in all pools; who lacks nodes keeps but their own.
    expect(starts(capped(2100, pools, fcfs), ...jobs)).toMatchObject({ big: '1h', s0: '2h', s1: '2h' })
    const wide = [job('x').in('npu').for('1h'), job('big').in('npu').wide(3).for('1h'), job('s').in('gpu')]
    expect(starts(capped(2100, pools, fcfs), ...wide)).toMatchObject({ big: '1h', s: '0s' })
  })

  it('has its watts with it where it waits for nodes', () => {
    // `wide` needs four of four GPU nodes at 1h, and then all of the 2000 W beside 600 W of idle nodes.
    const pools = { gpu: 4, npu: 2 }
    const jobs = [job('a').in('gpu').for('1h'), job('wide').in('gpu').wide(4).for('1h')]
    const others = [job('long').in('npu').for('2h'), job('short').in('npu').for('1h')]
    const expected = { wide: '1h', long: '2h', short: '0s' }
    expect(starts(capped(2600, pools), ...jobs, ...others)).toMatchObject(expected)
    expect(starts(capped(3100, pools), ...jobs, ...others)).toMatchObject({ ...expected, long: '0s' })
  })

  it('keeps nobody if no such cap could let it run', () => {
    expect(starts(capped(2200, { gpu: 8 }), ...busy, big, job('long').for('3h'))).toMatchObject({
      big: 'never',
      long: '1h',
    })
    // Its own pool is another matter where nobody may pass.
    const pools = { gpu: 4, npu: 4 }
    const jobs = [job('big').in('gpu').wide(3), job('behind').in('gpu'), job('elsewhere').in('npu')]
    expect(starts(capped(2200, pools, fcfs), ...jobs)).toEqual({ big: 'never', behind: 'never', elsewhere: '0s' })
  })

  it('lets others pass as soon as its promise is void, even for a node of a pool in which nobody waits', () => {
    // Of 2400 W, 400 W are idle while the GPU is down; when it is back there are 100 W too few for three jobs and b at 1h.
    const jobs = [job('a').in('npu').for('1h'), job('b').in('npu').for('3h'), job('big').in('npu').wide(3)]
    const story = [...jobs, job('mid').in('npu').for('2h'), at('0s').node(0, 'down'), at('10m').node(0, 'up')]
    expect(tell(capped(2400, { gpu: 1, npu: 4 }), ...story).filter((line) => /big|mid/.test(line))).toEqual([
      '0s big promised 1h on 0 2 3 in npu',
      '10m promise to big void (power)',
      '10m big promised 3h on 0 1 3 in npu',
      '10m mid starts on 2 in npu (backfill)',
      '2h10m mid TIMEOUT',
      '3h big starts on 0 1 2 in npu (reservation)',
      '4h big TIMEOUT',
    ])
  })

  it('is told when its promise is void: another cap, or a node that comes back and draws', () => {
    const lowered = tell(config(easy), ...busy, big, job('long').for('3h'), at('30m').powerCap(2299))
    expect(lowered.slice(2, 5)).toEqual([
      '0s big promised 2h on 0 1 7',
      '30m power capped at 2299 W',
      '30m promise to big void (power)',
    ])
    // With node 6 down there are 2200 W; when it is back there are 100 W too few.
    const down = at('0s').node(6, 'down')
    const jobs = [...busy, big, job('long').for('3h')]
    const back = tell(capped(2200, { gpu: 8 }), down, ...jobs, at('30m').node(6, 'drain'))
    expect(back.filter((line) => /big|node/.test(line))).toEqual([
      '0s node 6 down',
      '0s big promised 2h on 0 1 7',
      '30m node 6 drain',
      '30m promise to big void (power)',
    ])
  })

  it('says so, with its numbers', () => {
    const { center: waiting, ids } = play(capped(2300, { gpu: 8 }), [...busy, big, job('long').for('3h')], 0)
    expect(waiting.explain(ids.get('big')!)).toEqual([
      { code: 'PowerNotAvail', pool: 'gpu', capW: 2300, drawW: 1800, idleW: 800, neededW: 1500 },
    ])
    expect(waiting.explain(ids.get('long')!)).toEqual([
      { code: 'Reservation', pool: 'gpu', job: 3, startMs: ms('2h') },
      { code: 'Priority', pool: 'gpu', jobsAhead: 1, jobAhead: 3 },
    ])
  })

  it('in another pool is a reason to wait', () => {
    const jobs = [job('a').in('gpu').for('1h'), job('big').in('npu').wide(3), job('s').in('gpu').for('2h')]
    const why = (policy: Policy) => {
      const { center: waiting, ids } = play(capped(2100, { gpu: 3, npu: 3 }, policy), jobs, 0)
      return waiting.explain(ids.get('s')!)
    }
    expect(why(easy)).toEqual([{ code: 'Reservation', pool: 'gpu', job: 2, startMs: ms('1h') }])
    expect(why(fcfs)).toEqual([{ code: 'Priority', pool: 'gpu', jobsAhead: 1, jobAhead: 2 }])
  })
})

describe('the draw of a center', () => {
  it('is that of nodes that are not down, and of accelerators in use', () => {
    const happenings = [
      job('a').for('1h'),
      at('10m').node(1, 'drain'),
      at('20m').node(2, 'down'),
      at('2h').node(2, 'up'),
    ]
    const drawAt = (time: string): number => play(capped(5000, { gpu: 4 }), happenings, ms(time)).center.power()!.drawW
    expect(['0s', '10m', '20m', '1h', '2h'].map(drawAt)).toEqual([900, 900, 800, 300, 400])
  })

  it('may go over the cap with a node that comes back: nothing starts until it is below', () => {
    const happenings = [
      at('0s').node(3, 'down'),
      job('a').for('1h'),
      job('b').for('2h'),
      at('10m').node(3, 'up'),
      job('c').from('20m').for('1h'),
    ]
    // 300 W and two jobs are the 1300 W; the fourth node makes it 1400 W.
    const { center: over, lines } = play(capped(1300, { gpu: 4 }), happenings, ms('20m'))
    expect(over.power()).toEqual({ capW: 1300, drawW: 1400, idleW: 400 })
    expect(lines).not.toContain('20m c starts on 3')
    expect(starts(capped(1300, { gpu: 4 }), ...happenings)).toMatchObject({ c: '2h' })
  })

  it('is not known where the policy does not say', () => {
    expect(play(center({ gpu: 4 }), [job('a')], 0).center.power()).toBeUndefined()
  })
})

describe('the command', () => {
  const outcome = (config: CenterConfig, capW: number | null) => play(config, [at('0s').powerCap(capW)]).outcomes

  it.each<[string, CenterConfig, number | null, object]>([
    ['sets a cap', capped(null, { gpu: 4 }), 0, { kind: 'done' }],
    ['lifts it', capped(900, { gpu: 4 }), null, { kind: 'done' }],
    ['is ignored where it changes nothing', capped(900, { gpu: 4 }), 900, { kind: 'ignored', reason: 'no-change' }],
    ['is refused below nothing', capped(900, { gpu: 4 }), -1, { kind: 'refused', reason: 'BadRequest' }],
    ['is refused in parts of a watt', capped(900, { gpu: 4 }), 0.5, { kind: 'refused', reason: 'BadRequest' }],
    ['is refused where no watts are known', center({ gpu: 4 }), 900, { kind: 'refused', reason: 'UnknownWatts' }],
  ])('%s', (_, config, capW, expected) => expect(outcome(config, capW)).toEqual([expected]))
})

it.each<[string, CenterConfig, RegExp]>([
  ['a counted pool', capped(900, { cpu: processors(4) }), /pool cpu is counted/],
  ['a cap below nothing', capped(-1, { gpu: 4 }), /a power cap is in whole watts from 0 on, not -1/],
  [
    'a pool that is not there',
    center({ a: 1 }, { ...easy, power: { capW: 1, pools: { a: watts, b: watts } } }),
    /names pool b, which is not there/,
  ],
  [
    'half a watt',
    center({ a: 1 }, { ...easy, power: { capW: 1, pools: { a: { ...watts, idleWPerNode: 0.5 } } } }),
    /pool a: a power policy is in whole watts/,
  ],
])('refuses %s', (_, config, message) => {
  expect(() => Center.create(config, new FactLog({ keep: false }), 0)).toThrow(message)
})

describe('whatever happens', () => {
  const powered = stories.filter(({ config }) => config.policy.power !== undefined)

  it('no start takes the draw over the cap', () => {
    let held = 0
    fc.assert(
      fc.property(powered, (story) => {
        const { pools, policy } = story.config
        const log = new FactLog({ keep: true })
        const lived = Center.create(story.config, log, 0)
        log.drain()
        const isDown = pools.map((pool) => (isCounted(pool) ? [] : Array.from({ length: pool.nodes }, () => false)))
        const milliOf = new Map<number, number>()
        const runs = new Map<number, number>()
        let capW = policy.power!.capW
        const drawW = (): number => {
          let sum = 0
          isDown.forEach((down, pool) => {
            sum += down.filter((one) => !one).length * policy.power!.pools[pools[pool]!.name]!.idleWPerNode
          })
          for (const [job, pool] of runs)
            sum += (milliOf.get(job)! * policy.power!.pools[pools[pool]!.name]!.busyWPerAccelerator) / 1000
          return sum
        }
        for (const { atMs, commands, schedule } of played(story, lived)) {
          for (const command of commands) lived.apply(command, atMs)
          if (schedule) lived.schedule(atMs)
          for (const fact of decodeFacts(log.drain())) {
            if (fact.type === 'submitted') milliOf.set(fact.job, fact.request.nodes * fact.request.acceleratorsMilli)
            if (fact.type === 'node') isDown[fact.pool]![fact.node] = fact.to === 'down'
            if (fact.type === 'power-capped') capW = fact.capW
            if (fact.type === 'ended' || fact.type === 'requeued') runs.delete(fact.job)
            if (fact.type !== 'started') continue
            runs.set(fact.job, fact.pool)
            const { busyWPerAccelerator } = policy.power!.pools[pools[fact.pool]!.name]!
            if (capW === null || busyWPerAccelerator === 0) continue
            held++
            expect(drawW()).toBeLessThanOrEqual(capW)
          }
          expect(lived.power()).toMatchObject({ capW, drawW: drawW() })
        }
      }),
      { numRuns: 100, seed: 6 },
    )
    expect(held).toBeGreaterThan(200)
  })

  it('a cap that all nodes at full load keep below changes nothing', () => {
    fc.assert(
      fc.property(powered, (story) => {
        const { power, ...free } = story.config.policy
        const loose = { ...power!, capW: 1_000_000 }
        const told = [free, { ...free, power: loose }].map((policy) => {
          const log = new FactLog({ keep: true })
          const lived = Center.create({ ...story.config, policy }, log, 0)
          log.drain()
          for (const { atMs, commands, schedule } of played(story, lived)) {
            for (const command of commands) if (command.type !== 'power-cap') lived.apply(command, atMs)
            if (schedule) lived.schedule(atMs)
          }
          return [...decodeFacts(log.drain())]
        })
        expect(told[1]).toEqual(told[0])
      }),
      { numRuns: 60, seed: 7 },
    )
  })
})
