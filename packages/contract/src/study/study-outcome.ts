// What a study came to, as one document: its rows, and what a reader needs to understand them. Reports are made from it alone.

import { z } from 'zod'
import { CapacityUnit } from '../catalogue/capacity.ts'
import { ResultRow } from './result-row.ts'

const Bilingual = z.strictObject({ ko: z.string(), en: z.string() })

/** What a sweep changes. */
const SweptField = z.strictObject({
  /** Column of the rows: `capacity_ef`, `npu_share`, `demand.load`. */
  column: z.string(),
  title: Bilingual,
  values: z.array(z.union([z.number(), z.string()])),
})

/** One machine that was simulated. */
const StudyPoint = z.strictObject({
  point: z.int().min(0),
  /** What people call it: the swept values, or the name of the scenario. */
  label: Bilingual,
  values: z.record(z.string(), z.union([z.number(), z.string()])),
  fleet: z.array(z.strictObject({ pool: z.string(), model: z.string(), kind: z.string(), accelerators: z.number() })),
  /** Peaks of the same machine in every unit. */
  capacity: z.strictObject({
    fp64: z.number(),
    bf16: z.number(),
    fp8: z.number(),
    h100_equivalents: z.number(),
    h100_equivalents_fp64: z.number(),
    accelerators_unknown: z.number(),
  }),
})

/** Something the plan promises, as `wait_p95_s < 86400` says it; `value` in the unit of the column. */
export const StudyPromise = z.strictObject({
  column: z.string(),
  comparison: z.enum(['<', '<=', '>', '>=']),
  value: z.number(),
})
export type StudyPromise = z.output<typeof StudyPromise>

/** Two sides of a comparison on the same seeds: the mean of the differences of pairs, and half its 95 % interval. */
const PairedDifference = z.strictObject({
  column: z.string(),
  /** Points and policies of the two sides. */
  base: z.strictObject({ point: z.int(), policy: z.string() }),
  other: z.strictObject({ point: z.int(), policy: z.string() }),
  mean: z.number(),
  /** null: one seed says nothing about others. */
  half_width: z.number().nullable(),
})

/** The smallest value of a knob that keeps the promise, and its neighbour below that does not. */
const Solution = z.strictObject({
  field: z.string(),
  policy: z.string(),
  /** null: no value of the range keeps it. */
  keeps: z.number().nullable(),
  /** null: the smallest of the range keeps it already. */
  misses: z.number().nullable(),
  /** Values tried, in order, and whether each kept the promise. */
  tried: z.array(z.strictObject({ value: z.number(), keeps: z.boolean() })),
})

export const StudyOutcome = z.strictObject({
  name: z.string(),
  title: Bilingual,
  description: Bilingual.optional(),
  kind: z.enum(['sweep', 'compare', 'solve']),
  unit: CapacityUnit,
  policies: z.array(z.string()),
  seeds: z.array(z.int()),
  fields: z.array(SweptField),
  points: z.array(StudyPoint),
  /** Sectors whose waits are columns of the rows, in order. */
  sectors: z.array(z.strictObject({ name: z.string(), title: Bilingual })),
  promises: z.array(StudyPromise),
  rows: z.array(ResultRow),
  differences: z.array(PairedDifference),
  solutions: z.array(Solution),
  /** Figures that the scenario assumes or takes from somewhere, for who wants to check them. */
  figures: z.array(
    z.strictObject({
      what: Bilingual,
      value: z.union([z.number(), z.string()]),
      unit: z.string(),
      source: z.string(),
      assumed: z.boolean(),
    }),
  ),
  /** Pages that figures name by a key. */
  sources: z.array(z.strictObject({ key: z.string(), page: z.string() })),
  provenance: z.strictObject({
    /** SHA-256 of the resolved scenario, 64 hex digits. */
    scenario_hash: z.string(),
    version: z.string(),
    /** Simulated dates, ISO, and how many of their first days were left out of the measures. */
    from: z.string(),
    days: z.number(),
    warmup_days: z.number(),
  }),
})
export type StudyOutcome = z.output<typeof StudyOutcome>
