// One text in both languages, where the same numbers go into both, and how it holds together.

import { type Bilingual, type Language, type Particle, withParticle } from '@dure/contract'

export const inBoth = (write: (language: Language) => string): Bilingual => ({ ko: write('ko'), en: write('en') })

/** How units are read aloud in Korean. */
const readings: readonly (readonly [RegExp, string])[] = [
  [/EF$/, '에프'],
  [/MW$/, '메가와트'],
  [/%$/, '퍼센트'],
  [/tCO₂e$/, '톤'],
]

/** An amount or a title with its particle, which follows the word before a parenthesis: `대기 시간(p95)은`, `1.2 EF(FP64)가`. */
export function withParticleAfter(text: string, particle: Particle): string {
  const bare = text.replace(/\([^()]*\)$/, '')
  const read = readings.reduce((word, [unit, aloud]) => word.replace(unit, aloud), bare)
  return text + withParticle(read, particle).slice(read.length)
}

const NO_BREAK_SPACE = '\u00a0'
const WORD_JOINER = '\u2060'

/** A number keeps its unit on its line, a model its count, a mean its interval, and a word its particle behind a parenthesis. */
export const unbroken = (text: string): string =>
  text
    .replaceAll(/(?<=[\d±]) (?=[±%\d\p{L}])|(?<=EF) (?=\()| (?=×)|(?<=×) /gu, NO_BREAK_SPACE)
    .replaceAll(/(?<=[)’])(?=[가-힣])/g, WORD_JOINER)

/** The text without what held it together, once its lines stand. */
export const released = (text: string): string => text.replaceAll(NO_BREAK_SPACE, ' ').replaceAll(WORD_JOINER, '')
