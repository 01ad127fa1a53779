// A job's priority as one number: the weighted sums of Slurm (`priority/multifactor`) and Flux (`mf_priority`).
// In both the fair-share factor is one term among several, so that age, size or a queue's weight can outbid it; under
// `fairshare` in Dure nothing outbids the order of users. Larger goes first. Pure functions, no state, O(factors).

/** Weights of Slurm's factors (`PriorityWeight…`); a factor without a weight counts nothing. */
export interface MultifactorWeights {
  readonly age?: number
  readonly association?: number
  readonly fairShare?: number
  readonly jobSize?: number
  readonly partition?: number
  readonly qos?: number
  /** By resource. */
  readonly resources?: Readonly<Record<string, number>>
}

/** Factors of one job, each normally from 0 to 1; what is absent is 0. */
export interface MultifactorFactors {
  readonly age?: number
  readonly association?: number
  readonly fairShare?: number
  readonly jobSize?: number
  readonly partition?: number
  readonly qos?: number
  readonly resources?: Readonly<Record<string, number>>
  /** Added as it is. */
  readonly site?: number
  /** Subtracted as it is. */
  readonly nice?: number
}

/** 0 is for held jobs, so a job that may run has at least 1. */
const SLURM_PRIORITY_MIN = 1
const PRIORITY_MAX = 0xffff_ffff

const FACTORS = ['age', 'association', 'fairShare', 'jobSize', 'partition', 'qos'] as const

/** Σ weight · factor + site − nice, truncated, from 1 to 2^32 − 1. Slurm priority_multifactor.c. */
export function multifactorPriority(weights: MultifactorWeights, factors: MultifactorFactors): number {
  let priority = 0
  for (const name of FACTORS) priority += (weights[name] ?? 0) * (factors[name] ?? 0)
  for (const [name, weight] of Object.entries(weights.resources ?? {})) {
    priority += weight * (factors.resources?.[name] ?? 0)
  }
  priority += (factors.site ?? 0) - (factors.nice ?? 0)
  return Math.min(Math.max(Math.trunc(priority), SLURM_PRIORITY_MIN), PRIORITY_MAX)
}

/** Age factor: full after `ageMaxMs` (`PriorityMaxAge`, 7 days by default) in which the job could have started. */
export const ageFactor = (eligibleMs: number, ageMaxMs: number): number => Math.min(1, eligibleMs / ageMaxMs)

/** A partition's, QOS's or association's own number as a factor: a part of the largest there is, or itself (`NO_NORMAL_…`). */
export function normalizedFactor(own: number, largest: number, isNormalized: boolean): number {
  if (!isNormalized) return own
  return largest > 0 ? own / largest : 0
}

export interface JobSize {
  readonly nodes: number
  readonly cpus: number
  readonly nodesAll: number
  readonly cpusAll: number
  readonly limitMin: number
}

export interface JobSizeOptions {
  /** `PriorityFavorSmall`. */
  readonly favoursSmall: boolean
  /** `SMALL_RELATIVE_TO_TIME`: processors for each minute of the limit instead of processors. */
  readonly isRelativeToTime: boolean
}

/**
 * Job size factor from 0 to 1. What Slurm's program does: under `PriorityFavorSmall` a job of one node gets (N − 1) / N,
 * where its documentation promises 1.
 */
export function jobSizeFactor(
  { nodes, cpus, nodesAll, cpusAll, limitMin }: JobSize,
  { favoursSmall, isRelativeToTime }: JobSizeOptions,
): number {
  if (isRelativeToTime) {
    const width = Math.max((nodes * cpusAll) / nodesAll, cpus)
    const factor = Math.min(1, width / limitMin / cpusAll)
    return favoursSmall ? 1 - factor : factor
  }
  const factor = favoursSmall
    ? ((nodesAll - nodes) / nodesAll + (cpusAll - cpus) / cpusAll) / 2
    : (nodes / nodesAll + cpus / cpusAll) / 2
  return Math.min(1, Math.max(0, factor))
}

/** Weights of Flux's factors and what they are by default (flux-accounting, job priorities); a bank counts nothing unless weighted. */
export interface FluxWeights {
  readonly fairShare: number
  readonly queue: number
  readonly bank: number
  readonly urgency: number
}

export const fluxWeights: FluxWeights = { fairShare: 100_000, queue: 10_000, bank: 0, urgency: 1000 }

export interface FluxFactors {
  readonly fairShare: number
  readonly queue: number
  readonly bank: number
  /** From 0 to 31; 16 is neutral, 0 holds the job and 31 puts it before all others. */
  readonly urgency: number
}

const URGENCY_HOLD = 0
const URGENCY_NEUTRAL = 16
const URGENCY_EXPEDITE = 31

/** Σ weight · factor, rounded, not below 0; urgencies 0 and 31 settle it alone. */
export function fluxPriority(weights: FluxWeights, { fairShare, queue, bank, urgency }: FluxFactors): number {
  if (urgency === URGENCY_HOLD) return 0
  if (urgency === URGENCY_EXPEDITE) return PRIORITY_MAX
  const priority =
    weights.fairShare * fairShare +
    weights.queue * queue +
    weights.bank * bank +
    weights.urgency * (urgency - URGENCY_NEUTRAL)
  return Math.min(Math.max(Math.round(priority), 0), PRIORITY_MAX)
}
