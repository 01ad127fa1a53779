// The accelerator devices of one node: how much is left on each, in thousandths, and which of them a job would take.
// Devices are named by the bits of a mask.

import type { Shape } from '../backlog.ts'
import { NONE } from '../jobs.ts'
import { WHOLE_ACCELERATOR_MILLI } from '../pool-config.ts'

/** Neither wholly free nor used up. */
export const isRest = (milli: number): boolean => milli > 0 && milli < WHOLE_ACCELERATOR_MILLI

/**
 * The devices one node's part of a shape would take of `left[from..to)`, as a mask from bit 0 on: the lowest-numbered, or
 * the tightest for a slice; 0 if it does not fit.
 */
export function pick(left: Int32Array, from: number, to: number, shape: Shape): number {
  if (shape.accelerators === 0) return pickSlice(left, from, to, shape.acceleratorsMilli)
  let devices = 0
  let missing = shape.accelerators
  for (let at = from; at < to && missing > 0; at++) {
    if (left[at] !== WHOLE_ACCELERATOR_MILLI) continue
    devices |= 1 << (at - from)
    missing--
  }
  return missing === 0 ? devices : 0
}

function pickSlice(left: Int32Array, from: number, to: number, milli: number): number {
  let tightest = NONE
  for (let at = from; at < to; at++) {
    if (left[at]! >= milli && (tightest === NONE || left[at]! < left[tightest]!)) tightest = at
  }
  return tightest === NONE ? 0 : 1 << (tightest - from)
}

/** Adds what one node's part of a shape holds on `devices`, or takes it away. */
export function giveBack(left: Int32Array, devices: number, shape: Shape, sign: 1 | -1): void {
  const each = shape.accelerators > 0 ? WHOLE_ACCELERATOR_MILLI : shape.acceleratorsMilli
  for (let device = 0; device < left.length; device++) if ((devices & (1 << device)) !== 0) left[device]! += sign * each
}
