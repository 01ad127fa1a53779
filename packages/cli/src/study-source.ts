// The study that a command line asks for, here or of a center: a scenario by name or file, what its `study:` section asks, and what flags say instead.

import type { CreateStudy, Language } from '@dure/contract'
import { type Study, studyOf } from '@dure/study'
import { Failure } from './failure.ts'
import { nameOf } from './input-file.ts'
import { openScenarioSource } from './scenario-source.ts'

export interface StudyFlags {
  readonly seeds?: number
  readonly days?: number
}

export interface OpenedStudy {
  readonly study: Study
  /** The same, as a center is asked it. */
  readonly question: CreateStudy
}

/** @throws {Failure} ERR_BAD_SCENARIO_FILE with every line that is wrong; ERR_FILE_NOT_READ */
export async function openStudy(source: string, { seeds, days }: StudyFlags, language: Language): Promise<OpenedStudy> {
  const { scenario, placeOf } = await openScenarioSource(source, language)
  const named = scenario.study?.compare?.scenarios
  const compared =
    named === undefined
      ? undefined
      : await Promise.all(named.map(async (name) => (await openScenarioSource(name, language, source)).scenario))
  const asked = {
    ...(seeds !== undefined && { seeds }),
    ...(days !== undefined && { days }),
    ...(compared !== undefined && { compared }),
  }
  const read = studyOf(scenario, { language, ...asked })
  if (read.ok) return { study: read.study, question: { scenario, ...asked } }
  const findings = read.findings.map((finding) => ({ ...finding, ...placeOf(finding.pointer) }))
  throw new Failure('ERR_BAD_SCENARIO_FILE', { where: nameOf(source), findings })
}
