import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Backlog, type Shape } from '../backlog.ts'
import { Jobs } from '../jobs.ts'
import type { PlacementRule } from '../policy.ts'
import type { NodePoolConfig } from '../pool-config.ts'
import { NodeStates } from './node-states.ts'
import { nodeValueOf, placing } from './placement.ts'

const pool: NodePoolConfig = {
  name: 'gpu',
  kind: 'gpu',
  model: 'any',
  nodes: 40,
  perNode: { cpuMilli: 8, memoryMib: 8, accelerators: 3 },
}
const rules: readonly PlacementRule[] = [
  { rule: 'best-fit' },
  {
    rule: 'least-fragmentation',
    workload: [
      { acceleratorsMilli: 500, cpuMilli: 1, popularity: 2 },
      { acceleratorsMilli: 2000, cpuMilli: 4, memoryMib: 2, popularity: 1 },
    ],
  },
]

interface Rest {
  readonly left: readonly number[]
  readonly cpu: number
  readonly memory: number
}
const rest: fc.Arbitrary<Rest> = fc.record({
  left: fc.array(fc.constantFrom(0, 250, 500, 1000, 1000), { minLength: 3, maxLength: 3 }),
  cpu: fc.constantFrom(0, 4, 8),
  memory: fc.constantFrom(1, 8),
})
const request = fc.record({
  acceleratorsMilli: fc.constantFrom(250, 500, 1000, 2000),
  cpuMilli: fc.constantFrom(0, 4, 5),
  memoryMib: fc.constantFrom(0, 2),
})

// What a node would cost is asked of each anew here; the states must come to the same order, whatever was there before.
it.each(rules)('nodes are visited by cost and then by number: $rule', (rule) => {
  const value = nodeValueOf(rule, pool)!
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 39 }), rest), { maxLength: 80, size: 'max' }),
      fc.array(request, { minLength: 1, maxLength: 4 }),
      fc.nat({ max: 40 }),
      (changes, requests, enough) => {
        const shapes = new Backlog(new Jobs(), 1, false, false)
        const states = new NodeStates(40, value)
        const known = new Map<number, Rest>()
        const shapeOf = ({ acceleratorsMilli, cpuMilli, memoryMib }: (typeof requests)[number]): Shape =>
          shapes.intern([0], 1, acceleratorsMilli, cpuMilli, memoryMib)
        const visited = (asked: (typeof requests)[number], limit: number): number[] => {
          const nodes: number[] = []
          states.visitByCost(shapeOf(asked), (node) => nodes.push(node) < limit)
          return nodes
        }
        for (const [i, [node, now]] of changes.entries()) {
          if (known.delete(node)) states.delete(node)
          if (i % 7 === 6) continue
          states.add(node, Int32Array.from([9, ...now.left]), 1, 4, now.cpu, now.memory)
          known.set(node, now)
          visited(requests[i % requests.length]!, 2) // what is worked out early must not be wrong later
        }
        for (const asked of requests) {
          const shape = shapeOf(asked)
          const costs = [...known].flatMap(([node, { left, cpu, memory }]) => {
            const cost = placing(value, Int32Array.from(left), cpu, memory, shape)?.cost
            return cost === undefined ? [] : [{ node, cost }]
          })
          const order = costs.toSorted((a, b) => a.cost - b.cost || a.node - b.node).map(({ node }) => node)
          expect(visited(asked, Number.POSITIVE_INFINITY)).toEqual(order)
          if (enough > 0) expect(visited(asked, enough)).toEqual(order.slice(0, enough))
        }
      },
    ),
    { numRuns: 150, seed: 1 },
  )
})
