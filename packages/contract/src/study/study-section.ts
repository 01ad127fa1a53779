// What a study asks, as the `study:` section of a scenario file says it. One of three questions: how does it go as fields change (sweep),
// which side is better (compare), how little is enough (solve). The section stays as it was written and is checked here only;
// `@dure/study` makes simulations of it.

import { policies } from '@dure/core'
import { z } from 'zod'
import type { Bilingual } from '../language.ts'
import { nearestName } from '../nearest-name.ts'
import { issueOf, ruled } from '../rule.ts'
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
  .refine(
    (field) => !isTaken(field),
    ruled({
      ko: '모든 스터디에 있는 열의 이름입니다. 시나리오의 항목을 쓰십시오',
      en: 'names a column of every study; take a field of the scenario',
    }),
  )

const Spacing = z.enum(['linear', 'geometric'])

const isDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length

/** Ends that values can be put between. */
const checkRange = (
  { from, to, spacing }: { from: number; to: number; spacing?: 'linear' | 'geometric' | undefined },
  addIssue: (issue: ReturnType<typeof issueOf>) => void,
): void => {
  if (to <= from) addIssue(issueOf({ ko: '`from`보다 커야 합니다', en: 'must be more than `from`' }, ['to']))
  if (spacing === 'geometric' && from <= 0)
    addIssue(
      issueOf({ ko: '등비 간격이면 0보다 커야 합니다', en: 'must be more than 0 where spacing is geometric' }, [
        'from',
      ]),
    )
}

/** One field and the values it takes: listed, or so many points from one end to the other. */
const SweptAxis = z
  .strictObject({
    field: Field,
    title: Title.optional(),
    values: z
      .array(z.union([z.number(), z.string().min(1).max(200)]))
      .min(1)
      .refine(isDistinct, ruled({ ko: '같은 값을 두 번 쓸 수 없습니다', en: 'must not have the same value twice' }))
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
          addIssue(
            issueOf(
              {
                ko: '`values`와 함께 쓸 수 없습니다. 둘 중 하나를 빼십시오',
                en: 'does not go with `values`; leave out one of the two',
              },
              [name],
            ),
          )
      }
    } else if (from === undefined || to === undefined || points === undefined) {
      addIssue(
        issueOf({
          ko: '`values`가 있거나, `from`과 `to`와 `points`가 있어야 합니다',
          en: 'needs `values`, or `from`, `to` and `points`',
        }),
      )
    } else checkRange({ from, to, spacing }, addIssue)
  })
export type SweptAxis = z.output<typeof SweptAxis>

const PolicyName = z.string().superRefine((name, { addIssue }) => {
  const names = policies.map((policy) => policy.name)
  if (names.includes(name)) return
  const meant = nearestName(name, names)
  addIssue(
    issueOf(
      meant === null
        ? { ko: `다음 중 하나여야 합니다: ${names.join(', ')}`, en: `must be one of ${names.join(', ')}` }
        : {
            ko: `그런 정책이 없습니다. \`${meant}\`을(를) 쓰려고 하셨습니까`,
            en: `is no policy (did you mean \`${meant}\`?)`,
          },
    ),
  )
})
const Policies = z
  .array(PolicyName)
  .min(1)
  .refine(isDistinct, ruled({ ko: '같은 정책을 두 번 쓸 수 없습니다', en: 'must not name the same policy twice' }))

const Compare = z
  .strictObject({
    policies: Policies.optional(),
    /** Names of presets, or files beside the one that says this; without any, the scenario itself. */
    scenarios: z
      .array(z.string().min(1).max(1_000))
      .min(1)
      .refine(
        isDistinct,
        ruled({ ko: '같은 시나리오를 두 번 쓸 수 없습니다', en: 'must not name the same scenario twice' }),
      )
      .optional(),
  })
  .refine(
    ({ policies: named = [], scenarios = [] }) => named.length > 1 || scenarios.length > 1,
    ruled({ ko: '정책이나 시나리오가 둘 이상 있어야 합니다', en: 'needs two policies or two scenarios at least' }),
  )

