import { type CenterConfig, easy, type NodeState } from '@dure/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Happening } from '../simulate.ts'
import { failures, failuresPerDay } from './faults.ts'
import { happeningsOf } from './happenings.ts'
import type { FaultLaw, NodeStay, Outage, ServicePlan } from './service-plan.ts'

const DAY_MS = 86_400_000

const center = (...nodes: readonly number[]): CenterConfig => ({
  name: 'a center',
  pools: nodes.map((count, i) => ({
    name: `pool-${i}`,
    kind: 'gpu',
    model: 'H100',
    nodes: count,
    perNode: { cpuMilli: 0, memoryMib: 0, accelerators: 8 },
  })),
  accounts: [],
  associations: [],
  policy: easy,
})
const nothing: ServicePlan = { stays: [], faults: [], outages: [], powerCaps: [] }

const stay = (firstNode: number, nodes: number, fromMs: number | null, untilMs: number | null): NodeStay => ({
  pool: 'pool-0',
  firstNode,
  nodes,
  fromMs,
  untilMs,
})
const outage = (firstNode: number, nodes: number, fromMs: number, untilMs: number, drainMs = 0): Outage => ({
  pool: 'pool-0',
  firstNode,
  nodes,
  fromMs,
  untilMs,
  drainMs,
})
const repairS = (seconds: number) => ({
  parts: [{ percent: 100, medianS: seconds, sigma: 0 }],
  shortestS: seconds,
  longestS: seconds,
})
const law = (given: Partial<FaultLaw> = {}): FaultLaw => ({
  name: 'nodes',
  pool: 'pool-0',
  nodesTogether: 1,
  perUnitDay: 0.5,
  repairS: repairS(3600),
  ...given,
})

/** Like `100 pool-0-2 up`. */
const told = (happenings: readonly Happening[]): string[] =>
  happenings.map(({ atMs, command }) => {
    if (command.type === 'power-cap') return `${atMs} ${command.capW ?? 'no'} W`
    if (command.type !== 'node') throw new Error(`${command.type} is not about a node`)
    return `${atMs} ${command.pool}-${command.node} ${command.to}`
  })
const happens = (nodes: number, plan: Partial<ServicePlan>, seed = 1): string[] =>
  told(happeningsOf(center(nodes), { ...nothing, ...plan }, { seed, fromMs: 0, untilMs: 1000 }))

