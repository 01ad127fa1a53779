// Which kinds of work run on which accelerators, and how fast beside an H100. The rule is a ceiling: the peak that bounds
// the kind, divided by that of an H100. Where somebody has measured, the measurement stands in the place of the ceiling.
//
// Peaks flatter: real training reaches 35 to 45 % of them. As a ratio of two devices that mostly cancels; between vendors it
// does not, and software that is less mature makes the ceiling a distant one.

import type { Accelerator, FigureName } from './accelerator.ts'
import { acceleratorOf, figureOf } from './catalogue.ts'
import type { FigureStatus } from './figure.ts'
import { type NpuReadiness, npuReadinessOf } from './npu-readiness.ts'
import type { SourceKey } from './sources.ts'

/** The seven kinds of work of the simulator's model (`jobKinds`). */
export const jobKindNames = [
  'notebook',
  'evaluation',
  'fine-tune',
  'classical',
  'pretraining',
  'inference',
  'hpc',
] as const
export type JobKindName = (typeof jobKindNames)[number]

/**
 * What a kind waits for.
 * - `person`: who types is no faster on a faster device.
 * - `bf16`, `fp64`: the arithmetic of training and of simulation.
 * - `8-bit`: that of inference in batches, in FP8 or INT8, whichever the device does faster.
 * - `memory`: reading the model for every token; inside the memory where that computes.
 */
type Bound = 'person' | 'bf16' | 'fp64' | '8-bit' | 'memory'

interface KindRule {
  readonly bound: Bound
  readonly runsOn: readonly Accelerator['kind'][]
}

const rules: Readonly<Record<JobKindName, KindRule>> = {
  notebook: { bound: 'person', runsOn: ['gpu'] },
  evaluation: { bound: '8-bit', runsOn: ['gpu', 'npu'] },
  'fine-tune': { bound: 'bf16', runsOn: ['gpu'] },
  classical: { bound: 'bf16', runsOn: ['gpu'] },
  pretraining: { bound: 'bf16', runsOn: ['gpu'] },
  inference: { bound: 'memory', runsOn: ['gpu', 'npu', 'pim'] },
  hpc: { bound: 'fp64', runsOn: ['gpu'] },
}

const figuresOf: Readonly<Record<Exclude<Bound, 'person'>, readonly FigureName[]>> = {
  bf16: ['bf16'],
  fp64: ['fp64'],
  '8-bit': ['fp8', 'int8'],
  memory: ['internalBandwidthGbPerS', 'bandwidthGbPerS'],
}

/** A double-precision rate below this part of an H100's is there for compatibility only: no simulation is sent to it. */
const TOKEN_FP64_MILLE = 100

/** Memory that computes is credited with so much at most: what has been reported where few requests come at a time. */
const PIM_MILLE_MAX = 3000

interface Measurement {
  readonly kinds: readonly JobKindName[]
  readonly model: string
  readonly mille: number
  readonly status: FigureStatus
  readonly sources: readonly SourceKey[]
  /** What was run. */
  readonly of: string
}

/** Tokens a second beside an H100. */
const measurements: readonly Measurement[] = [
  {
    kinds: ['inference'],
    model: 'A100',
    mille: Math.round(1000 / 2.4),
    status: 'weak',
    sources: ['g1'],
    of: 'a 70B model; the H100 in FP8 does about 2.4 times as much',
  },
  {
    kinds: ['inference'],
    model: 'H200',
    mille: Math.round((1000 * 37) / 32),
    status: 'weak',
    sources: ['g2'],
    of: 'Llama-2-70B, one request at a time: 37 tokens a second, 32 on an H100',
  },
  {
    kinds: ['inference'],
    model: 'B200',
    mille: Math.round((1000 * 78) / 32),
    status: 'weak',
    sources: ['g2'],
    of: 'Llama-2-70B, one request at a time: 78 tokens a second, 32 on an H100',
  },
  {
    kinds: ['evaluation', 'inference'],
    model: 'RNGD',
    mille: Math.round((1000 * 3935) / 13_222),
    status: 'verified',
    sources: ['r6'],
    of: 'Llama-3.1-8B on one card: 3,935 tokens a second, 13,222 on an H100',
  },
]

