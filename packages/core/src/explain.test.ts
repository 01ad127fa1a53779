import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PlainCenter, plainCenter } from '../testing/plain-center.ts'
import { played, stories } from '../testing/random-centers.ts'
import { at, center, type JobSketch, job, ms, nodes, play, processors } from '../testing/told.ts'
import type { AssociationConfig } from './account-config.ts'
import { Center } from './center.ts'
import { decodeFacts, FactLog } from './fact-codec.ts'
import { conservative, easy, fcfs, policies } from './policy.ts'
import { isCounted } from './pool-config.ts'
import type { WaitReason } from './reason.ts'

/** Why a job of a story waits after its last moment up to `time`. */
function why(
  config: Parameters<typeof play>[0],
  happenings: Parameters<typeof play>[1],
  name: string,
  time = '0s',
): readonly WaitReason[] | undefined {
  const { center: played, ids } = play(config, happenings, ms(time))
  return played.explain(ids.get(name)!)
}

describe('a job waits', () => {
  const pools = center({ gpu: nodes(4, { accelerators: 2 }) })
  const busy = job('busy').wide(3).devices(2).for('1h')
  const wide = job('wide').wide(2).devices(2).for('1h')

  it('because it is held, by its user or by an operator', () => {
    expect(why(pools, [job('a').held('user')], 'a')).toEqual([{ code: 'JobHeldUser' }])
    expect(why(pools, [job('a').held('admin')], 'a')).toEqual([{ code: 'JobHeldAdmin' }])
  })

  it('because too little is free', () => {
    expect(why(pools, [busy, wide], 'wide')).toEqual([
      { code: 'Resources', pool: 'gpu', nodesNeeded: 2, nodesFree: 1, acceleratorsFree: 2 },
    ])
  })

  it('because too many nodes are out of service', () => {
    const out = [at('0s').node(0, 'drain'), at('0s').node(1, 'down'), at('0s').node(2, 'drain')]
    expect(why(pools, [...out, wide], 'wide')).toEqual([{ code: 'ReqNodeNotAvail', pool: 'gpu', nodesOut: 3 }])
  })

  it('because it would delay a job that was promised its nodes', () => {
    const all = wide.wide(4)
    expect(why(pools, [busy, all, job('short').for('1h'), job('long').for('2h')], 'long')).toEqual([
      { code: 'Reservation', pool: 'gpu', job: 2, startMs: ms('1h') },
      { code: 'Priority', pool: 'gpu', jobsAhead: 1, jobAhead: 2 },
    ])
  })

  it('because nobody may pass', () => {
    expect(why({ ...pools, policy: fcfs }, [busy, wide, job('a'), job('b')], 'b')).toEqual([
      { code: 'Priority', pool: 'gpu', jobsAhead: 2, jobAhead: 2 },
    ])
    // Promises would be given, but for that.
    const counted = center({ cpu: processors(4) }, { ...easy, backfill: 'none' })
    const jobs = [job('busy').wide(3), job('wide').wide(2), job('a')]
    expect(why(counted, jobs, 'a')).toEqual([{ code: 'Priority', pool: 'cpu', jobsAhead: 1, jobAhead: 2 }])
  })

  it('because it is owed devices elsewhere, and promised them', () => {
    const [kim, lee] = ['kim', 'lee'].map((user) => ({ account: 'lab', user, shares: 1 })) as [
      AssociationConfig,
      AssociationConfig,
    ]
    const shares = { accounts: [{ name: 'lab', parent: null, shares: 1 }], associations: [kim, lee] }
    const kinds = center({ h100: 2, rngd: 2 }, policies.find(({ name }) => name === 'max-min')!, shares)
    const gang = (name: string) => job(name).by('lab/kim').in('h100', 'rngd').wide(2).for('1h')
    const story = [
      at('0s').target({ 'lab/kim': { h100: 1900 } }),
      job('busy').by('lab/lee').in('h100').for('1h'),
      gang('first'),
      gang('next'),
    ]
    const taken = { code: 'Resources', pool: 'h100', nodesNeeded: 2, nodesFree: 1, acceleratorsFree: 1 }
    const held = { acceleratorsHeldMilli: 0, acceleratorsDueMilli: 1900 }
    const owed = { code: 'OwedElsewhere', pool: 'rngd', owedPool: 'h100', ...held }
    expect(why(kinds, story, 'first')).toEqual([taken, owed])
    const ahead = { code: 'Priority', jobsAhead: 1, jobAhead: 2 }
    expect(why(kinds, story, 'next')).toEqual([taken, { ...ahead, pool: 'h100' }, owed, { ...ahead, pool: 'rngd' }])
  })

  it('for nothing, until the next pass', () => {
    const { center: played } = play(pools, [busy], 0)
    const { account, user } = pools.associations[0]!
    const request = { pools: ['gpu'], nodes: 1, acceleratorsMilli: 1000, cpuMilli: 0, memoryMib: 0 }
    played.apply({ type: 'submit', job: 9, account, user, request, timeLimitMs: 1, held: null, label: '' }, 0)
    expect(played.explain(9)).toEqual([{ code: 'None' }])
    played.schedule(0)
    expect(played.explain(9)).toBeUndefined()
    expect(played.explain(1234)).toBeUndefined()
  })

  it('in every pool that it accepts and that could ever hold it, for reasons of its own', () => {
    const several = center({ tiny: 1, full: 2, drained: 2, queued: 2 })
    const jobs = [
      job('b').in('full').for('1h'),
      job('q').in('queued').for('1h'),
      job('first').in('queued').wide(2).for('1h'),
      at('0s').node(1, 'drain', 'drained'),
      job('wide').in('tiny', 'full', 'drained', 'queued').wide(2),
    ]
    expect(why(several, jobs, 'wide')).toEqual([
      { code: 'Resources', pool: 'full', nodesNeeded: 2, nodesFree: 1, acceleratorsFree: 1 },
      { code: 'ReqNodeNotAvail', pool: 'drained', nodesOut: 1 },
      { code: 'Resources', pool: 'queued', nodesNeeded: 2, nodesFree: 1, acceleratorsFree: 1 },
      { code: 'Priority', pool: 'queued', jobsAhead: 1, jobAhead: 3 },
    ])
  })

  describe('on interchangeable processors', () => {
    const machine = center({ cpu: processors(10) })
    const jobs: JobSketch[] = [
      job('busy').wide(6).for('10m'),
      job('eight').wide(8).for('10m'),
      job('all').wide(10).for('5m'),
      job('three').wide(3).for('25m'),
      job('two').wide(2).for('25m'),
    ]

    it('because too few are free, or it would delay the first', () => {
      expect(why(machine, jobs, 'eight')).toEqual([
        { code: 'Resources', pool: 'cpu', nodesNeeded: 8, nodesFree: 2, acceleratorsFree: 2 },
      ])
      // `two` passes; before that it is `three` that would fit, and not beside `eight`.
      expect(why(machine, jobs.slice(0, 4), 'three')).toEqual([
        { code: 'Reservation', pool: 'cpu', job: 2, startMs: ms('10m') },
        { code: 'Priority', pool: 'cpu', jobsAhead: 2, jobAhead: 2 },
      ])
    })

    it('because it would delay any job that holds a promise', () => {
      const two = [...jobs.slice(0, 3), jobs[4]!]
      expect(why({ ...machine, policy: conservative }, two, 'two')).toEqual([
        { code: 'Reservation', pool: 'cpu', job: 3, startMs: ms('20m') },
        { code: 'Priority', pool: 'cpu', jobsAhead: 2, jobAhead: 2 },
      ])
    })

    it('because of promises to jobs that would fit, too, but for those before them', () => {
      const queue: JobSketch[] = [
        job('busy').wide(6).for('10m'),
        job('eight').wide(8).for('10m'),
        job('four').wide(4).for('25m'),
        job('six').wide(6).for('25m'),
        job('two').wide(2).for('25m'),
      ]
      // `eight` leaves room for `two`; `four` and `six`, both promised 20m, together do not.
      expect(why({ ...machine, policy: conservative }, queue, 'two')).toEqual([
        { code: 'Reservation', pool: 'cpu', job: 4, startMs: ms('20m') },
        { code: 'Priority', pool: 'cpu', jobsAhead: 3, jobAhead: 2 },
      ])
    })
  })
})

