// From the text of a scenario to what it says, everything it extends put beneath it. All that is wrong is found at once, each with the
// file and the line where it stands.

import { findingsOf, pathOf, pointerOf } from '../findings.ts'
import type { Bilingual, Language } from '../language.ts'
import { modelFileOf, readModelFile } from '../model-file.ts'
import type { Finding } from '../problem.ts'
import { extendedScenario, type ScenarioText } from './extension.ts'
import { type Located, type Place, placeOf, plainOf } from './located.ts'
import { checkScenario } from './scenario-check.ts'
import { ScenarioFile } from './scenario-file.ts'
import { fieldNames } from './scenario-schema.ts'

export type ScenarioReading =
  | { readonly ok: true; readonly scenario: ScenarioFile }
  | { readonly ok: false; readonly findings: readonly Finding[] }

export type ScenarioTextReading =
  | {
      readonly ok: true
      readonly scenario: ScenarioFile
      /** Where the part that a JSON pointer leads to is written, for who finds something wrong with it later. */
      readonly placeOf: (pointer: string) => Place
    }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** Reads a scenario. */
export function readScenario(text: ScenarioText, language: Language = 'en'): ScenarioTextReading {
  const findings: Finding[] = []
  const texts = new Map<string, ScenarioText>()
  const say = (place: Place, code: string, detail: Bilingual): void => {
    findings.push({ pointer: '', code, detail: detail[language], file: place.file, line: place.line })
  }
  const root = extendedScenario(text, say, findings, texts)
  if (root === null) return { ok: false, findings }
  const value = withModels(plainOf(root), root, texts, findings)
  const placed = (pointer: string): Place => placeOf(root, pathOf(pointer))
  findings.push(...findingsIn(value, language).map((finding) => ({ ...finding, ...placed(finding.pointer) })))
  if (findings.length > 0) return { ok: false, findings: inOrder(findings) }
  return { ok: true, scenario: value as ScenarioFile, placeOf: placed }
}

/** The same of a value that has been put together already. Its findings have no lines. */
export function scenarioOf(value: unknown, language: Language = 'en'): ScenarioReading {
  const findings = findingsIn(value, language)
  return findings.length > 0 ? { ok: false, findings } : { ok: true, scenario: value as ScenarioFile }
}

function findingsIn(value: unknown, language: Language): Finding[] {
  const checked = ScenarioFile.safeParse(value)
  const findings = checked.success ? [] : findingsOf(checked.error.issues, value, fieldNames(), language)
  checkScenario(value as Readonly<Record<string, unknown>>, (path, code, detail) => {
    findings.push({ pointer: pointerOf(path), code, detail: detail[language] })
  })
  return findings
}

/** By file, then by line: as somebody mends them. */
const inOrder = (findings: readonly Finding[]): Finding[] => {
  const files = [...new Set(findings.map(({ file }) => file))]
  return findings.toSorted((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0))
}

interface Demand {
  model?: unknown
  groups?: { model?: unknown }[]
}

/** Puts fitted models in the place of the names of their files, so that a scenario that has been read needs no other file. */
function withModels(
  value: unknown,
  root: Located,
  texts: ReadonlyMap<string, ScenarioText>,
  findings: Finding[],
): unknown {
  const whole = value as { demand?: Demand }
  const { demand } = whole
  if (typeof demand !== 'object' || demand === null) return value
  const readAt = (model: unknown, path: readonly PropertyKey[]): unknown => {
    const file = fileNamed(model)
    if (file === null) return model
    const place = placeOf(root, [...path, 'file'])
    const opened = texts.get(place.file)?.extended(file) ?? null
    if (opened === null) {
      findings.push({ ...place, pointer: pointerOf(path), code: 'unknown_file', detail: `There is no file ${file}.` })
      return 'national'
    }
    const read = readModelFile(opened.text)
    if (read.ok) return modelFileOf(read.model)
    findings.push(...read.findings.map((finding) => ({ ...finding, file: opened.name })))
    return 'national'
  }
  const groups = Array.isArray(demand.groups)
    ? demand.groups.map((group, index) =>
        typeof group === 'object' && group !== null && 'model' in group
          ? { ...group, model: readAt(group.model, ['demand', 'groups', index, 'model']) }
          : group,
      )
    : demand.groups
  return {
    ...whole,
    demand: {
      ...demand,
      ...('model' in demand && { model: readAt(demand.model, ['demand', 'model']) }),
      ...('groups' in demand && { groups }),
    },
  }
}

function fileNamed(model: unknown): string | null {
  if (typeof model !== 'object' || model === null || !('file' in model)) return null
  return typeof model.file === 'string' ? model.file : null
}
