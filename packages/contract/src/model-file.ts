// A workload model as a file: what `dure trace --fit` writes and `dure sim --model` reads. Keys are those of the model in memory,
// only spelt as in all our files: `percentsOf` is `percents_of`. One mapping serves both ways, so that none can drift. The
// simulator has the type of its own, which has to be the one that is read here: whoever passes a model on has the compiler say so.

import { Document, isScalar, visit } from 'yaml'
import { z } from 'zod'
import { findingsOf } from './findings.ts'
import { AcceleratorKind } from './http/primitive.ts'
import type { Language } from './language.ts'
import type { Finding } from './problem.ts'
import { issueOf, ruled } from './rule.ts'
import { readYaml, withLines } from './yaml-source.ts'

const WEEK_HOURS = 168
/** A century. Longer times are slips, and would overflow where they are added up in milliseconds. */
const TIME_MAX_S = 3_155_760_000
/** What is drawn is counted in whole milliseconds, of which a run has one at least. */
const TIME_MIN_S = 0.001
/** Percents are quotients and sums of them: all of something may come out as 100.00000000000001. */
const ROUNDING_PERCENT = 1e-6
/** Rates of a week that somebody has written by hand have few digits. */
const ROUNDING_RATE = 0.01

const isPercent = (value: number): boolean => value <= 100 + ROUNDING_PERCENT
const percentRule = ruled({ ko: '100 이하여야 합니다', en: 'must be at most 100' })
const Percent = z.number().min(0).refine(isPercent, percentRule)
const Count = z.int().min(1).max(100_000_000)
const TimeS = z.number().min(TIME_MIN_S).max(TIME_MAX_S)

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
/** For a sentence: as many digits as tell it from what it should be. */
const digits = (value: number): string => String(Number(value.toPrecision(6)))

/** Pairs of a value and how often it comes; what the weights add up to is all there is. */
const weighted = <Value extends z.ZodNumber>(value: Value) =>
  z
    .array(z.tuple([value, z.number().min(0).max(Number.MAX_SAFE_INTEGER)]))
    .min(1)
    .max(100_000)
    .refine(
      (table) => sumOf(table.map(([, weight]) => weight)) > 0,
      ruled({ ko: '0보다 큰 가중치가 있어야 합니다', en: 'needs a weight above 0' }),
    )

const isRising = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || values[i - 1]! < value)

const TimeLaw = z
  .strictObject({
    parts: z
      .array(
        z.strictObject({
          percent: Percent,
          median_s: z.number().positive().max(TIME_MAX_S),
          sigma: z.number().min(0).max(100),
        }),
      )
      .min(1)
      .max(1_000)
      .superRefine((parts, { addIssue }) => {
        const sum = sumOf(parts.map(({ percent }) => percent))
        if (Math.abs(sum - 100) > ROUNDING_PERCENT)
          addIssue(
            issueOf({
              ko: `백분율의 합이 ${digits(sum)}입니다. 100이어야 합니다`,
              en: `has percents that add up to ${digits(sum)}; they must make 100`,
            }),
          )
      }),
    shortest_s: TimeS,
    longest_s: TimeS,
  })
  .refine(({ shortest_s, longest_s }) => shortest_s <= longest_s, {
    path: ['longest_s'],
    ...ruled({ ko: '`shortest_s` 이상이어야 합니다', en: 'must be at least `shortest_s`' }),
  })

const Endings = z
  .strictObject({
    fail_percent: Percent,
    fails_at: z.enum(['early', 'end']),
    abandon_percent: Percent,
    stop_percent: Percent,
    give_up_percent: Percent,
    patience_mean_s: z.number().min(0).max(TIME_MAX_S),
  })
  .refine(
    ({ fail_percent, abandon_percent, stop_percent }) =>
      sumOf([fail_percent, abandon_percent, stop_percent]) <= 100 + ROUNDING_PERCENT,
    ruled({
      ko: '`fail_percent`, `abandon_percent`, `stop_percent`의 합이 100 이하여야 합니다',
      en: 'must have `fail_percent`, `abandon_percent` and `stop_percent` that add up to at most 100',
    }),
  )

const Sessions = z.strictObject({
  jobs: weighted(Count),
  think: TimeLaw,
  awaits_up_to_s: z.number().min(0).max(TIME_MAX_S),
  repeat_percent: Percent,
})

const Checkpoint = z.strictObject({
  every_s: z.union([z.literal('young-daly'), TimeS]),
  write_s: z.number().min(0).max(TIME_MAX_S),
  restart_s: z.number().min(0).max(TIME_MAX_S),
})

const AtLimit = z.strictObject({ percent: Percent, limits_s: weighted(TimeS) })

const Kind = z.strictObject({
  name: z.string().min(1).max(255),
  percent: z.number().positive().refine(isPercent, percentRule),
  sizes: weighted(Count),
  run: TimeLaw,
  at_limit: AtLimit.nullable(),
  runs_on: z.union([z.literal('any'), z.array(z.array(AcceleratorKind).min(1)).min(1)]),
  needs_fp64: z.boolean(),
  endings: Endings,
  sessions: Sessions,
  checkpoint: Checkpoint.nullable().default(null),
})

