// What a study asks, as the `study:` section of a scenario file says it. One of three questions: how does it go as fields change (sweep),
// which side is better (compare), how little is enough (solve). The section stays as it was written and is checked here only;
// `@dure/study` makes simulations of it.

import { policies } from '@dure/core'
import { z } from 'zod'
import { nearestName } from '../nearest-name.ts'
import { resultColumns } from './result-row.ts'
import { parseThreshold, thresholdForms } from './threshold.ts'

/** Simulations a study may ask for: a week of work for two cores at a minute each. */
export const STUDY_UNITS_MAX = 10_000

const SEEDS_MAX = 1_000

const Title = z.strictObject({ ko: z.string().min(1).max(200), en: z.string().min(1).max(200) })

/** Columns that say which simulation a row is of: they cannot be swept. `capacity_ef` can: its column says what was reached. */
const isTaken = (field: string): boolean =>
  field !== 'capacity_ef' && (resultColumns.some((column) => column === field) || field.startsWith('wait_p'))

/** A setting of a scenario by its path (`pools.rngd.nodes`), or one of the knobs `capacity_ef`, `npu_share`, `budget_krw`. */
const Field = z
  .string()
  .max(128)
  .regex(/^[\p{L}\p{N}_@-]+(?:\.[\p{L}\p{N}_@-]+)*$/u)
  .refine((field) => !isTaken(field), 'names a column of every study; take a field of the scenario')

const Spacing = z.enum(['linear', 'geometric'])

const isDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length

/** Ends that values can be put between. */
const checkRange = (
  { from, to, spacing }: { from: number; to: number; spacing?: 'linear' | 'geometric' | undefined },
  addIssue: (issue: { code: 'custom'; path: string[]; message: string }) => void,
): void => {
  if (to <= from) addIssue({ code: 'custom', path: ['to'], message: 'must be more than `from`' })
  if (spacing === 'geometric' && from <= 0)
    addIssue({ code: 'custom', path: ['from'], message: 'must be more than 0 where spacing is geometric' })
}

/** One field and the values it takes: listed, or so many points from one end to the other. */
const SweptAxis = z
  .strictObject({
    field: Field,
    title: Title.optional(),
    values: z
      .array(z.union([z.number(), z.string().min(1).max(200)]))
      .min(1)
      .refine(isDistinct, 'must not have the same value twice')
      .optional(),
    from: z.number().optional(),
    to: z.number().optional(),
    points: z.int().min(2).optional(),
    spacing: Spacing.optional(),
    /** Round to whole numbers, such as of nodes. */
    whole: z.boolean().optional(),
  })
  .superRefine((axis, { addIssue }) => {
    const { values, from, to, points, spacing } = axis
    if (values !== undefined) {
      for (const name of ['from', 'to', 'points', 'spacing', 'whole'] as const) {
        if (axis[name] !== undefined)
          addIssue({ code: 'custom', path: [name], message: 'does not go with `values`; leave out one of the two' })
      }
    } else if (from === undefined || to === undefined || points === undefined) {
      addIssue({ code: 'custom', path: [], message: 'needs `values`, or `from`, `to` and `points`' })
    } else checkRange({ from, to, spacing }, addIssue)
  })
export type SweptAxis = z.output<typeof SweptAxis>

const PolicyName = z.string().superRefine((name, { addIssue }) => {
  const names = policies.map((policy) => policy.name)
  if (names.includes(name)) return
  const meant = nearestName(name, names)
  addIssue(meant === null ? `must be one of ${names.join(', ')}` : `is no policy; did you mean \`${meant}\``)
})
const Policies = z.array(PolicyName).min(1).refine(isDistinct, 'must not name the same policy twice')

const Compare = z
  .strictObject({
    policies: Policies.optional(),
    /** Names of presets, or files beside the one that says this; without any, the scenario itself. */
    scenarios: z
      .array(z.string().min(1).max(1_000))
      .min(1)
      .refine(isDistinct, 'must not name the same scenario twice')
      .optional(),
  })
  .refine(({ policies: named = [], scenarios = [] }) => named.length > 1 || scenarios.length > 1, {
    error: 'needs two policies or two scenarios at least',
  })

