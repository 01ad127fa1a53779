// A row of the table of faults: what is done to the center, what was promised, and how often it is tried.

import type { Stream } from '@dure/sim'
import type { ChaosCenter, ChaosCenterOptions } from '../center/chaos-center.ts'
import type { CenterClient } from '../client/center-client.ts'
import type { History } from '../client/history.ts'

export type Level = 'short' | 'half-hour' | 'overnight'

export interface RoundResult {
  readonly violations: readonly string[]
  /** Promises of time that were missed. On a machine that has other work they say as much about the machine. */
  readonly late?: readonly string[]
  /** From the end of the fault until everything was as before; undefined where nothing had to come back. */
  readonly recoveryMs?: number
  /** What else was counted, by what it is. */
  readonly counts?: Readonly<Record<string, number>>
}

interface RowFrame {
  /** Its number in the table of forty, or a word for what is not in it. */
  readonly name: string
  readonly fault: string
  readonly promise: string
  readonly rounds: Readonly<Record<Level, number>>
  /** Has the machine for itself: it keeps a core busy, or promises times that other rounds would be late for. */
  readonly isAlone?: true
}

/** What a fault may use. */
export interface Scene {
  readonly round: number
  readonly center: ChaosCenter
  readonly random: Stream
  /** Speaks for an administrator; what it asks for is in the history. */
  readonly client: CenterClient
  readonly history: History
}

/** A fault on a whole center that is at work. */
export interface LiveRow extends RowFrame {
  readonly kind: 'live'
  readonly center: ChaosCenterOptions
  readonly recoveryMsMax: number
  /** Calls a second of the users; 30 unless said otherwise. */
  readonly perSecond?: number
  /** Does it, and resolves when it is over: from there on the center recovers. */
  inject(scene: Scene): Promise<Injected | undefined>
}

export interface Injected {
  /** What the fault itself showed to be wrong. */
  readonly violations?: readonly string[]
  readonly late?: readonly string[]
  readonly counts?: Readonly<Record<string, number>>
}

/** A fault that needs no center at work, or makes its own. */
export interface StandaloneRow extends RowFrame {
  readonly kind: 'standalone'
  readonly recoveryMsMax?: number
  /** Plays so many rounds from the first one given, telling of each. */
  play(
    rounds: { readonly first: number; readonly count: number },
    seed: number,
    tell: (round: number, result: RoundResult) => void,
  ): Promise<void>
}

export type Row = LiveRow | StandaloneRow
