// Runs of the harness that were kept, and the page that shows the best result of each row: the newest of those with the most rounds.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type Machine, machineLine } from '@dure/bench/machine'
import { PROTOCOL } from '../play.ts'
import type { AbsentRow } from '../rows/table.ts'
import { writeResults } from './results-section.ts'
import type { RowResult } from './row-result.ts'

export interface RecordedRun {
  readonly at: string
  readonly commit: string | null
  readonly level: string
  /** How its rounds were played and checked; 1 where absent. */
  readonly protocol?: number
  /** Centers that played at the same time; 1 where absent. */
  readonly together?: number
  readonly seed: number
  readonly machine: Machine
  readonly rows: readonly RowResult[]
}

const folder = new URL('../results/', import.meta.url)
const page = new URL('../README.md', import.meta.url)

export function recordRun(run: RecordedRun): void {
  mkdirSync(folder, { recursive: true })
  const name = `${run.at.slice(0, 19).replaceAll(':', '')}-${run.level}.json`
  writeFileSync(new URL(name, folder), `${JSON.stringify(run, null, 2)}\n`)
}

export const recordedRuns = (): RecordedRun[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as RecordedRun)

/** A row's result, and the run that it comes from. */
interface BestResult {
  readonly run: RecordedRun
  readonly result: RowResult
}

/** Of a row, the newest result with the most rounds; of earlier protocols, where there is no other, the newest. `runs` are in order of time. */
export function bestResult(runs: readonly RecordedRun[], name: string): BestResult | undefined {
  const found = runs.flatMap((run) => run.rows.filter(({ row }) => row === name).map((result) => ({ run, result })))
  const most = Math.max(...found.filter(isCurrent).map(({ result }) => result.rounds))
  return found.findLast((one) => isCurrent(one) && one.result.rounds === most) ?? found.at(-1)
}

const isCurrent = ({ run }: BestResult): boolean => run.protocol === PROTOCOL

/** Writes the best result of each row into the README. */
export function writePage(names: readonly string[], absent: readonly AbsentRow[]): void {
  writeResults(page, resultsTable(recordedRuns(), names, absent))
}

function resultsTable(runs: readonly RecordedRun[], names: readonly string[], absent: readonly AbsentRow[]): string {
  const shown = names.flatMap((name) => bestResult(runs, name) ?? [])
  const machines = [
    ...new Set(shown.map(({ run }) => machineLine({ ...run.machine, load_before: 0 }).replace(/, load.*/, ''))),
  ]
  return [
    '| row | fault | promise | rounds | violated | late | recovery p50 / p99 / max | recorded |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | --- |',
    ...shown.map(line),
    '',
    `On ${machines.join('; ')}. *Smoke*: fewer than 30 rounds, which show that it can be played and not how often it holds.`,
    '*Late*: a promise of time was missed, which on a machine with other work (see its load before the run) says as much about the machine.',
    'Recovery runs from the end of the fault until a new job has been accepted, has run and has ended, and everything acknowledged before has ended too.',
    '',
    '| not made here | what | shown by |',
    '| --- | --- | --- |',
    ...absent.map(({ name, fault, shownBy }) => `| ${name} | ${fault} | ${shownBy} |`),
    '',
  ].join('\n')
}

function line({ run: { at, commit, machine, together = 1 }, result }: BestResult): string {
  const { row, fault, promise, rounds, violated, late, is_smoke, recovery_ms, counts } = result
  const seconds = (ms: number): string => (ms / 1000).toFixed(1)
  const recovery =
    recovery_ms === null
      ? '–'
      : `${seconds(recovery_ms.p50)} / ${seconds(recovery_ms.p99)} / ${seconds(recovery_ms.max)} s`
  const further = Object.entries(counts).map(([what, count]) => `${what}: ${count}`)
  const told = [fault, ...further].join('; ')
  return `| ${row} | ${told} | ${promise} | ${rounds}${is_smoke ? ' (smoke)' : ''} | ${violated} | ${late} | ${recovery} | ${at.slice(0, 10)}${commit === null ? '' : `, ${commit}`}, load ${machine.load_before}${together > 1 ? `, ${together} together` : ''} |`
}
