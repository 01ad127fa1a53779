// YAML with positions: the value, and the line each part of it stands on.

import { isAlias, isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml'
import { pathOf } from './findings.ts'
import type { Finding } from './problem.ts'

export interface YamlSource {
  readonly value: unknown
  /** Line of the value at `path`, or of the nearest thing around it; from 1. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

export type YamlReading =
  | { readonly ok: true; readonly source: YamlSource }
  | { readonly ok: false; readonly findings: readonly Finding[] }

const failure = (detail: string, line: number): YamlReading => ({
  ok: false,
  findings: [{ pointer: '', code: 'yaml', detail, line }],
})

/** Reads one YAML 1.2 document. Aliases may repeat parts a hundredfold at most, so that a small file cannot become a huge one. */
export function readYaml(text: string): YamlReading {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  if (!Array.isArray(documents) || documents[0] === undefined) return failure('The file is empty.', 1)
  const [document, second] = documents
  if (second !== undefined) {
    const line = lines.linePos(second.range[0]).line
    return failure('The file has more than one YAML document; keep one.', line)
  }
  if (document.errors.length > 0) {
    return {
      ok: false,
      findings: document.errors.map((error) => ({
        pointer: '',
        code: 'yaml',
        detail: `The YAML cannot be read: ${error.message}.`.replace(/\.\.$/, '.'),
        line: lines.linePos(error.pos[0]).line,
      })),
    }
  }
  if (document.contents === null) return failure('The file is empty.', 1)

  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    return failure(`The YAML cannot be read: ${(error as Error).message}.`.replace(/\.\.$/, '.'), 1)
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
