// YAML with positions: the value, and the line each part of it stands on.

import { isAlias, isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml'
import { pathOf } from './findings.ts'
import type { Bilingual, Language } from './language.ts'
import type { Finding } from './problem.ts'
import { yamlFault } from './yaml-fault.ts'

export interface YamlSource {
  readonly value: unknown
  /** Line of the value at `path`, or of the nearest thing around it; from 1. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

export type YamlReading =
  | { readonly ok: true; readonly source: YamlSource }
  | { readonly ok: false; readonly findings: readonly Finding[] }

const emptyFile: Bilingual = { ko: '파일이 비어 있습니다.', en: 'The file is empty.' }
const manyDocuments: Bilingual = {
  ko: '파일에 YAML 문서가 둘 이상 있습니다. 하나만 남기세요.',
  en: 'The file has more than one YAML document; keep one.',
}

/** Reads one YAML 1.2 document. Aliases may repeat parts a hundredfold at most, so that a small file cannot become a huge one. */
export function readYaml(text: string, language: Language = 'en'): YamlReading {
  const failure = (detail: Bilingual, line: number): YamlReading => ({
    ok: false,
    findings: [{ pointer: '', code: 'yaml', detail: detail[language], line }],
  })
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  if (!Array.isArray(documents) || documents[0] === undefined) return failure(emptyFile, 1)
  const [document, second] = documents
  if (second !== undefined) {
    const line = lines.linePos(second.range[0]).line
    return failure(manyDocuments, line)
  }
  if (document.errors.length > 0) {
    return {
      ok: false,
      findings: document.errors.map((error) => ({
        pointer: '',
        code: 'yaml',
        detail: yamlFault(error.message, error.code)[language],
        line: lines.linePos(error.pos[0]).line,
      })),
    }
  }
  if (document.contents === null) return failure(emptyFile, 1)

  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    return failure(yamlFault((error as Error).message), 1)
  }

  const lineOf = (path: readonly PropertyKey[]): number => {
    let node: Node | null = document.contents
    let offset = node?.range?.[0] ?? 0
    for (const key of path) {
      if (isAlias(node)) node = node.resolve(document) ?? null
      if (isMap(node)) {
        // Years are numbers to YAML and names to whoever reads the value.
        const pair = node.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
        )
        if (pair === undefined) break
        offset = (pair.key as Node).range?.[0] ?? offset
        node = pair.value as Node | null
      } else if (node !== null && 'items' in node && typeof key === 'number') {
        const item = (node.items as Node[])[key]
        if (item === undefined) break
        offset = item.range?.[0] ?? offset
        node = item
      } else break
    }
    return lines.linePos(offset).line
  }
  return { ok: true, source: { value, lineOf } }
}

/** Adds to each finding of a schema the line its pointer leads to. */
export function withLines(findings: readonly Finding[], source: YamlSource): Finding[] {
  return findings.map((finding) => ({ ...finding, line: source.lineOf(pathOf(finding.pointer)) }))
}
