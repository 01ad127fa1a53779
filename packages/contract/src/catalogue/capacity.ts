// What a fleet adds up to. "2 exaflops" makes sense in FP64 only: 30,000 H100 × 66.9 TFLOPS = 2.007 EF. The same fleet is
// 29.7 EF in BF16, so every figure says its format, and what adds nothing to it is named.

import { z } from 'zod'
import type { Accelerator } from './accelerator.ts'
import { acceleratorOf, figureOf } from './catalogue.ts'

/** Reference of "H100-equivalents": one H100, dense. TFLOPS. */
export const H100_BF16_TFLOPS = 989.4
export const H100_FP64_TFLOPS = 66.9

const TFLOPS_PER_EXAFLOPS = 1_000_000

/** What a plan counts its capacity in. The first is the policy's own. */
export const CapacityUnit = z.enum(['fp64', 'bf16', 'fp8', 'h100_equivalents', 'h100_equivalents_fp64'])
export type CapacityUnit = z.output<typeof CapacityUnit>

/** So many accelerators of a model; parts of one count as parts. */
export interface FleetPart {
  readonly model: string | null
  readonly count: number
}

/** A fleet's peaks. The field names are those of the HTTP interface (`Exaflops`). */
export interface FleetPeak {
  readonly fp64: number
  readonly bf16: number
  readonly fp8: number
  readonly h100_equivalents: number
  readonly h100_equivalents_fp64: number
  /** Accelerators that count as 0 in some format because its number is not known. */
  readonly accelerators_unknown: number
}

const peakFormats = ['fp64', 'bf16', 'fp8'] as const
type PeakFormat = (typeof peakFormats)[number]

/** Adds a fleet up in every format, exaflops. */
export function fleetPeak(fleet: readonly FleetPart[]): FleetPeak {
  let unknown = 0
  const tflops = { fp64: 0, bf16: 0, fp8: 0 }
  for (const { model, count } of fleet) {
    const accelerator = model === null ? undefined : acceleratorOf(model)
    const peaks = peakFormats.map((format) => (accelerator === undefined ? null : figureOf(accelerator, format)))
    for (const [index, format] of peakFormats.entries()) tflops[format] += count * (peaks[index] ?? 0)
    if (peaks.includes(null)) unknown += count
  }
  return {
    fp64: tflops.fp64 / TFLOPS_PER_EXAFLOPS,
    bf16: tflops.bf16 / TFLOPS_PER_EXAFLOPS,
    fp8: tflops.fp8 / TFLOPS_PER_EXAFLOPS,
    h100_equivalents: tflops.bf16 / H100_BF16_TFLOPS,
    h100_equivalents_fp64: tflops.fp64 / H100_FP64_TFLOPS,
    accelerators_unknown: unknown,
  }
}

/** The format that a unit counts, and the TFLOPS of one of it. */
const units: Readonly<Record<CapacityUnit, { readonly format: PeakFormat; readonly tflops: number }>> = {
  fp64: { format: 'fp64', tflops: TFLOPS_PER_EXAFLOPS },
  bf16: { format: 'bf16', tflops: TFLOPS_PER_EXAFLOPS },
  fp8: { format: 'fp8', tflops: TFLOPS_PER_EXAFLOPS },
  h100_equivalents: { format: 'bf16', tflops: H100_BF16_TFLOPS },
  h100_equivalents_fp64: { format: 'fp64', tflops: H100_FP64_TFLOPS },
}

/** What one accelerator counts in a unit: exaflops or H100s; null where nobody has published its peak. */
export function capacityOfOne(accelerator: Accelerator, unit: CapacityUnit): number | null {
  const { format, tflops } = units[unit]
  const peak = figureOf(accelerator, format)
  return peak === null ? null : peak / tflops
}

/** The least and the most that a fleet is in a unit, where sources disagree on what its accelerators do. */
export function capacitySpan(fleet: readonly FleetPart[], unit: CapacityUnit): { low: number; high: number } {
  const { format, tflops } = units[unit]
  let low = 0
  let high = 0
  for (const { model, count } of fleet) {
    const peak = model === null ? null : acceleratorOf(model)?.figures[format]
    if (!peak) continue
    const values = [peak, ...peak.others].map(({ value }) => value)
    low += count * Math.min(...values)
    high += count * Math.max(...values)
  }
  return { low: low / tflops, high: high / tflops }
}

/**
 * Why a part of a fleet adds nothing in a format.
 * - `no-format`: its hardware has no such format.
 * - `unpublished`: it may have it; nobody has said how fast it is.
 * - `no-such-model`, `no-model`: the catalogue does not have it, or the part does not say what it is.
 */
export interface CapacityGap extends FleetPart {
  readonly format: PeakFormat
  readonly reason: 'no-format' | 'unpublished' | 'no-such-model' | 'no-model'
}

/** Every part of a fleet and every format of its capacity where it adds nothing, in the order of the fleet. */
export function capacityGaps(fleet: readonly FleetPart[]): CapacityGap[] {
  return fleet.flatMap((part) =>
    peakFormats.flatMap((format): CapacityGap[] => {
      const reason = gapReason(part, format)
      return reason === null ? [] : [{ ...part, format, reason }]
    }),
  )
}

function gapReason({ model }: FleetPart, format: PeakFormat): CapacityGap['reason'] | null {
  if (model === null) return 'no-model'
  const accelerator = acceleratorOf(model)
  if (accelerator === undefined) return 'no-such-model'
  const peak = figureOf(accelerator, format)
  if (peak === null) return 'unpublished'
  return peak === 0 ? 'no-format' : null
}
