// What `--record` has left, one file a run.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Size } from '../bounds.ts'
import type { Machine } from '../machine.ts'
import type { BenchReport, Figure } from '../report.ts'

export interface RecordedRun {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly commit: string | null
  readonly size: Size
  readonly machine: Machine
  readonly benches: readonly BenchReport[]
}

/** A figure, and the run that measured it. */
export interface Recorded {
  readonly figure: Figure
  readonly run: RecordedRun
}

const folder = new URL('../results/', import.meta.url)

/** Keeps a run in a file of its own, so that runs of two machines never meet in one. */
export function recordRun(run: RecordedRun): void {
  mkdirSync(folder, { recursive: true })
  const name = `${run.at.slice(0, 19).replaceAll(':', '')}-${run.size}.json`
  writeFileSync(new URL(name, folder), `${JSON.stringify(run, null, 2)}\n`)
}

/** Those of full size, in order of time. */
export function recordedRuns(): RecordedRun[] {
  mkdirSync(folder, { recursive: true })
  return readdirSync(folder)
    .filter((name) => name.endsWith('-full.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as RecordedRun)
}

/** Of each bench the newest run: a bench may have been recorded alone. */
export function newestReports(
  runs: readonly RecordedRun[],
): { readonly report: BenchReport; readonly run: RecordedRun }[] {
  const byBench = new Map(runs.flatMap((run) => run.benches.map((report) => [report.bench, { report, run }])))
  return [...byBench.values()]
}

/** Every time the figure was recorded, in order of time. */
export const historyOf = (runs: readonly RecordedRun[], bench: string, name: string): Recorded[] =>
  runs.flatMap((run) =>
    run.benches
      .filter((report) => report.bench === bench)
      .flatMap(({ figures }) => figures.filter((figure) => figure.name === name))
      .map((figure) => ({ figure, run })),
  )
