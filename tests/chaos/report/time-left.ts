// How long a run of rows will still take, from what its rounds have taken so far, or took when the row was recorded last.

interface PlannedRow {
  readonly name: string
  readonly rounds: number
  readonly isAlone: boolean
  /** What a round took before; undefined where nobody knows. */
  readonly roundMs: number | undefined
}

/** Of a row that was never played. */
const ROUND_MS = 15_000

export class TimeLeft {
  readonly #rows: Map<string, PlannedRow & { played: number; tookMs: number }>
  readonly #together: number

  constructor(rows: readonly PlannedRow[], together: number) {
    this.#rows = new Map(rows.map((row) => [row.name, { ...row, played: 0, tookMs: 0 }]))
    this.#together = together
  }

  played(name: string, tookMs: number): void {
    const row = this.#rows.get(name)!
    row.played++
    row.tookMs += tookMs
  }

  get ms(): number {
    let ms = 0
    for (const { rounds, isAlone, roundMs = ROUND_MS, played, tookMs } of this.#rows.values()) {
      const each = played === 0 ? roundMs : tookMs / played
      ms += ((rounds - played) * each) / (isAlone ? 1 : this.#together)
    }
    return ms
  }

  /** Where the run is, in words. */
  line(name: string): string {
    const row = this.#rows.get(name)!
    const all = [...this.#rows.values()]
    const sum = (of: (one: (typeof all)[number]) => number): number => all.reduce((total, one) => total + of(one), 0)
    return `  row ${name} ${row.played}/${row.rounds}, ${sum(({ played }) => played)} of ${sum(({ rounds }) => rounds)} rounds, ${inWords(this.ms)} left`
  }
}

function inWords(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (ms < 90_000) return `about ${Math.round(ms / 1000)} s`
  return minutes < 90 ? `about ${minutes} min` : `about ${(minutes / 60).toFixed(1)} h`
}
