// `npm run chaos [-- --level short|half-hour|overnight] [--row NAME …] [--seed N] [--round N] [--rounds N] [--mutant NAME] [--record] [--page] [--list]`:
// puts every fault of the table on a center of real processes and checks what is left of it. `--page` plays nothing and writes
// the table of what was recorded.
//
// Exit codes: 0 nothing was wrong, 1 something was, 2 usage, 99 only a promise of time was missed.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { machineLine, thisMachine } from '@dure/bench/machine'
import { mutants } from './mutants.ts'
import { type PlayedRound, playRow } from './play.ts'
import { recordRun, writePage } from './report/recorded-run.ts'
import { type RowResult, rowResult } from './report/row-result.ts'
import type { Level, Row } from './rows/row.ts'
import { absentRows, rows } from './rows/table.ts'

const FAILED = 1
const USAGE = 2
const THRESHOLD_MISSED = 99
const INTERRUPTED = 130
const levels: readonly Level[] = ['short', 'half-hour', 'overnight']

function options() {
  const { values } = parseArgs({
    options: {
      level: { type: 'string', default: 'short' },
      row: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string' },
      round: { type: 'string' },
      rounds: { type: 'string' },
      mutant: { type: 'string' },
      record: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  })
  const level = levels.find((one) => one === values.level)
  if (level === undefined) throw new Error(`there is no level ${values.level}: choose ${levels.join(', ')}`)
  const chosen = values.row.length === 0 ? rows : rows.filter(({ name }) => values.row.includes(name))
  const unknown = values.row.filter((name) => rows.every((row) => row.name !== name))
  if (unknown.length > 0) throw new Error(`there is no row ${unknown.join(', ')}: see --list`)
  if (values.mutant !== undefined && !(values.mutant in mutants))
    throw new Error(`there is no mutant ${values.mutant}: there are ${Object.keys(mutants).join(', ')}`)
  const whole = (name: 'seed' | 'round' | 'rounds'): number | undefined => {
    const given = values[name]
    if (given === undefined) return undefined
    if (!/^\d+$/.test(given)) throw new Error(`--${name} ${given} is not a whole number: give one, such as 1`)
    return Number(given)
  }
  return { ...values, level, rows: chosen, seed: whole('seed'), round: whole('round'), rounds: whole('rounds') }
}

function optionsOrUsage() {
  try {
    return options()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(USAGE)
  }
}

const {
  level,
  rows: chosen,
  seed = Date.now() % 1_000_000,
  round,
  rounds,
  mutant,
  record,
  page,
  list,
} = optionsOrUsage()
if (list) {
  for (const { name, fault, promise, rounds: counts } of rows)
    process.stdout.write(
      `${name.padEnd(10)} ${fault}: ${promise} (${levels.map((one) => counts[one]).join(', ')} rounds)\n`,
    )
  process.exit(0)
}
if (page) {
  writeResults()
  process.exit(0)
}
const commit = commitHere()
const machine = thisMachine()
process.stdout.write(`${machineLine(machine)}\nseed=${seed} revision=${commit ?? 'unknown'} level=${level}\n`)
const at = new Date().toISOString()
const results: RowResult[] = []
// Whatever was started ends with this process, and a signal would let it end without a word to them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(INTERRUPTED))
for (const row of chosen) {
  const count = rounds ?? (round === undefined ? row.rounds[level] : 1)
  if (count === 0) continue
  const played: PlayedRound[] = []
  const broken = mutant === undefined ? {} : mutants[mutant]!.build
  try {
    await playRow(row, { first: round ?? 1, count }, seed, (one) => played.push(told(row, one)), broken)
  } catch (error) {
    played.push(
      told(row, { round: played.length + 1, violations: [`the round could not be played: ${(error as Error).stack}`] }),
    )
  }
  const result = rowResult(row, played)
  results.push(result)
  process.stdout.write(`${summary(result)}\n`)
  // After each row, so that a run that is stopped in the middle of the night leaves what it has.
  if (record) recordRun({ at, commit, level, seed, machine, rows: results })
}
if (record) writeResults()
process.exit(
  results.some(({ violated }) => violated > 0) ? FAILED : results.some(({ late }) => late > 0) ? THRESHOLD_MISSED : 0,
)

function writeResults(): void {
  writePage(
    rows.map((row) => row.name),
    absentRows,
  )
}

/** Says at once what went wrong, and how to see it again. */
function told(row: Row, played: PlayedRound): PlayedRound {
  const { violations, late = [] } = played
  const wrong = [...violations, ...late.map((one) => `late: ${one}`)]
  if (wrong.length === 0) return played
  const file = join(mkdtempSync(join(tmpdir(), 'dure-chaos-failed-')), 'history.jsonl')
  writeFileSync(file, played.history ?? '')
  const again = `npm run chaos -- --row ${row.name.includes(' ') ? `'${row.name}'` : row.name} --seed ${seed} --round ${played.round}${mutant === undefined ? '' : ` --mutant ${mutant}`}`
  process.stdout.write(
    [
      `✗ row=${row.name} fault='${row.fault}' seed=${seed} round=${played.round} revision=${commit ?? 'unknown'}`,
      ...wrong.slice(0, 12).map((one) => `    ${one}`),
      ...(wrong.length > 12 ? [`    and ${wrong.length - 12} more`] : []),
      `  history: ${file}`,
      `  again:   ${again}`,
      '',
    ].join('\n'),
  )
  return played
}

function summary({ row, fault, rounds: count, violated, late, is_smoke, recovery_ms, counts }: RowResult): string {
  const recovery =
    recovery_ms === null
      ? ''
      : `, back after ${recovery_ms.p50} ms (p50), ${recovery_ms.p99} ms (p99), ${recovery_ms.max} ms (max)`
  const further = Object.entries(counts).map(([what, number]) => `, ${what}: ${number}`)
  return `${violated === 0 ? '✓' : '✗'} ${row.padEnd(10)} ${fault}: ${count} rounds${is_smoke ? ' (smoke)' : ''}, ${violated} violated, ${late} late${recovery}${further.join('')}`
}

function commitHere(): string | null {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return null
  }
}