/** Whether a reason is so, as the plain center sees it. */
function holds(reason: WaitReason, id: number, plain: PlainCenter): boolean {
  const waiting = plain.live().find(({ job: other }) => other === id)!
  const { request, heldBy } = waiting
  if (reason.code === 'JobHeldUser') return heldBy === 'user'
  if (reason.code === 'JobHeldAdmin') return heldBy === 'admin'
  if (reason.code === 'None') return false // a pass has just been made
  const pool = plain.pools().find(({ config }) => config.name === reason.pool)!
  const queue = plain.pending().filter((other) => other.request.pools.includes(pool.index))
  const fitting = plain.fitting(pool.index, id)
  const inService = pool.states.filter((state) => state === 'up').length
  const needed = isCounted(pool.config) ? (request.nodes * request.acceleratorsMilli) / 1000 : request.nodes
  switch (reason.code) {
    case 'Resources':
      return reason.nodesFree === fitting && reason.nodesNeeded === needed && fitting < needed
    case 'Priority': {
      // Nobody may pass who waits for watts, in whatever pool.
      const { power, backfill } = plain.config.policy
      return [queue, ...(power !== undefined && backfill === 'none' ? [plain.pending()] : [])].some(
        (all) => all.indexOf(waiting) === reason.jobsAhead && reason.jobsAhead > 0 && all[0]!.job === reason.jobAhead,
      )
    }
    case 'ReqNodeNotAvail':
      return inService < needed && needed <= pool.states.length && reason.nodesOut === pool.states.length - inService
    case 'Reservation': {
      const { place } = plain.live().find(({ job }) => job === reason.job)!
      if (place !== undefined) return place.pool === pool.index && place.startMs === reason.startMs
      // Other promises in counted pools are made anew in each pass; the table above has them.
      if (isCounted(pool.config)) return fitting >= needed
      const promise = plain
        .pools()
        .flatMap(({ promises }) => promises)
        .find((standing) => standing.job.job === reason.job)
      return (
        fitting >= needed &&
        promise?.startMs === reason.startMs &&
        plain.pending().indexOf(promise.job) < plain.pending().indexOf(waiting) &&
        (plain.fittingBesidePromises(pool.index, id) < needed ||
          plain.leftW(pool.index, id) < plain.neededW(pool.index, id))
      )
    }
    case 'OwedElsewhere': {
      const owing = plain.pools().find(({ config }) => config.name === reason.owedPool)!
      return (
        fitting >= needed &&
        !plain.owes(pool.index, id) &&
        plain.owes(owing.index, id) &&
        request.pools.includes(owing.index)
      )
    }
    case 'PowerNotAvail':
      return (
        reason.drawW === plain.drawW() &&
        reason.neededW === plain.neededW(pool.index, id) &&
        reason.drawW + reason.neededW > reason.capW
      )
  }
}

