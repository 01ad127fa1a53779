// `npm run chaos [-- --level short|half-hour|overnight] [--rows NAME,NAME…] [--rounds N] [--round N] [--seed N] [--together N] [--mutant NAME]
// [--record] [--page] [--list]`: puts every fault of the table on a center of real processes and checks what is left of it. `--page` plays
// nothing and writes the table of what was recorded.
//
// Exit codes: 0 nothing was wrong, 1 something was, 2 usage, 99 only a promise of time was missed, 130 interrupted.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { commitHere, machineLine, thisMachine } from '@dure/bench/machine'
import { mutants } from './mutants.ts'
import { type PlayedRound, PROTOCOL } from './play.ts'
import { playTogether } from './play-together.ts'
import { bestResult, recordedRuns, recordRun, writePage } from './report/recorded-run.ts'
import { type RowResult, rowResult } from './report/row-result.ts'
import { TimeLeft } from './report/time-left.ts'
import type { Level, Row } from './rows/row.ts'
import { absentRows, rows } from './rows/table.ts'

const FAILED = 1
const USAGE = 2
const THRESHOLD_MISSED = 99
const INTERRUPTED = 130
/** Between two words on how far it is. */
const TELL_MS = 20_000
const levels: readonly Level[] = ['short', 'half-hour', 'overnight']

function options() {
  const { values } = parseArgs({
    options: {
      level: { type: 'string', default: 'short' },
      row: { type: 'string', multiple: true, default: [] },
      rows: { type: 'string' },
      seed: { type: 'string' },
      round: { type: 'string' },
      rounds: { type: 'string' },
      together: { type: 'string', default: '1' },
      mutant: { type: 'string' },
      record: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  })
  const level = levels.find((one) => one === values.level)
  if (level === undefined) throw new Error(`there is no level ${values.level}: choose ${levels.join(', ')}`)
  const { mutant, record } = values
  if (mutant !== undefined && !(mutant in mutants))
    throw new Error(`there is no mutant ${mutant}: there are ${Object.keys(mutants).join(', ')}`)
  if (mutant !== undefined && record)
    throw new Error('the table tells of Dure as it is: leave out --record for a broken build')
  const given = [...values.row, ...(values.rows?.split(',') ?? [])].map((name) => name.trim())
  const names = given.length === 0 && mutant !== undefined ? [mutants[mutant]!.row] : given
  const unknown = names.filter((name) => rows.every((row) => row.name !== name))
  if (unknown.length > 0) throw new Error(`there is no row ${unknown.join(', ')}: see --list`)
  const whole = (name: 'seed' | 'round' | 'rounds' | 'together', min = 1): number | undefined => {
    const text = values[name]
    if (text === undefined) return undefined
    if (!/^\d+$/.test(text) || Number(text) < min)
      throw new Error(`--${name} ${text} is not a whole number from ${min} on: give one, such as ${Math.max(1, min)}`)
    return Number(text)
  }
  return {
    ...values,
    level,
    rows: names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name)),
    seed: whole('seed', 0),
    round: whole('round'),
    rounds: whole('rounds'),
    together: whole('together'),
  }
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
  together = 1,
  mutant,
  record,
  page,
  list,
} = optionsOrUsage()
if (list) {
  for (const { name, fault, promise, rounds: counts, isAlone } of rows)
    process.stdout.write(
      `${name.padEnd(10)} ${fault}: ${promise} (${levels.map((one) => counts[one]).join(', ')} rounds${isAlone ? ', alone' : ''})\n`,
    )
  process.exit(0)
}
if (page) {
  writeTable()
  process.exit(0)
}
const commit = commitHere()
const machine = thisMachine()
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(machineLine(machine))
say(`seed=${seed} revision=${commit ?? 'unknown'} level=${level} together=${together}`)
const at = new Date().toISOString()

const planned = chosen
  .map((row) => ({
    row,
    rounds: { first: round ?? 1, count: rounds ?? (round === undefined ? row.rounds[level] : 1) },
  }))
  .filter(({ rounds: { count } }) => count > 0)
const earlier = recordedRuns()
const left = new TimeLeft(
  planned.map(({ row: { name, isAlone = false }, rounds: { count } }) => ({
    name,
    rounds: count,
    isAlone,
    roundMs: bestResult(earlier, name)?.result.round_ms,
  })),
  together,
)
const played = new Map(planned.map(({ row }) => [row, { rounds: [] as PlayedRound[], tookMs: 0 }]))
const results = (): RowResult[] =>
  [...played].flatMap(([row, { rounds: some, tookMs }]) => (some.length === 0 ? [] : [rowResult(row, some, tookMs)]))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    // Whatever was started ends with this process. What has been played is kept.
    if (record && results().length > 0) keep()
    process.exit(INTERRUPTED)
  })
}
let heardOf = planned[0]?.row.name ?? ''
setInterval(() => say(left.line(heardOf)), TELL_MS).unref()
await playTogether(planned, {
  seed,
  together,
  ...(mutant !== undefined && { options: mutants[mutant]!.build }),
  tell: (row, one, tookMs) => {
    const some = played.get(row)!
    some.rounds.push(one)
    some.tookMs += tookMs
    left.played(row.name, tookMs)
    heardOf = row.name
    tellIfWrong(row, one)
  },
  finished: (row) => {
    const { rounds: all, tookMs } = played.get(row)!
    say(summary(rowResult(row, all, tookMs)))
    // After each row: a run that is ended in the middle of the night leaves what it has.
    if (record) keep()
  },
})
process.exit(
  results().some(({ violated }) => violated > 0)
    ? FAILED
    : results().some(({ late }) => late > 0)
      ? THRESHOLD_MISSED
      : 0,
)

function keep(): void {
  recordRun({ at, commit, level, protocol: PROTOCOL, together, seed, machine, rows: results() })
  writeTable()
}

function writeTable(): void {
  writePage(
    rows.map((row) => row.name),
    absentRows,
  )
}

/** Says at once what went wrong, and how to see it again. */
function tellIfWrong(row: Row, { round: number, violations, late = [], history = '' }: PlayedRound): void {
  const wrong = [...violations, ...late.map((one) => `late: ${one}`)]
  if (wrong.length === 0) return
  const file = join(mkdtempSync(join(tmpdir(), 'dure-chaos-failed-')), 'history.jsonl')
  writeFileSync(file, history)
  const again = `npm run chaos -- --rows ${row.name.includes(' ') ? `'${row.name}'` : row.name} --seed ${seed} --round ${number}${mutant === undefined ? '' : ` --mutant ${mutant}`}`
  say(
    [
      `✗ row=${row.name} fault='${row.fault}' seed=${seed} round=${number} revision=${commit ?? 'unknown'}`,
      ...wrong.slice(0, 12).map((one) => `    ${one}`),
      ...(wrong.length > 12 ? [`    and ${wrong.length - 12} more`] : []),
      `  history: ${file}`,
      `  again:   ${again}`,
    ].join('\n'),
  )
}

function summary({ row, fault, rounds: count, violated, late, is_smoke, recovery_ms, counts }: RowResult): string {
  const recovery =
    recovery_ms === null
      ? ''
      : `, back after ${recovery_ms.p50} ms (p50), ${recovery_ms.p99} ms (p99), ${recovery_ms.max} ms (max)`
  const further = Object.entries(counts).map(([what, number]) => `, ${what}: ${number}`)
  return `${violated === 0 ? '✓' : '✗'} ${row.padEnd(10)} ${fault}: ${count} rounds${is_smoke ? ' (smoke)' : ''}, ${violated} violated, ${late} late${recovery}${further.join('')}`
}