const Threshold = z
  .string()
  .max(200)
  .refine((text) => parseThreshold(text) !== null, `must be ${thresholdForms}`)
export const Promises = z.union([Threshold, z.array(Threshold).min(1).max(20)])

const Solve = z
  .strictObject({
    knob: Field,
    title: Title.optional(),
    from: z.number().min(0),
    to: z.number(),
    /** How near the answer is: a part of it (0.05: a value 5 % less misses), or of `to` where spacing is linear. */
    tolerance: z.number().min(0.001).max(0.5).default(0.05),
    /** Default: geometric, linear from 0. */
    spacing: Spacing.optional(),
    whole: z.boolean().optional(),
    /** Default: what the scenario promises. */
    promise: Promises.optional(),
  })
  .superRefine((solve, { addIssue }) => checkRange(solve, addIssue))
export type Solve = z.output<typeof Solve>

const Seed = z.int().min(0).max(0xffff_ffff)

export const StudySection = z
  .strictObject({
    title: Title.optional(),
    description: z.strictObject({ ko: z.string(), en: z.string() }).optional(),
    /** The last varies fastest. */
    sweep: z.array(SweptAxis).min(1).max(8).optional(),
    compare: Compare.optional(),
    solve: Solve.optional(),
    /** For a sweep or a solution: each under all of these. Default: that of the scenario. */
    policies: Policies.optional(),
    /** How many, counted from 1, or which. The same at every point, so that differences are between pairs. */
    seeds: z
      .union([
        z.int().min(1).max(SEEDS_MAX),
        z.array(Seed).min(1).max(SEEDS_MAX).refine(isDistinct, 'must not have the same seed twice'),
      ])
      .default(3),
    /** Simulated days, and how many of the first are left out of the measures. Default: those of the scenario. */
    days: z.number().positive().max(3_660).optional(),
    warmup_days: z.number().min(0).max(3_660).optional(),
  })
  .superRefine((section, { addIssue }) => {
    const wrong = (path: (string | number)[], message: string) => addIssue({ code: 'custom', path, message })
    const { sweep, compare, solve, days, warmup_days: warmup } = section
    const asked = [sweep, compare, solve].filter((question) => question !== undefined)
    if (asked.length !== 1) wrong([], 'needs one of `sweep`, `compare` and `solve`, and only one')
    if (compare !== undefined && section.policies !== undefined)
      wrong(['policies'], 'belongs into `compare` where a study compares')
    if (days !== undefined && warmup !== undefined && warmup >= days)
      wrong(['warmup_days'], 'must be less than `days`: it leaves nothing to measure')
    if (sweep === undefined) return
    const fields = sweep.map(({ field }) => field)
    const twice = fields.findIndex((field, i) => fields.indexOf(field) < i)
    if (twice >= 0) wrong(['sweep', twice, 'field'], 'is swept twice')
    const size = sizeOf(section)
    if (size.units > STUDY_UNITS_MAX) wrong(['sweep'], `makes ${size.text}; take fewer points, policies or seeds`)
  })
export type StudySection = z.output<typeof StudySection>

/** Of `seeds`, one by one. */
export const seedsOf = (seeds: StudySection['seeds']): readonly number[] =>
  typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds

/** Counted, not made: a list of ten million values must not be there before it is refused. */
function sizeOf({ sweep = [], policies: named, seeds }: Pick<StudySection, 'sweep' | 'policies' | 'seeds'>) {
  const points = sweep.reduce((product, axis) => product * (axis.values?.length ?? axis.points ?? 1), 1)
  const [policyCount, seedCount] = [named?.length ?? 1, typeof seeds === 'number' ? seeds : seeds.length]
  const units = points * policyCount * seedCount
  const of = (count: number, noun: string) => `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
  const factors = [of(points, 'point'), policyCount > 1 ? `${policyCount} policies` : '', of(seedCount, 'seed')]
  const text = `${of(units, 'simulation')} (${factors.filter(Boolean).join(' × ')}), and a study may have ${of(STUDY_UNITS_MAX, 'simulation')}`
  return { units, text }
}
