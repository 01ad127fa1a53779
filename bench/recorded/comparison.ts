// Recorded figures beside what they are to be (`targets.json`, the numbers that Dure is designed for) and beside what others
// have measured or published of their own (`peers.json`).

import { readFileSync } from 'node:fs'
import type { Bilingual } from '@dure/contract'
import { figureValue } from '../report.ts'
import { historyOf, type Recorded, type RecordedRun } from './runs.ts'

/** What a figure is to be: at least or at most `promised`, and better still `aim`. */
interface Target {
  readonly what: Bilingual
  readonly bench: string
  readonly figure: string
  /** `median` where absent. */
  readonly of?: 'median' | 'p99'
  readonly at_least?: number
  readonly at_most?: number
  readonly aim: number
}

export interface TargetRow {
  readonly target: Target
  /** Undefined: nobody has recorded it yet. */
  readonly newest: (Recorded & { readonly value: number }) | undefined
  readonly verdict: 'not recorded' | 'missed' | 'kept' | 'aim reached'
  readonly command: string
}

/** A program that others wrote, on what a figure of ours is about. */
interface Peer {
  readonly bench: string
  readonly figure: string
  readonly peer: string
  readonly theirs: number
  readonly unit: string
  /** The conditions of theirs, and what is measured otherwise. */
  readonly differs: string
  readonly source: string
}

export interface PeerRow {
  readonly peer: Peer
  readonly ours: number
  /** Ours / theirs where more is better; undefined where the two do not compare as a factor. */
  readonly ratio: number | undefined
}

const read = <T>(name: string): readonly T[] => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))

const targets = read<Target>('../targets.json')
const peers = read<Peer>('../peers.json')

export const targetRows = (runs: readonly RecordedRun[]): TargetRow[] =>
  targets.map((target) => {
    const recorded = historyOf(runs, target.bench, target.figure).at(-1)
    const newest = recorded && { ...recorded, value: figureValue(recorded.figure, target.of) }
    return {
      target,
      newest,
      verdict: newest === undefined ? 'not recorded' : verdictOf(newest.value, target),
      command: commandOf(target.bench),
    }
  })

/** Of figures that were recorded. */
export const peerRows = (runs: readonly RecordedRun[]): PeerRow[] =>
  peers.flatMap((peer) => {
    const ours = historyOf(runs, peer.bench, peer.figure).at(-1)?.figure.median
    if (ours === undefined) return []
    return [{ peer, ours, ratio: peer.unit === 'jobs/s' ? ours / peer.theirs : undefined }]
  })

export const commandOf = (bench: string): string => `npm run bench -- --only ${bench}`

function verdictOf(value: number, { at_least, at_most, aim }: Target): TargetRow['verdict'] {
  if (value < (at_least ?? Number.NEGATIVE_INFINITY) || value > (at_most ?? Infinity)) return 'missed'
  const isReached = at_least === undefined ? value <= aim : value >= aim
  return isReached ? 'aim reached' : 'kept'
}
