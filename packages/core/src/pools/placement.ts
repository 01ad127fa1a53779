// Rules that choose a node by a value of what is left on it before the job is put there and after. The least cost is best.
// Values are exact integers, so that ties are ties on every machine.

import type { Shape } from '../backlog.ts'
import type { PlacementRule } from '../policy.ts'
import { type NodePoolConfig, WHOLE_ACCELERATOR_MILLI } from '../pool-config.ts'
import { giveBack, pick } from './devices.ts'
import { Fragmentation } from './fragmentation.ts'

export interface NodeValue {
  of(leftMilli: Int32Array, cpuMilli: number, memoryMib: number): number
  cost(before: number, after: number): number
}

/**
 * Near no growth the published scheduler tells apart steps of this many thousandths: it compares whole points from 0 to 100 on
 * a logistic curve, 25 points to an accelerator. The coarse comparison is no detail: within a step nodes fill up in order, and
 * without it the published part of the cluster that is put to use is not reached (`openb.test.ts`).
 */
const PUBLISHED_STEP_MILLI = 40

/** The value a rule goes by on the nodes of a pool; undefined for the tightest, which needs none (`free-nodes.ts`). */
export function nodeValueOf(placement: PlacementRule | undefined, pool: NodePoolConfig): NodeValue | undefined {
  switch (placement?.rule) {
    case undefined:
    case 'tightest':
      return undefined
    case 'best-fit':
      return spareValue(pool)
    case 'least-fragmentation': {
      const { workload, stepMilli = PUBLISHED_STEP_MILLI } = placement
      if (!Number.isSafeInteger(stepMilli) || stepMilli < 1) {
        throw new RangeError(`stepMilli must be a whole number above 0, not ${stepMilli}`)
      }
      const fragmentation = new Fragmentation(workload, pool.name)
      const step = stepMilli * fragmentation.popularity
      return {
        of: (left, cpuMilli, memoryMib) => fragmentation.of(left, cpuMilli, memoryMib),
        cost: (before, after) => Math.ceil((after - before) / step),
      }
    }
    default: {
      const never: never = placement
      return never
    }
  }
}

/** CPU and accelerators that are free, each as a part of a whole node, over their common denominator. */
function spareValue({ perNode }: NodePoolConfig): NodeValue {
  const wholeCpu = Math.max(1, perNode.cpuMilli)
  const wholeAccelerators = perNode.accelerators * WHOLE_ACCELERATOR_MILLI
  return {
    of: (left, cpuMilli) => left.reduce((sum, milli) => sum + milli, 0) * wholeCpu + cpuMilli * wholeAccelerators,
    cost: (_, after) => after,
  }
}

/** Where on a node a job's part would go, and what that costs. */
interface Placing {
  readonly devices: number
  readonly cost: number
}

/**
 * The devices of one node that are best for a part of a shape; undefined where it does not fit. `left` is tried on and left as
 * it was. A slice takes the device that costs least, of those the one with the least left, then the lowest-numbered.
 */
export function placing(
  value: NodeValue,
  left: Int32Array,
  cpuMilli: number,
  memoryMib: number,
  shape: Shape,
): Placing | undefined {
  if (shape.cpuMilli > cpuMilli || shape.memoryMib > memoryMib) return undefined
  const before = value.of(left, cpuMilli, memoryMib)
  const costOn = (devices: number): number => {
    giveBack(left, devices, shape, -1)
    const after = value.of(left, cpuMilli - shape.cpuMilli, memoryMib - shape.memoryMib)
    giveBack(left, devices, shape, 1)
    return value.cost(before, after)
  }
  if (shape.accelerators > 0) {
    const devices = pick(left, 0, left.length, shape)
    return devices === 0 ? undefined : { devices, cost: costOn(devices) }
  }
  let best: Placing | undefined
  let bestLeft = 0
  for (let device = 0; device < left.length; device++) {
    const milli = left[device]!
    if (milli < shape.acceleratorsMilli || left.indexOf(milli) < device) continue
    const cost = costOn(1 << device)
    if (best !== undefined && (cost > best.cost || (cost === best.cost && milli > bestLeft))) continue
    best = { devices: 1 << device, cost }
    bestLeft = milli
  }
  return best
}