export type JobSpeed =
  | {
      readonly runs: true
      /** Speed in thousandths of an H100's. */
      readonly mille: number
      /** By the peak that bounds the kind, whether or not somebody has measured. */
      readonly ceilingMille: number | null
      readonly bound: Bound
      readonly basis: 'peak' | 'measurement' | 'person'
      /** How sure the figures are that it rests on. */
      readonly status: FigureStatus
      readonly sources: readonly SourceKey[]
      readonly note: string | null
      /** Of the jobs of this kind, those that the device's software can run, in thousandths. */
      readonly portableMille: number
    }
  | {
      readonly runs: false
      /**
       * - `no-such-model`: the catalogue does not have it.
       * - `wrong-device`: the kind does not run on GPUs, NPUs or PIM devices, whichever this is.
       * - `token-fp64`: it needs double precision, of which the device has none to speak of.
       * - `not-yet`: nobody could have the device in that year.
       * - `no-software`: no software of that year runs the kind on it.
       * - `unpublished`: nobody has published the figure that bounds the kind.
       */
      readonly reason: 'no-such-model' | 'wrong-device' | 'token-fp64' | 'not-yet' | 'no-software' | 'unpublished'
    }

const reference = acceleratorOf('H100')!

/**
 * How fast a kind of work runs on a model in a year.
 * @param readiness how much of the inference NPU software can run, by year; a plan may bring its own.
 */
export function speedOf(kind: JobKindName, model: string, year: number, readiness?: readonly NpuReadiness[]): JobSpeed {
  const accelerator = acceleratorOf(model)
  if (accelerator === undefined) return { runs: false, reason: 'no-such-model' }
  const { bound, runsOn } = rules[kind]
  if (!runsOn.includes(accelerator.kind)) return { runs: false, reason: 'wrong-device' }
  if (year < (figureOf(accelerator, 'availableYear') ?? year)) return { runs: false, reason: 'not-yet' }

  const portableMille = accelerator.kind === 'npu' ? npuReadinessOf(year, readiness) : 1000
  if (portableMille === 0) return { runs: false, reason: 'no-software' }
  if (bound === 'person') {
    return {
      runs: true,
      mille: 1000,
      ceilingMille: null,
      bound,
      basis: 'person',
      status: 'derived',
      sources: [],
      note: 'A person at work is no faster on a faster device.',
      portableMille,
    }
  }

  const ceiling = ceilingOf(accelerator, bound)
  if (bound === 'fp64' && ceiling !== null && ceiling.mille < TOKEN_FP64_MILLE) {
    return { runs: false, reason: 'token-fp64' }
  }
  const measured = measurements.find((one) => one.model === accelerator.model && one.kinds.includes(kind))
  if (measured !== undefined) {
    const { mille, status, sources, of } = measured
    const ceilingMille = ceiling?.mille ?? null
    return { runs: true, mille, ceilingMille, bound, basis: 'measurement', status, sources, note: of, portableMille }
  }
  if (ceiling === null) return { runs: false, reason: 'unpublished' }
  const { mille, status, sources } = ceiling
  return { runs: true, mille, ceilingMille: mille, bound, basis: 'peak', status, sources, note: null, portableMille }
}

/** The accelerator's bounding peak in thousandths of an H100's, and what it rests on; null where it is not published. */
function ceilingOf(
  accelerator: Accelerator,
  bound: Exclude<Bound, 'person'>,
): { mille: number; status: FigureStatus; sources: readonly SourceKey[] } | null {
  const names = figuresOf[bound]
  const known = names.map((name) => accelerator.figures[name]).filter((figure) => figure !== null)
  const best = known.toSorted((a, b) => b.value - a.value)[0]
  if (best === undefined) return null
  const beside = Math.max(...names.map((name) => figureOf(reference, name) ?? 0))
  const mille = Math.round((1000 * best.value) / beside)
  return {
    mille: accelerator.kind === 'pim' ? Math.min(mille, PIM_MILLE_MAX) : mille,
    status: best.status,
    sources: best.sources,
  }
}
