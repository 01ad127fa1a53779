// Studies over HTTP: what a planner asks, how far it is, what came of it.

import { z } from 'zod'
import { ResultRow } from '../study/result-row.ts'
import { StudySection } from '../study/study-section.ts'
import { AtMs, Count, pageOf, Sentence } from './primitive.ts'

/** A scenario as its file would say it, in JSON; it may extend those that come with Dure. Or the name of one of these. */
const ScenarioInput = z.union([z.string().min(1).max(64), z.record(z.string(), z.unknown())])

export const CreateStudy = z.strictObject({
  scenario: ScenarioInput,
  /** In place of `compare.scenarios`, in its order. Left out, these are names of scenarios that come with Dure. */
  compared: z.array(ScenarioInput).min(1).max(100).optional(),
  /** In place of those of its `study` section. */
  seeds: StudySection.shape.seeds.unwrap().optional(),
  days: z.number().positive().max(3_660).optional(),
})
export type CreateStudy = z.output<typeof CreateStudy>

export const StudyStateName = z.enum(['running', 'completed', 'failed', 'cancelled'])

/** Equal questions are one study: its id is made from all that decides its rows. */
export const StudyView = z.object({
  id: z.string(),
  name: z.string(),
  title: Sentence,
  kind: z.enum(['sweep', 'compare', 'solve']),
  state: StudyStateName,
  /** Why it failed. */
  detail: z.string().nullable(),
  asked_by: z.string(),
  asked_at_ms: AtMs,
  rows: Count,
  /** How many there will be; of a search that goes on, about how many. */
  rows_expected: Count,
  links: z.object({ self: z.string(), results: z.string(), report: z.string() }),
})
export type StudyView = z.output<typeof StudyView>

export const StudyList = pageOf(StudyView)
export type StudyList = z.output<typeof StudyList>

export const StudyParams = z.strictObject({ id: z.string().regex(/^s[0-9a-f]{32}$/) })

/** The rows there are, in the order of points, policies and seeds. */
export const StudyResults = z.array(ResultRow)
