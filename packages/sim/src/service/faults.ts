// When what fails fails. Each unit of a law fails as if it had no memory, and is repaired after a time drawn from the law. The
// failures of all units are one Poisson process, each of them striking a unit picked at random; one that strikes a unit under
// repair is none. That is the same as a clock for every unit, and needs one draw a failure however many units there are.
//
// Times, units and repairs are drawn from streams of the law's own name: another law moves nothing, nor does a longer repair move
// the failures of other units.

import { type Stream, stream } from '../model/streams.ts'
import { drawTimeS } from '../model/time-law.ts'
import type { FaultLaw, NodeRange } from './service-plan.ts'

const DAY_MS = 86_400_000

/** Nodes that are down from `fromMs` to `untilMs`. */
export interface Downtime extends NodeRange {
  readonly fromMs: number
  readonly untilMs: number
}

/** The failures of a law between two moments, in order of time. At the first one everything is in order. @param nodes of its pool */
export function* failures(
  law: FaultLaw,
  nodes: number,
  { seed, fromMs, untilMs }: { readonly seed: number; readonly fromMs: number; readonly untilMs: number },
): Generator<Downtime> {
  if (law.perUnitDay === 0) return
  const units = Math.ceil(nodes / law.nodesTogether)
  const meanGapMs = DAY_MS / (law.perUnitDay * units)
  const [times, struck, repairs] = ['times', 'units', 'repairs'].map(
    (what): Stream => stream(seed, `faults/${law.name}/${what}`),
  )
  const repairedMs = new Float64Array(units)
  for (let passedMs = times!.exponential(meanGapMs); ; passedMs += times!.exponential(meanGapMs)) {
    const atMs = fromMs + Math.floor(passedMs)
    if (atMs >= untilMs) return
    const unit = struck!.int(0, units - 1)
    const repairMs = Math.ceil(1000 * drawTimeS(law.repairS, repairs!))
    if (atMs < repairedMs[unit]!) continue
    repairedMs[unit] = atMs + repairMs
    const firstNode = unit * law.nodesTogether
    const together = Math.min(law.nodesTogether, nodes - firstNode)
    yield { pool: law.pool, firstNode, nodes: together, fromMs: atMs, untilMs: atMs + repairMs }
  }
}

/** Failures in a day that take down a job on `nodes` nodes of a pool: of each law, those of the units that it has a part of at least. */
export const failuresPerDay = (faults: readonly FaultLaw[], pool: string, nodes: number): number =>
  faults.reduce((sum, law) => sum + (law.pool === pool ? law.perUnitDay * Math.ceil(nodes / law.nodesTogether) : 0), 0)
