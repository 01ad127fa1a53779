// The study that a command line asks for: a scenario by name or file, what its `study:` section asks, and what flags say instead.

import type { Language } from '@dure/contract'
import { type Study, studyOf } from '@dure/study'
import { Failure } from './failure.ts'
import { nameOf } from './input-file.ts'
import { openScenarioSource } from './scenario-source.ts'

export interface StudyFlags {
  readonly seeds?: number
  readonly days?: number
}

/** @throws {Failure} ERR_BAD_SCENARIO_FILE with every line that is wrong; ERR_FILE_NOT_READ */
export async function openStudy(source: string, { seeds, days }: StudyFlags, language: Language): Promise<Study> {
  const { scenario, placeOf } = await openScenarioSource(source, language)
  const compared = scenario.study?.compare?.scenarios
  const read = studyOf(scenario, {
    language,
    ...(seeds !== undefined && { seeds }),
    ...(days !== undefined && { days }),
    ...(compared !== undefined && {
      compared: await Promise.all(
        compared.map(async (name) => (await openScenarioSource(name, language, source)).scenario),
      ),
    }),
  })
  if (read.ok) return read.study
  const findings = read.findings.map((finding) => ({ ...finding, ...placeOf(finding.pointer) }))
  throw new Failure('ERR_BAD_SCENARIO_FILE', { where: nameOf(source), findings })
}
