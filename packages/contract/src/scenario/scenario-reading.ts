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
  const root = extendedScenario(text, say, findings, texts, language)
  if (root === null) return { ok: false, findings }
  const value = withFiles(plainOf(root), root, texts, language, findings)
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
  groups?: { model?: unknown; trace?: unknown }[]
}

/**
 * Puts fitted models in the place of the names of their files. A log is too large for that: it keeps its name, from anywhere on this
 * machine, and gets the hash of what is in it.
 */
function withFiles(
  value: unknown,
  root: Located,
  texts: ReadonlyMap<string, ScenarioText>,
  language: Language,
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
      findings.push({ ...place, pointer: pointerOf(path), code: 'unknown_file', detail: noSuchModel(file)[language] })
      return 'national'
    }
    const read = readModelFile(opened.text, language)
    if (read.ok) return modelFileOf(read.model)
    findings.push(...read.findings.map((finding) => ({ ...finding, file: opened.name })))
    return 'national'
  }
  const foundAt = (trace: unknown, path: readonly PropertyKey[]): unknown => {
    const reference = fileNamed(trace)
    if (reference === null) return trace
    const wrong = (field: string, code: string, detail: Bilingual): void => {
      const at = [...path, field]
      findings.push({ ...placeOf(root, at), pointer: pointerOf(at), code, detail: detail[language] })
    }
    const text = texts.get(placeOf(root, [...path, 'file']).file)
    const log = text?.log?.(reference) ?? null
    if (log === null) {
      if (text?.log === undefined) wrong('file', 'log_elsewhere', logElsewhere)
      else wrong('file', 'unknown_file', noSuchLog(reference))
      return trace
    }
    const { sha256 = log.sha256 } = trace as { sha256?: unknown }
    if (sha256 !== log.sha256) wrong('sha256', 'another_file', anotherLog(reference, log.sha256))
    return { ...(trace as object), file: log.path, sha256 }
  }
  const groups = Array.isArray(demand.groups)
    ? demand.groups.map((group, index) =>
        typeof group === 'object' && group !== null
          ? {
              ...group,
              ...('model' in group && { model: readAt(group.model, ['demand', 'groups', index, 'model']) }),
              ...('trace' in group && { trace: foundAt(group.trace, ['demand', 'groups', index, 'trace']) }),
            }
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

const logElsewhere: Bilingual = {
  ko: '요청이나 표준 입력으로 온 시나리오는 작업 기록을 가리킬 수 없습니다. 기록이 있는 컴퓨터에서 시나리오 파일로 실행하세요.',
  en: 'A scenario from a request or standard input cannot name a job log. Run it as a file on the machine that has the log.',
}
const noSuchModel = (reference: string): Bilingual => ({
  ko: `모델 파일 ${reference}이(가) 없습니다. 경로는 이 시나리오 파일의 폴더에서 시작합니다.`,
  en: `There is no file ${reference}. Its path begins at the folder of this scenario file.`,
})
const noSuchLog = (reference: string): Bilingual => ({
  ko: `읽을 수 있는 작업 기록 ${reference}이(가) 없습니다. 경로는 이 시나리오 파일의 폴더에서 시작합니다.`,
  en: `There is no job log ${reference} that can be read. Its path begins at the folder of this scenario file.`,
})
const anotherLog = (reference: string, sha256: string): Bilingual => ({
  ko: `${reference}은(는) 다른 기록입니다. SHA-256이 ${sha256}입니다. 그 기록을 가져오거나 \`sha256\`을 지우세요.`,
  en: `${reference} is another log: its SHA-256 is ${sha256}. Get the one that is meant, or take \`sha256\` out.`,
})

function fileNamed(one: unknown): string | null {
  if (typeof one !== 'object' || one === null || !('file' in one)) return null
  return typeof one.file === 'string' ? one.file : null
}
