// "Did you mean …": the known name nearest to a mistyped one, and the sentence that asks.

import { withParticle } from './korean.ts'
import type { Bilingual } from './language.ts'

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. O(a × b), for names only. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      row.push(cost)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}

/** The known name at most a third of its letters away, or null. */
export function nearestName(name: string, known: readonly string[]): string | null {
  if (name.length > 64) return null
  let nearest: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least && distance <= Math.max(1, Math.floor(candidate.length / 3))) {
      nearest = candidate
      least = distance
    }
  }
  return nearest
}

export const poolWord: Bilingual = { ko: '풀', en: 'pool' }

/** Names told at most, where none is near. */
const NAMES_TOLD = 20

/** That there is no such thing of a name, with the name it may have been meant to be. */
export function unknownName(what: Bilingual, name: string, known: readonly string[]): Bilingual {
  const meant = nearestName(name, known)
  const told = known.length > 0 ? known.slice(0, NAMES_TOLD).join(', ') : '–'
  const all = known.length > NAMES_TOLD ? `${told}, …` : told
  return {
    ko: `${name}(이)라는 ${withParticle(what.ko, '이')} 없습니다. ${meant === null ? `있는 것: ${all}.` : `${withParticle(meant, '을')} 쓰려고 하셨습니까?`}`,
    en: `There is no ${what.en} ${name}. ${meant === null ? `There are ${all}.` : `Did you mean ${meant}?`}`,
  }
}