describe('what is planned', () => {
  it('lets nodes come and go, and says at the beginning who is not there', () => {
    expect(happens(4, { stays: [stay(2, 2, 100, 500), stay(1, 1, null, 300)] })).toEqual([
      '0 pool-0-2 down',
      '0 pool-0-3 down',
      '100 pool-0-2 up',
      '100 pool-0-3 up',
      '300 pool-0-1 down',
      '500 pool-0-2 down',
      '500 pool-0-3 down',
    ])
  })

  it('knows of nodes that were there before, or will be later, and of those that come back', () => {
    const stays = [stay(0, 1, 2000, null), stay(1, 1, null, -5), stay(2, 1, -100, 200), stay(2, 1, 400, null)]
    expect(happens(4, { stays })).toEqual([
      '0 pool-0-0 down',
      '0 pool-0-1 down',
      '200 pool-0-2 down',
      '400 pool-0-2 up',
    ])
  })

  it('empties nodes before work on them, wave by wave', () => {
    expect(happens(2, { outages: [outage(0, 1, 200, 300, 150), outage(1, 1, 300, 400, 100)] })).toEqual([
      '50 pool-0-0 drain',
      '200 pool-0-0 down',
      '200 pool-0-1 drain',
      '300 pool-0-0 up',
      '300 pool-0-1 down',
      '400 pool-0-1 up',
    ])
  })

  it('holds a node down until no cause is left', () => {
    expect(happens(1, { outages: [outage(0, 1, 100, 300), outage(0, 1, 200, 400)] })).toEqual([
      '100 pool-0-0 down',
      '400 pool-0-0 up',
    ])
    // Drained from 100 for the second, but under the first until 200.
    expect(happens(1, { outages: [outage(0, 1, 100, 200), outage(0, 1, 300, 400, 200)] })).toEqual([
      '100 pool-0-0 down',
      '200 pool-0-0 drain',
      '300 pool-0-0 down',
      '400 pool-0-0 up',
    ])
    // Repaired in the same instant in which the next work begins: it never was up.
    expect(happens(1, { outages: [outage(0, 1, 100, 200), outage(0, 1, 200, 300)] })).toEqual([
      '100 pool-0-0 down',
      '300 pool-0-0 up',
    ])
  })

  it('caps power from some time on, and from the beginning where it was capped before', () => {
    const powered = { ...center(1), policy: { ...easy, power: { capW: 1e9, pools: {} } } }
    const powerCaps = [
      { atMs: 500, capW: null },
      { atMs: -20, capW: 9000 },
      { atMs: -10, capW: 8000 },
      { atMs: 200, capW: 7000 },
      { atMs: 1000, capW: 1 },
    ]
    const plan = { ...nothing, powerCaps, outages: [outage(0, 1, 100, 500)] }
    expect(told(happeningsOf(powered, plan, { seed: 1, fromMs: 0, untilMs: 1000 }))).toEqual([
      '0 8000 W',
      '100 pool-0-0 down',
      '200 7000 W',
      '500 pool-0-0 up',
      '500 no W',
    ])
  })

  it.each([
    [
      { powerCaps: [{ atMs: 0, capW: 1 }] },
      'the policy of center a center does not say what nodes draw: a power cap needs to know',
    ],
    [{ stays: [{ ...stay(0, 1, 0, 1), pool: 'h200' }] }, 'center a center has no pool of nodes h200'],
    [{ stays: [stay(3, 2, 0, 1)] }, 'pool pool-0 has nodes 0 to 3, not 3 to 4'],
    [{ outages: [outage(0, 1, 5, 5)] }, 'pool pool-0: what begins at 5 ms does not end at 5 ms'],
    [{ faults: [law({ nodesTogether: 0 })] }, 'faults nodes: 0 is no number of nodes that fail together'],
    [{ faults: [law({ perUnitDay: -1 })] }, 'faults nodes: -1 is no rate'],
    [{ faults: [law(), law()] }, 'two laws of faults are named nodes'],
  ])('is refused where it makes no sense: %j', (plan, message) => {
    expect(() => happens(4, plan)).toThrow(new RangeError(message))
  })
})

describe('what fails', () => {
  const span = { seed: 1, fromMs: 0, untilMs: 100 * DAY_MS }
  const failuresOf = (given: Partial<FaultLaw>, nodes = 40, seed = 1) => [
    ...failures(law(given), nodes, { ...span, seed }),
  ]

  it('fails as often as its law says', () => {
    // 40 units × 100 days × 0.5: 2,000, with a standard deviation of 45.
    for (const seed of [1, 2, 3]) {
      const { length } = failuresOf({ repairS: repairS(0.001) }, 40, seed)
      expect(length).toBeGreaterThan(2000 - 4 * 45)
      expect(length).toBeLessThan(2000 + 4 * 45)
    }
  })

  it('does not fail while it is repaired', () => {
    // Two days until it fails, one until it is repaired: 40 × 100 / 3 = 1,333, of which 1.5 % more for all begin in order.
    const found = failuresOf({ repairS: repairS(86_400) })
    expect(found.length).toBeGreaterThan(1333 - 4 * 36)
    expect(found.length).toBeLessThan(1353 + 4 * 36)
    const repairedMs = new Map<number, number>()
    for (const { firstNode, fromMs, untilMs } of found) {
      expect(fromMs).toBeGreaterThanOrEqual(repairedMs.get(firstNode) ?? 0)
      expect(untilMs - fromMs).toBe(DAY_MS)
      repairedMs.set(firstNode, untilMs)
    }
  })

  it('takes the nodes behind a switch together, and the last few behind the last one', () => {
    const units = new Set(failuresOf({ nodesTogether: 16 }).map(({ firstNode, nodes }) => `${firstNode}+${nodes}`))
    expect([...units].sort()).toEqual(['0+16', '16+16', '32+8'])
  })

  it('is another story under another seed, the same under the same, and none at a rate of 0', () => {
    expect(failuresOf({})).toEqual(failuresOf({}))
    expect(failuresOf({})).not.toEqual(failuresOf({}, 40, 2))
    expect(failuresOf({ perUnitDay: 0 })).toEqual([])
  })

  it('does not depend on what else may fail, on the end, or on how long repairs of others take', () => {
    const nodesOnly = failuresOf({})
    expect(nodesOnly.slice(0, 5)).toEqual([...failures(law(), 40, { ...span, untilMs: 10 * DAY_MS })].slice(0, 5))
    const both = happeningsOf(
      center(40, 40),
      { ...nothing, faults: [law(), law({ name: 'others', pool: 'pool-1', perUnitDay: 3 })] },
      span,
    )
    const alone = happeningsOf(center(40, 40), { ...nothing, faults: [law()] }, span)
    expect(both.filter(({ command }) => command.type === 'node' && command.pool === 'pool-0')).toEqual(alone)
    expect(both.length).toBeGreaterThan(2 * alone.length)
  })

  it('takes down a job by each unit that it has a part of', () => {
    const faults = [law({ perUnitDay: 0.01 }), law({ name: 'leaf', nodesTogether: 16, perUnitDay: 0.1 })]
    // 20 nodes × 0.01, and two switches × 0.1.
    expect(failuresPerDay(faults, 'pool-0', 20)).toBeCloseTo(0.4, 12)
    expect(failuresPerDay(faults, 'pool-1', 20)).toBe(0)
  })
})

