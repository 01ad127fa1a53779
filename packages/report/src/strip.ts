// A quantity over time as one line of blocks, the higher the more, and the axis of time to stand below.

import { width } from './text.ts'

export interface Ink {
  /** Only what every terminal has, where the terminal's character set is not Unicode. */
  readonly ascii: boolean
}

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const asciiBlocks = ['-', ':', '=', '+', '*', '#', '%', '@']
/** More of them say no more. */
const MARKS_MAX = 8
const NOTHING = { unicode: '·', ascii: '.' } as const

/**
 * One column a value. Nothing at all has a sign of its own: a little is not nothing.
 * @param max what stands for a full block, at least as large as every value
 */
export function strip(values: readonly number[], max: number, { ascii }: Ink): string {
  const levels = ascii ? asciiBlocks : blocks
  return values
    .map((value) => {
      if (value <= 0 || max <= 0) return ascii ? NOTHING.ascii : NOTHING.unicode
      return levels[Math.min(levels.length - 1, Math.ceil((value / max) * levels.length) - 1)]
    })
    .join('')
}

export interface AxisOptions extends Ink {
  readonly columns: number
  readonly fromMs: number
  readonly toMs: number
  /** Distances that marks may have, smallest first; the smallest whose labels have room is taken. */
  readonly stepsMs: readonly number[]
  /** Marks stand where the time is a multiple of the step from here, such as the midnight of a time zone. */
  readonly zeroMs: number
  readonly label: (atMs: number, stepMs: number) => string
}

/** Marks with their labels to the right of them, below the columns where their time begins. */
export function timeAxis({ columns, fromMs, toMs, stepsMs, zeroMs, label, ascii }: AxisOptions): string {
  const spanMs = toMs - fromMs
  if (spanMs <= 0 || columns < 1) return ''
  const mark = ascii ? '|' : '└'
  const marksOf = (stepMs: number): { column: number; text: string }[] => {
    const marks: { column: number; text: string }[] = []
    const firstMs = zeroMs + Math.ceil((fromMs - zeroMs) / stepMs) * stepMs
    for (let atMs = firstMs; atMs < toMs && marks.length <= columns; atMs += stepMs) {
      const column = Math.floor(((atMs - fromMs) / spanMs) * columns)
      const text = mark + label(atMs, stepMs)
      // The last may stand too far to the right for its label.
      if (column + width(text) <= columns) marks.push({ column, text })
    }
    return marks
  }
  const fits = (marks: readonly { column: number; text: string }[]): boolean =>
    marks.length <= MARKS_MAX &&
    marks.every(({ column, text }, i) => {
      const next = marks[i + 1]
      return next === undefined || column + width(text) < next.column
    })
  const marks = stepsMs.map(marksOf).find(fits) ?? []
  let line = ''
  for (const { column, text } of marks) line += ' '.repeat(column - width(line)) + text
  return line
}
