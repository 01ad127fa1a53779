// Runs of the harness that were kept, and the page that shows the newest result of each row.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type Machine, machineLine } from '@dure/bench/machine'
import type { AbsentRow } from '../rows/table.ts'
import type { RowResult } from './row-result.ts'

export interface RecordedRun {
  readonly at: string
  readonly commit: string | null
  readonly level: string
  readonly seed: number
  readonly machine: Machine
  readonly rows: readonly RowResult[]
}

const folder = new URL('../results/', import.meta.url)
const page = new URL('../README.md', import.meta.url)
const section = /(<!-- results: [^>]* -->\n)([\s\S]*?)(<!-- end of results -->)/

export function recordRun(run: RecordedRun): void {
  mkdirSync(folder, { recursive: true })
  const name = `${run.at.slice(0, 19).replaceAll(':', '')}-${run.level}.json`
  writeFileSync(new URL(name, folder), `${JSON.stringify(run, null, 2)}\n`)
}

const recordedRuns = (): RecordedRun[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as RecordedRun)

/** Writes the newest result of each row into the README. */
export function writePage(names: readonly string[], absent: readonly AbsentRow[]): void {
  const text = readFileSync(page, 'utf8')
  const table = resultsTable(recordedRuns(), names, absent)
  writeFileSync(
    page,
    text.replace(section, (_, begin: string, _old: string, end: string) => `${begin}\n${table}\n${end}`),
  )
}

function resultsTable(runs: readonly RecordedRun[], names: readonly string[], absent: readonly AbsentRow[]): string {
  const machines = [
    ...new Set(runs.map(({ machine }) => machineLine({ ...machine, load_before: 0 }).replace(/, load.*/, ''))),
  ]
  const lines = names.flatMap((name) => {
    const run = runs.findLast(({ rows }) => rows.some(({ row }) => row === name))
    const result = run?.rows.find(({ row }) => row === name)
    return run === undefined || result === undefined ? [] : [line(run, result)]
  })
  return [
    '| row | fault | promise | rounds | violated | late | recovery p50 / p99 / max | recorded |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | --- |',
    ...lines,
    '',
    `On ${machines.join('; ')}. *Smoke*: fewer than 30 rounds, which show that it can be played and not how often it holds.`,
    '*Late*: a promise of time was missed, which on a machine with other work (see its load before the run) says as much about the machine.',
    'Recovery runs from the end of the fault until a new job has been accepted, has run and has ended, and everything acknowledged before has ended too.',
    '',
    '| not made here | what | why |',
    '| --- | --- | --- |',
    ...absent.map(({ name, fault, why }) => `| ${name} | ${fault} | ${why} |`),
    '',
  ].join('\n')
}

function line({ at, commit, machine }: RecordedRun, result: RowResult): string {
  const { row, fault, promise, rounds, violated, late, is_smoke, recovery_ms, counts } = result
  const seconds = (ms: number): string => (ms / 1000).toFixed(1)
  const recovery =
    recovery_ms === null
      ? '–'
      : `${seconds(recovery_ms.p50)} / ${seconds(recovery_ms.p99)} / ${seconds(recovery_ms.max)} s`
  const further = Object.entries(counts).map(([what, count]) => `${what}: ${count}`)
  const told = [fault, ...further].join('; ')
  return `| ${row} | ${told} | ${promise} | ${rounds}${is_smoke ? ' (smoke)' : ''} | ${violated} | ${late} | ${recovery} | ${at.slice(0, 10)}${commit === null ? '' : `, ${commit}`}, load ${machine.load_before} |`
}
