// Where a command writes: data to standard output, talk and progress to standard error. Nothing else writes to either.

import { styleText } from 'node:util'
import type { Language } from '@dure/contract'
import type { CommonOptions } from './common-options.ts'

export interface Screen {
  readonly language: Language
  readonly json: boolean
  readonly quiet: boolean
  /** Terminal columns for data, Infinity where it goes into a file or a pipe. */
  readonly width: number
  /** Whether somebody watches standard error, so that progress makes sense. */
  readonly isWatched: boolean
  /** Data, as lines. */
  data(text: string): void
  /** Data, as one JSON document. */
  document(value: unknown): void
  /** Talk, unless it was asked to be quiet. */
  say(text: string): void
  /** What must be said even then. */
  warn(text: string): void
  /** For titles, in bold where the terminal can. */
  emphasis(text: string): string
  /** Clears the terminal, where there is one, for the next picture of a `--watch`. */
  clear(): void
}

export function openScreen(options: CommonOptions, language: Language): Screen {
  const { stdout, stderr } = process
  const quiet = options.quiet ?? false
  return {
    language,
    quiet,
    json: options.json ?? false,
    width: stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY,
    isWatched: !quiet && stderr.isTTY === true,
    data: (text) => void stdout.write(`${text}\n`),
    document: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    say: (text) => void (quiet || stderr.write(`${text}\n`)),
    warn: (text) => void stderr.write(`dure: ${text}\n`),
    emphasis: (text) => styleText('bold', text, { stream: stdout }),
    clear: () => void (stdout.isTTY && stdout.write('\u001b[H\u001b[2J')),
  }
}