const Users = z.strictObject({
  activity_exponent: z.number().min(0).max(100),
  break_s: z.number().min(0).max(TIME_MAX_S),
  seen: z.strictObject({ users: z.int().min(1).max(1_000_000), accounts: z.int().min(1).max(1_000_000) }).nullable(),
})

const People = z
  .strictObject({
    habit: z.literal('people'),
    longest_percent: Percent,
    short_percent: Percent,
    popular_percent: Percent,
  })
  .refine(
    ({ longest_percent, short_percent }) => longest_percent + short_percent <= 100 + ROUNDING_PERCENT,
    ruled({
      ko: '`longest_percent`와 `short_percent`의 합이 100 이하여야 합니다',
      en: 'must have `longest_percent` and `short_percent` that add up to at most 100',
    }),
  )

const Table = z.strictObject({
  habit: z.literal('table'),
  classes: z
    .array(
      z.strictObject({
        run_up_to_s: z.number().min(0).max(TIME_MAX_S),
        limits_s: weighted(TimeS).refine(
          (limits) => isRising(limits.map(([limitS]) => limitS)),
          ruled({ ko: '시간 제한이 커지는 순서여야 합니다', en: 'must have limits that rise' }),
        ),
      }),
    )
    .min(1)
    .max(10_000)
    .refine(
      (classes) => isRising(classes.map(({ run_up_to_s }) => run_up_to_s)),
      ruled({ ko: '`run_up_to_s`가 커지는 순서여야 합니다', en: 'must be in order of `run_up_to_s`, rising' }),
    ),
})

const Exact = z.strictObject({ habit: z.literal('exact') })

export const ModelFile = z.strictObject({
  name: z.string().min(1).max(255),
  percents_of: z.enum(['work', 'jobs']),
  kinds: z
    .array(Kind)
    .min(1)
    .max(1_000)
    .superRefine((kinds, { addIssue }) => {
      const names = kinds.map(({ name }) => name)
      const twice = names.findIndex((name, i) => names.indexOf(name) < i)
      if (twice >= 0)
        addIssue(
          issueOf({ ko: '앞의 종류와 이름이 달라야 합니다', en: 'must differ from those of the kinds before it' }, [
            twice,
            'name',
          ]),
        )
    }),
  week: z
    .array(z.number().min(0).max(WEEK_HOURS))
    .length(WEEK_HOURS)
    .superRefine((week, { addIssue }) => {
      const mean = sumOf(week) / week.length
      if (Math.abs(mean - 1) > ROUNDING_RATE)
        addIssue(
          issueOf({
            ko: `평균이 1이어야 합니다. 지금은 ${digits(mean)}이니 모두 그 값으로 나누세요`,
            en: `must have rates that are 1 on the average; these are ${digits(mean)}: divide each by that`,
          }),
        )
    }),
  jobs_per_week: z.number().positive().max(1_000_000_000).nullable(),
  users: Users,
  estimates: z.discriminatedUnion('habit', [People, Table, Exact]),
})
export type ModelFile = z.output<typeof ModelFile>

/** Names that a misspelt one may have been meant to be. */
const fields = [
  ModelFile,
  Kind,
  TimeLaw,
  TimeLaw.shape.parts.element,
  AtLimit,
  Endings,
  Sessions,
  Checkpoint,
  Users,
  People,
  Table,
  Table.shape.classes.element,
].flatMap(({ shape }) => Object.keys(shape))

type Camel<Key extends string> = Key extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Key

type InCamelCase<T> = T extends readonly unknown[]
  ? { readonly [I in keyof T]: InCamelCase<T[I]> }
  : T extends object
    ? { readonly [Key in keyof T as Camel<Key & string>]: InCamelCase<T[Key]> }
    : T

/** The model in memory. */
export type FiledModel = InCamelCase<ModelFile>

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((inner) => renamed(inner, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [rename(key), renamed(inner, rename)]))
}

const inCamelCase = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
const inSnakeCase = (key: string): string => key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)

/** A model as the document that its file holds. */
export const modelFileOf = (model: FiledModel): ModelFile => renamed(model, inSnakeCase) as ModelFile

/** The model that a checked file holds. */
export const modelOfFile = (file: ModelFile): FiledModel => renamed(file, inCamelCase) as FiledModel

/** The text of a model's file. Lists of plain numbers are kept on lines of their own, because people read and change them. */
export function modelFileText(model: FiledModel, form: 'yaml' | 'json'): string {
  const file = modelFileOf(model)
  if (form === 'json') return `${JSON.stringify(file, null, 2)}\n`
  const document = new Document(file)
  visit(document, {
    Seq(_, list) {
      if (list.items.every(isScalar)) list.flow = true
    },
  })
  return document.toString({ flowCollectionPadding: false })
}

export type ModelReading =
  | { readonly ok: true; readonly model: FiledModel }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** Reads a model file, YAML or JSON. All that is wrong is found at once, with line numbers. */
export function readModelFile(text: string, language: Language = 'en'): ModelReading {
  const read = readYaml(text.replace(/^\uFEFF/, ''), language)
  if (!read.ok) return read
  const { source } = read
  const checked = ModelFile.safeParse(source.value)
  if (checked.success) return { ok: true, model: modelOfFile(checked.data) }
  return { ok: false, findings: withLines(findingsOf(checked.error.issues, source.value, fields, language), source) }
}
