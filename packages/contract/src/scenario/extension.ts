// What a scenario `extends`: the files beneath it, each put under the next, so that nothing has to be written twice.

import { withParticle } from '../korean.ts'
import type { Bilingual, Language } from '../language.ts'
import { nearestName } from '../nearest-name.ts'
import type { Finding } from '../problem.ts'
import { readYaml } from '../yaml-source.ts'
import { type Located, located, merged, type Place, withoutEntry } from './located.ts'

/** A text that holds a scenario or a part of one, and the way to what it extends. */
export interface ScenarioText {
  /** What findings call it. Two of the same name are the same. */
  readonly name: string
  readonly text: string
  /** What `extends` of this text names; null: there is none. */
  readonly extended: (reference: string) => ScenarioText | null
  /** A job log that it names; null: there is none. Left out, a text cannot name any: it may come from another machine. */
  readonly log?: (reference: string) => LogFile | null
  /** Names that `extended` knows, to guess what a misspelt one was meant to be. */
  readonly known: readonly string[]
}

/** Longer chains than this are a slip. */
const DEPTH_MAX = 16
/** Also where many files extend the same ones again and again. */
const TEXTS_MAX = 256

export interface LogFile {
  /** From anywhere on this machine. */
  readonly path: string
  /** Of its bytes as they lie there. */
  readonly sha256: string
}

export type Said = (place: Place, code: string, detail: Bilingual) => void

/**
 * A text with everything that it extends put beneath it; null where that cannot be read, of which `say` or `findings` tell.
 * @param texts takes every text that was read, by name
 */
export function extendedScenario(
  root: ScenarioText,
  say: Said,
  findings: Finding[],
  texts: Map<string, ScenarioText>,
  language: Language,
): Located | null {
  let opening = 0

  const opened = (source: ScenarioText, chain: readonly string[]): Located | null => {
    const { name, text, extended, known } = source
    texts.set(name, source)
    const read = readYaml(text.replace(/^\uFEFF/, ''), language)
    if (!read.ok) {
      findings.push(...read.findings.map((finding) => ({ ...finding, file: name })))
      return null
    }
    const whole = located(read.source, name)
    if (!(whole.content instanceof Map)) {
      say(whole, 'invalid_type', {
        ko: '시나리오는 항목과 값으로 적습니다. 예: `name: my-scenario`',
        en: 'A scenario is written as fields and values, such as `name: my-scenario`.',
      })
      return null
    }
    const { taken, rest } = withoutEntry(whole, 'extends')
    let base: Located | undefined
    let isSound = true
    for (const item of taken === undefined ? [] : referencesIn(taken)) {
      const below = followed(item, chain)
      if (below === null) isSound = false
      else base = base === undefined ? below : merged(base, below)
    }
    return isSound ? (merged(base, rest) ?? rest) : null

    function followed(item: Located, above: readonly string[]): Located | null {
      const reference = item.content
      if (typeof reference !== 'string') {
        say(item, 'invalid_type', {
          ko: '`extends`에는 시나리오 이름이나 파일 경로, 또는 그 목록을 적습니다.',
          en: '`extends` takes the name of a scenario or the path of a file, or a list of them.',
        })
        return null
      }
      const next = extended(reference)
      if (next === null) {
        say(item, 'unknown_scenario', noSuchScenario(reference, known))
        return null
      }
      const path = [...above, next.name]
      if (above.includes(next.name)) {
        const way = path.join(' → ')
        say(item, 'cycle', {
          ko: `\`extends\`가 제자리로 돌아옵니다: ${way}. 이 가운데 하나를 지우세요.`,
          en: `\`extends\` comes back to where it began: ${way}. Take one of them out.`,
        })
        return null
      }
      if (path.length > DEPTH_MAX || ++opening > TEXTS_MAX) {
        say(item, 'too_deep', {
          ko: `\`extends\`가 너무 깊습니다(최대 ${DEPTH_MAX}단계, 파일 ${TEXTS_MAX}개): ${path.join(' → ')}.`,
          en: `\`extends\` goes too deep (at most ${DEPTH_MAX} levels and ${TEXTS_MAX} files): ${path.join(' → ')}.`,
        })
        return null
      }
      return opened(next, path)
    }
  }

  return opened(root, [root.name])
}

const referencesIn = (taken: Located): readonly Located[] =>
  Array.isArray(taken.content) ? (taken.content as readonly Located[]) : [taken]

function noSuchScenario(reference: string, known: readonly string[]): Bilingual {
  const meant = nearestName(reference, known)
  return {
    ko: `${reference}(이)라는 시나리오나 파일이 없습니다. ${meant === null ? `이름으로 쓸 수 있는 것: ${known.join(', ')}.` : `${withParticle(meant, '을')} 쓰려고 하셨습니까?`}`,
    en: `There is no scenario and no file ${reference}. ${meant === null ? `There are ${known.join(', ')}.` : `Did you mean ${meant}?`}`,
  }
}
