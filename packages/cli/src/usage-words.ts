// What commander says about a wrong command line, in Korean too.

import type { Bilingual } from '@dure/contract'

/** Sentences of commander 15, and how Korean says them. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [/^unknown option '(.+?)'/, "'$1' 옵션은 없습니다"],
  [/^unknown command '(.+?)'/, "'$1' 명령은 없습니다"],
  [/^missing required argument '(.+?)'/, "'$1' 인수가 빠졌습니다"],
  [
    /^too many arguments for '(.+?)'\. Expected (\d+) arguments? but got (\d+): (.+)\.$/,
    "'$1' 명령의 인수가 너무 많습니다. $2개여야 하는데 $3개입니다: $4",
  ],
  [/^option '(.+?)' argument missing/, "'$1' 옵션의 값이 빠졌습니다"],
  [
    /^option '(.+?)' argument '(.*?)' is invalid\. Allowed choices are (.+)\.$/,
    "'$1' 옵션의 값으로 '$2'은(는) 쓸 수 없습니다. 쓸 수 있는 값: $3",
  ],
  [/^option '(.+?)' cannot be used with option '(.+?)'/, "'$1' 옵션은 '$2' 옵션과 함께 쓸 수 없습니다"],
]

const guess = /\s*\(Did you mean (one of )?(.+?)\?\)$/

/** @param text what commander says, on one line */
export function usageWords(text: string): Bilingual {
  const [hint, , meant] = guess.exec(text) ?? []
  const plain = hint === undefined ? text : text.slice(0, -hint.length)
  const known = sentences.find(([pattern]) => pattern.test(plain))
  if (known === undefined) return { ko: text, en: text }
  const [pattern, korean] = known
  return { ko: plain.replace(pattern, korean) + (meant === undefined ? '' : `. 혹시 ${meant}입니까?`), en: text }
}
