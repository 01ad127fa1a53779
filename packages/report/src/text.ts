// How wide a text stands in a terminal, and how it is made to fit. Hangul takes two columns, a combining mark none.

import stringWidth from 'string-width'

const ELLIPSIS = '…'
const graphemes = new Intl.Segmenter('ko', { granularity: 'grapheme' })

/** Terminal columns that a text takes. */
export const width = (text: string): number => stringWidth(text)

/**
 * The text without what would move the cursor or hide what it says: names come from other people, and a terminal obeys
 * an escape sequence whoever wrote it.
 */
export const printable = (text: string): string =>
  text.replaceAll(/[\t\r\n]+/g, ' ').replaceAll(/[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD')

/** The text itself where it fits into `columns`, else its beginning with an ellipsis. */
export function fitted(text: string, columns: number): string {
  if (width(text) <= columns) return text
  let kept = ''
  let taken = 0
  for (const { segment } of graphemes.segment(text)) {
    const wide = width(segment)
    if (taken + wide > columns - 1) break
    kept += segment
    taken += wide
  }
  return columns > 0 ? kept.trimEnd() + ELLIPSIS : ''
}

/** The text as lines of at most `columns`, broken between words; a word that is longer stands alone. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const word of printable(text).split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && width(last) + 1 + width(word) <= columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
