// What befalls nodes while jobs run on them, second by second.

import type { NodeState } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { type SmallJob, smallCenter, smallNodes } from '../testing/small-center.ts'
import { type Happening, jobStates, type SimulationObserver, simulate } from './simulate.ts'

const node = (atS: number, index: number, to: NodeState): Happening => ({
  atMs: 1000 * atS,
  command: { type: 'node', pool: 'gpu', node: index, to },
})

/** What an observer hears, in seconds. */
function listener(): { readonly heard: string[]; readonly observer: SimulationObserver } {
  const heard: string[] = []
  const say = (atMs: number, what: string): void => {
    heard.push(`${atMs / 1000} ${what}`)
  }
  return {
    heard,
    observer: {
      submitted: (i, atMs) => say(atMs, `job ${i + 1} comes`),
      started: (i, atMs) => say(atMs, `job ${i + 1} starts`),
      ended: (i, _, atMs, state) => say(atMs, `job ${i + 1} ${state}`),
      requeued: (i, startMs, atMs) => say(atMs, `job ${i + 1} requeued, from ${startMs / 1000}`),
      unfinished: (i, _, atMs) => say(atMs, `job ${i + 1} unfinished`),
      node: (atMs, pool, index, to) => say(atMs, `node ${pool}-${index} ${to}`),
    },
  }
}

const heard = (jobs: readonly SmallJob[], happenings: readonly Happening[], nodes = 1): string[] => {
  const { config, demand } = smallNodes(nodes, 4, jobs)
  const { heard, observer } = listener()
  simulate(config, demand, { happenings, observer })
  return heard
}

describe('a node that fails', () => {
  it('takes its job down, which begins anew on another', () => {
    const jobs = [{ submitS: 0, runS: 100, size: 4 }]
    expect(heard(jobs, [node(40, 0, 'down')], 2)).toEqual([
      '0 job 1 comes',
      '0 job 1 starts',
      '40 job 1 requeued, from 0',
      '40 node 0-0 down',
      '40 job 1 starts',
      '140 job 1 COMPLETED',
    ])
  })

  it('keeps who waits for it waiting until it is back, and is not told of twice', () => {
    const jobs = [{ submitS: 10, runS: 20, size: 1 }]
    expect(heard(jobs, [node(0, 0, 'down'), node(5, 0, 'down'), node(50, 0, 'up')])).toEqual([
      '0 node 0-0 down',
      '10 job 1 comes',
      '50 node 0-0 up',
      '50 job 1 starts',
      '70 job 1 COMPLETED',
    ])
  })

  it('comes too late for who ends in the same instant, and before who comes or starts in it', () => {
    const jobs = [
      { submitS: 0, runS: 30, size: 4 },
      { submitS: 30, runS: 10, size: 4 },
    ]
    expect(heard(jobs, [node(30, 0, 'down'), node(60, 0, 'up')])).toEqual([
      '0 job 1 comes',
      '0 job 1 starts',
      '30 job 1 COMPLETED',
      '30 node 0-0 down',
      '30 job 2 comes',
      '60 node 0-0 up',
      '60 job 2 starts',
      '70 job 2 COMPLETED',
    ])
  })

  it('ends its job where the policy does not requeue, and that is the end of it', () => {
    const { config, demand } = smallNodes(1, 4, [{ submitS: 0, runS: 100, size: 4 }])
    const policy = { ...config.policy, requeueOnNodeFail: false }
    const simulation = simulate({ ...config, policy }, demand, { happenings: [node(40, 0, 'down')] })
    expect(simulation).toMatchObject({ outcome: 'complete', nowMs: 40_000, events: 2, passes: 2 })
    expect(jobStates[simulation.state[0]!]).toBe('NODE_FAIL')
    expect(simulation.endMs[0]).toBe(40_000)
  })

  it('keeps those waiting who gave up before, and no longer lets give up who had seen their job start', () => {
    const jobs = [
      { submitS: 0, runS: 100, size: 4, cancelS: 50 },
      { submitS: 1, runS: 10, size: 4, cancelS: 50 },
    ]
    const { config, demand } = smallNodes(1, 4, jobs)
    const { state, endMs } = simulate(config, demand, { happenings: [node(40, 0, 'down'), node(60, 0, 'up')] })
    expect([...state].map((code) => jobStates[code])).toEqual(['COMPLETED', 'CANCELLED'])
    expect([...endMs]).toEqual([160_000, 51_000])
  })
})

describe('a node that is drained', () => {
  it('lets its job end and takes no other', () => {
    const jobs = [
      { submitS: 0, runS: 30, size: 2 },
      { submitS: 20, runS: 10, size: 2 },
    ]
    expect(heard(jobs, [node(10, 0, 'drain'), node(40, 0, 'up')])).toEqual([
      '0 job 1 comes',
      '0 job 1 starts',
      '10 node 0-0 drain',
      '20 job 2 comes',
      '30 job 1 COMPLETED',
      '40 node 0-0 up',
      '40 job 2 starts',
      '50 job 2 COMPLETED',
    ])
  })
})

describe('what happens', () => {
  const { config, demand } = smallNodes(2, 4, [{ submitS: 10, runS: 100, size: 4 }])

  it('happens to nodes that there are, and in order of time', () => {
    const happenings = [node(5, 2, 'down')]
    expect(() => simulate(config, demand, { happenings })).toThrow(
      new RangeError('center small refuses {"type":"node","pool":"gpu","node":2,"to":"down"}: UnknownNode'),
    )
    const late = [node(5, 0, 'down'), node(4, 1, 'down')]
    expect(() => simulate(config, demand, { happenings: late })).toThrow(
      new RangeError('happenings must come in order of time: 1 is early'),
    )
    const counted = smallCenter(4, [{ submitS: 0, runS: 1, size: 1 }])
    expect(() => simulate(counted.config, counted.demand, { happenings, passPer: 'event' })).toThrow('nothing happens')
  })

  it('may be that an operator cancels a job', () => {
    const happenings: Happening[] = [{ atMs: 40_000, command: { type: 'cancel', job: 1 } }]
    const { endMs, outcome, nowMs } = simulate(config, demand, { happenings })
    expect({ end: endMs[0], outcome, nowMs }).toEqual({ end: 40_000, outcome: 'complete', nowMs: 40_000 })
  })
})