const Threshold = z
  .string()
  .max(200)
  .refine(
    (text) => parseThreshold(text) !== null,
    ruled({ ko: `${thresholdForms.ko} 형식이어야 합니다`, en: `must be ${thresholdForms.en}` }),
  )
const Promises = z.union([Threshold, z.array(Threshold).min(1).max(20)])

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
        z
          .array(Seed)
          .min(1)
          .max(SEEDS_MAX)
          .refine(
            isDistinct,
            ruled({ ko: '같은 시드를 두 번 쓸 수 없습니다', en: 'must not have the same seed twice' }),
          ),
      ])
      .default(3),
    /** Simulated days, and how many of the first are left out of the measures. Default: those of the scenario. */
    days: z.number().positive().max(3_660).optional(),
    warmup_days: z.number().min(0).max(3_660).optional(),
  })
  .superRefine((section, { addIssue }) => {
    const wrong = (path: (string | number)[], ko: string, en: string) => addIssue(issueOf({ ko, en }, path))
    const { sweep, compare, solve, days, warmup_days: warmup } = section
    const asked = [sweep, compare, solve].filter((question) => question !== undefined)
    if (asked.length !== 1) {
      const en = 'needs one of `sweep`, `compare` and `solve`, and only one'
      wrong([], '`sweep`, `compare`, `solve` 가운데 하나만 있어야 합니다', en)
    }
    if (compare !== undefined && section.policies !== undefined)
      wrong(['policies'], '비교에서는 `compare` 안에 쓰십시오', 'belongs into `compare` where a study compares')
    if (days !== undefined && warmup !== undefined && warmup >= days) {
      const en = 'must be less than `days`: it leaves nothing to measure'
      wrong(['warmup_days'], '`days`보다 작아야 합니다. 잴 것이 남지 않습니다', en)
    }
    if (sweep === undefined) return
    const fields = sweep.map(({ field }) => field)
    const twice = fields.findIndex((field, i) => fields.indexOf(field) < i)
    if (twice >= 0) wrong(['sweep', twice, 'field'], '두 번 나옵니다', 'is swept twice')
    const fault = faultOfSize(section)
    if (fault !== null) addIssue(issueOf(fault, ['sweep']))
  })
export type StudySection = z.output<typeof StudySection>

/** Of `seeds`, one by one. */
export const seedsOf = (seeds: StudySection['seeds']): readonly number[] =>
  typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds

/** Counted, not made: a list of ten million values must not be there before it is refused. */
function faultOfSize({
  sweep = [],
  policies: named,
  seeds,
}: Pick<StudySection, 'sweep' | 'policies' | 'seeds'>): Bilingual | null {
  const points = sweep.reduce((product, axis) => product * (axis.values?.length ?? axis.points ?? 1), 1)
  return tooManyUnits(points, named?.length ?? 1, seeds)
}

/** Why a study may not have so many simulations, or null where it may. */
export function tooManyUnits(points: number, policies: number, seeds: StudySection['seeds']): Bilingual | null {
  const factors = [points, policies, typeof seeds === 'number' ? seeds : seeds.length] as const
  const units = factors.reduce((product, factor) => product * factor, 1)
  if (units <= STUDY_UNITS_MAX) return null
  const [asked, most, p, q, s] = [units, STUDY_UNITS_MAX, ...factors].map((count) => count.toLocaleString('en-US'))
  return {
    ko: `시뮬레이션 ${asked}개(점 ${p} × 정책 ${q} × 시드 ${s})가 됩니다. 한 스터디는 ${most}개까지이니 점이나 정책, 시드를 줄이십시오`,
    en: `makes ${asked} simulations (points ${p} × policies ${q} × seeds ${s}), and a study may have ${most}: take fewer`,
  }
}