describe('the reasons of a waiting job', () => {
  it('are true, and with those of one pool gone it starts', () => {
    const seen: Record<string, number> = {}
    fc.assert(
      fc.property(stories, (story) => {
        const log = new FactLog({ keep: false })
        const asked = Center.create(story.config, log, 0)
        const plain = plainCenter(story.config, 0)
        let atMs = 0
        for (const step of played(story, plain)) {
          atMs = step.atMs
          for (const one of [asked, plain]) {
            for (const command of step.commands) one.apply(command, atMs)
            if (step.schedule) one.schedule(atMs)
          }
          if (!step.schedule) continue
          for (const { job: id } of plain.live().filter(({ state }) => state !== 'RUNNING')) {
            const reasons = asked.explain(id)!
            expect(reasons.length).toBeGreaterThan(0)
            for (const reason of reasons) {
              seen[reason.code] = (seen[reason.code] ?? 0) + 1
              expect({ id, reason, holds: holds(reason, id, plain) }).toEqual({ id, reason, holds: true })
            }
          }
        }
        // Once a story, each pool's obstacles are taken out of the way in a copy. (Without promises the shortest go first
        // whoever is ahead, which is no reason of its own.)
        // And where turns go by what people hold, what is taken away moves the turns of all.
        const { backfill, reservationDepth, order, shares } = story.config.policy
        if (backfill === 'shortest' && reservationDepth === 0) return
        if (order === 'fairshare' && shares?.rule !== 'fair-tree') return
        asked.schedule(atMs)
        const savepoint = asked.save()
        for (const { job: id, request } of asked.pending(20)) {
          const names = new Set(asked.explain(id)!.map((reason) => ('pool' in reason ? reason.pool : '')))
          for (const name of names) {
            const copyLog = new FactLog({ keep: true })
            const copy = Center.restore(savepoint, copyLog)
            removeObstacles(copy, id, name, atMs)
            copy.schedule(atMs)
            // A ranking that was due, and asked for by nobody while nothing fitted, moves turns as well.
            if ([...decodeFacts(copyLog.drain())].some(({ type }) => type === 'ranked')) continue
            expect({ id, request, name, state: copy.job(id)!.state }).toMatchObject({ state: 'RUNNING' })
          }
        }
      }),
      { numRuns: 160, seed: 1 },
    )
    // The stories do come to all of them.
    expect(Object.keys(seen).toSorted()).toEqual([
      'JobHeldAdmin',
      'JobHeldUser',
      'OwedElsewhere',
      'PowerNotAvail',
      'Priority',
      'ReqNodeNotAvail',
      'Reservation',
      'Resources',
    ])
  })
})

