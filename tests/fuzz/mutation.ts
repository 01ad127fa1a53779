// Texts and bytes that are almost right: taken from good ones, and changed the way mistakes and attackers change them. Everything is
// drawn from one seed.

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

export interface Dice {
  /** A whole number from 0 to below `n`. */
  below(n: number): number
  /** True once in `n` times. */
  oneIn(n: number): boolean
  pick<T>(from: readonly T[]): T
}

export function dice(seed: number): Dice {
  const generator: RandomGenerator = xoroshiro128plus(seed)
  const below = (n: number): number => (generator.next() >>> 0) % n
  return { below, oneIn: (n) => below(n) === 0, pick: (from) => from[below(from.length)]! }
}

/** What parsers stumble over: limits of numbers, brackets, names every object has, letters that are not what they seem. */
const tokens = [
  ...['0', '-1', '1e999', '-0', '9007199254740993', '0x10', 'NaN', 'Infinity', '.5', '1_000', '１', '1e-400'],
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '`',
    ':',
    ',',
    '|',
    '\n',
    '\r\n',
    '\r',
    '\t',
    ' ',
    '#',
    '%',
    '\\',
    '\0',
    '\ufeff',
    '\u2028',
    '\ud800',
  ],
  ...['__proto__', 'constructor', 'toString', 'null', 'true', '~', '<<', 'hasOwnProperty', 'undefined'],
  ...['&a', '*a', '!!js/function', '!!binary', '---', '? ', '- ', '|+\n', '%YAML 1.2', '&a [*a, *a]'],
  ...[
    '=cmd()',
    '${jndi}',
    '../../',
    '/etc/passwd',
    'http://127.0.0.1:1/',
    '<script>',
    "' or 1=1 --",
    '\u202e',
    '가',
    '😀',
    'ﬁ',
  ],
  ...['2026-02-30', '24:61:00', '-1-00:00:00', 'UNLIMITED', '#SBATCH --', '#DURE ', '99999999999999999999d', 'PT1H'],
]

const REPEATS = [2, 3, 10, 100, 5000]
const LENGTH_MAX = 100_000

/** One to five changes. */
export function mutated(good: readonly string[], at: Dice): string {
  let text = at.pick(good)
  for (let changes = 1 + at.below(5); changes > 0; changes -= 1) {
    const from = at.below(text.length + 1)
    const to = Math.min(text.length, from + at.below(1 + at.pick([1, 8, 80])))
    const before = text.slice(0, from)
    const after = text.slice(to)
    switch (at.below(7)) {
      case 0:
        text = before + after
        break
      case 1:
        text = before + at.pick(tokens) + after
        break
      case 2:
        text = before + at.pick(tokens) + text.slice(from)
        break
      case 3: {
        const part = text.slice(from, to) || at.pick(tokens)
        text = before + part.repeat(at.oneIn(200) ? at.pick(REPEATS) : 2) + after
        break
      }
      case 4: {
        const other = at.pick(good)
        text = before + other.slice(at.below(other.length + 1))
        break
      }
      case 5:
        text = before + String.fromCodePoint(at.oneIn(3) ? at.below(0xd800) : at.below(128)) + after
        break
      default:
        text = at.oneIn(4)
          ? before
          : before +
            text
              .slice(from)
              .split('')
              .reverse()
              .join('')
              .slice(0, to - from) +
            after
    }
    if (text.length > LENGTH_MAX) text = text.slice(0, LENGTH_MAX)
  }
  return text
}

/** The same for bytes, which need not be text. */
export function mutatedBytes(good: readonly Uint8Array[], at: Dice): Uint8Array {
  const bytes = [...at.pick(good)]
  for (let changes = 1 + at.below(5); changes > 0; changes -= 1) {
    const from = at.below(bytes.length + 1)
    switch (at.below(5)) {
      case 0:
        if (from < bytes.length) bytes[from]! ^= 1 << at.below(8)
        break
      case 1:
        bytes.splice(from, at.below(16))
        break
      case 2:
        bytes.splice(from, 0, ...Array.from({ length: at.below(9) }, () => at.below(256)))
        break
      case 3:
        for (let i = from; i < Math.min(bytes.length, from + 4); i += 1) bytes[i] = at.pick([0, 0xff, 0x7f, 0x80])
        break
      default:
        bytes.length = from
    }
  }
  return Uint8Array.from(bytes)
}
