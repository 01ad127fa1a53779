// What a bench has to say, the same for all of them, and how it is printed.

import { median, percentile } from './statistics.ts'

/** One measured quantity. */
export interface Figure {
  /** Unique in its bench; what bounds are written for. */
  readonly name: string
  /** `jobs/s`, `ms`, `MB`, or `ratio`. */
  readonly unit: string
  readonly median: number
  readonly least: number
  readonly most: number
  readonly samples: number
  /** Where it is a latency. */
  readonly p99?: number
}

export interface BenchReport {
  readonly bench: string
  /** What it was run on, in words. */
  readonly size: string
  readonly figures: readonly Figure[]
  /** Hash of each answer by case: `facts_hash`, or what the bench says it is. */
  readonly answers: Readonly<Record<string, string>>
  /** Answers that differ from run to run, as wall time is in them; they were checked by other means. */
  readonly timed?: true
}

export function figure(name: string, unit: string, samples: ArrayLike<number>): Figure {
  return {
    name,
    unit,
    median: median(samples),
    least: percentile(samples, 0),
    most: percentile(samples, 100),
    samples: samples.length,
  }
}

/** A figure of which the rare bad case matters as much as the usual one. */
export const latency = (name: string, unit: string, samples: ArrayLike<number>): Figure => ({
  ...figure(name, unit, samples),
  p99: percentile(samples, 99),
})

/** What is held against a bound or a target: the median, or the p99 where that was promised. */
export function figureValue({ name, median, p99 }: Figure, of: 'median' | 'p99' = 'median'): number {
  if (of === 'median') return median
  if (p99 === undefined) throw new RangeError(`the p99 of ${name} is asked for, which is no latency`)
  return p99
}

export function printed({ bench, size, figures, answers }: BenchReport): string {
  const width = figures.reduce((most, { name }) => Math.max(most, name.length), 0)
  const lines = figures.map((one) => `  ${one.name.padEnd(width)}  ${distribution(one)}`)
  const hashes = Object.entries(answers).map(([name, hash]) => `  = ${name} ${hash}`)
  return [`${bench}: ${size}`, ...lines, ...hashes].join('\n')
}

function distribution(one: Figure): string {
  const value = `${amount(one.median)} ${one.unit}`.padStart(18)
  return one.samples === 1 ? value : `${value}  ${one.p99 === undefined ? 'median' : 'p50'} of ${spreadOf(one)}`
}

/** How often it was measured, and between what. */
export function spreadOf({ least, most, samples, p99 }: Figure): string {
  if (samples === 1) return '1'
  if (p99 === undefined) return `${samples}, ${amount(least)} to ${amount(most)}`
  return `${samples}, p99 ${amount(p99)}, worst ${amount(most)}`
}

/** Three significant digits are more than a shared machine can repeat. */
export const amount = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