/** Takes away what a job's stated reasons in one pool name, and nothing else. */
function removeObstacles(copy: Center, id: number, name: string, atMs: number): void {
  const pool = copy.config.pools.findIndex((candidate) => candidate.name === name)
  const stated = new Set(
    copy.explain(id)!.flatMap((reason) => ('pool' in reason && reason.pool === name ? [reason.code] : [])),
  )
  if (stated.has('ReqNodeNotAvail')) {
    for (const { node } of copy.nodes(name)) copy.apply({ type: 'node', pool: name, node, to: 'up' }, atMs)
  }
  // Nodes that come back draw their watts.
  if (stated.has('PowerNotAvail') || stated.has('ReqNodeNotAvail')) copy.apply({ type: 'power-cap', capW: null }, atMs)
  const { policy, pools } = copy.config
  const keepsPlaces = policy.reservationDepth === 'all' && pools.every(isCounted)
  if (stated.has('Priority') || stated.has('Reservation')) {
    for (const other of copy.pending(1e9)) {
      // Where everybody is promised a start, those behind keep what they were promised, too.
      if (other.job === id && keepsPlaces) continue
      if (other.job === id) break
      // Of whoever is ahead under a power cap, in other pools too, any may be in the way.
      if (other.request.pools.includes(pool) || policy.power !== undefined)
        copy.apply({ type: 'cancel', job: other.job }, atMs)
    }
  }
  if (stated.has('Resources') || stated.has('ReqNodeNotAvail')) {
    for (const other of copy.running()) if (other.pool === pool) copy.apply({ type: 'cancel', job: other.job }, atMs)
  }
}