describe('whatever is planned and whatever fails', () => {
  const range = fc
    .record({ firstNode: fc.nat({ max: 4 }), nodes: fc.integer({ min: 1, max: 5 }) })
    .map(({ firstNode, nodes }) => ({ pool: 'pool-0', firstNode, nodes: Math.min(nodes, 5 - firstNode) }))
  const moment = fc.integer({ min: -50, max: 150 })
  const during = fc
    .tuple(moment, fc.integer({ min: 1, max: 80 }))
    .map(([fromMs, ms]) => ({ fromMs, untilMs: fromMs + ms }))
  const plans: fc.Arbitrary<ServicePlan> = fc.record({
    stays: fc.array(
      fc.tuple(range, during, fc.boolean(), fc.boolean()).map(([nodes, { fromMs, untilMs }, opens, closes]) => ({
        ...nodes,
        fromMs: opens ? null : fromMs,
        untilMs: closes ? null : untilMs,
      })),
      { maxLength: 3 },
    ),
    outages: fc.array(
      fc
        .tuple(range, during, fc.constantFrom(0, 10, 30))
        .map(([nodes, times, drainMs]) => ({ ...nodes, ...times, drainMs })),
      { maxLength: 4 },
    ),
    faults: fc
      .array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 })
      .map((together) =>
        together.map((nodesTogether, i) =>
          law({ name: `law-${i}`, nodesTogether, perUnitDay: DAY_MS / 40, repairS: repairS(0.015) }),
        ),
      ),
    powerCaps: fc.constant([]),
  })

  it('a node is at every moment what all that bears on it makes of it', () => {
    const span = { seed: 5, fromMs: 0, untilMs: 100 }
    fc.assert(
      fc.property(plans, (plan) => {
        const happenings = happeningsOf(center(5), plan, span)
        const down = plan.faults.flatMap((one) => [...failures(one, 5, span)]).concat(plan.outages)
        const state: NodeState[] = new Array(5).fill('up')
        for (let atMs = 0, next = 0; atMs < 100; atMs++) {
          for (; happenings[next]?.atMs === atMs; next++) {
            const { command } = happenings[next]!
            if (command.type === 'node') state[command.node] = command.to
          }
          state.forEach((is, node) => {
            const bears = (one: { firstNode: number; nodes: number; fromMs: number | null; untilMs: number | null }) =>
              one.firstNode <= node &&
              node < one.firstNode + one.nodes &&
              (one.fromMs ?? -Infinity) <= atMs &&
              atMs < (one.untilMs ?? Infinity)
            const stays = plan.stays.filter((one) => bears({ ...one, fromMs: null, untilMs: null }))
            const isThere = stays.length === 0 || stays.some(bears)
            const drains = plan.outages.some((one) =>
              bears({ ...one, fromMs: one.fromMs - one.drainMs, untilMs: one.fromMs }),
            )
            expect(is).toBe(!isThere || down.some(bears) ? 'down' : drains ? 'drain' : 'up')
          })
        }
        expect(happenings.every(({ atMs }) => atMs < 100)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
