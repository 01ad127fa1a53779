// `pnpm bench [--small] [--only NAME] [--json] [--record] [--accept] [--page]`: runs the benches, says what they measured, and
// checks answers and bounds. `--record` keeps the results under `results/`, `--accept` takes the answers for the right ones.
// `--page` runs nothing and writes the page of all that was recorded.
//
// Exit codes: 0 ok, 1 a wrong answer, 2 usage, 99 a bound was missed.

import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { benches } from './benches.ts'
import { accept, missedBounds, readAnswers, readBounds, type Size, wrongAnswers } from './bounds.ts'
import { commitHere, machineLine, thisMachine } from './machine.ts'
import { messageOf, startProcess } from './process.ts'
import { type RecordedRun, recordRun } from './recorded/runs.ts'
import { type BenchReport, printed } from './report.ts'

const FAILED = 1
const USAGE = 2
const THRESHOLD_MISSED = 99

const usage = 'usage: node bench/run.ts [--small] [--only NAME] [--json] [--record] [--accept] [--page]'

function options() {
  try {
    const { values } = parseArgs({
      options: {
        small: { type: 'boolean', default: false },
        only: { type: 'string' },
        json: { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
        accept: { type: 'boolean', default: false },
        page: { type: 'boolean', default: false },
      },
    })
    if (values.only === undefined || values.only in benches) return values
    throw new Error(`there is no bench ${values.only}; there are ${Object.keys(benches).join(', ')}`)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`)
    process.exit(USAGE)
  }
}

const { small, only, json, record, accept: isAccepting, page } = options()
if (page) {
  const { writeResultsPage } = await import('./page/results-page.ts')
  process.stdout.write(`${writeResultsPage()}\n`)
  process.exit(0)
}
const size: Size = small ? 'small' : 'full'

async function inOwnProcess(name: string): Promise<BenchReport> {
  const child = startProcess(new URL('./one-bench.ts', import.meta.url), [name, size])
  const ended = once(child, 'exit')
  const report = (await messageOf(child)) as BenchReport
  await ended
  return report
}

const machine = thisMachine()
if (!json) process.stdout.write(`${machineLine(machine)}\n`)
const reports: BenchReport[] = []
const wrong: string[] = []
const missed: string[] = []
for (const name of only === undefined ? Object.keys(benches) : [only]) {
  const report = await inOwnProcess(name)
  reports.push(report)
  if (!json) process.stdout.write(`${printed(report)}\n`)
  if (isAccepting) accept(report, size)
  wrong.push(...wrongAnswers(report, size, readAnswers()))
  if (size === 'full') missed.push(...missedBounds(report, readBounds()))
}

const run: RecordedRun = { at: new Date().toISOString(), commit: commitHere(), size, machine, benches: reports }
if (json) process.stdout.write(`${JSON.stringify(run)}\n`)
if (record) recordRun(run)
for (const sentence of [...wrong, ...missed]) process.stderr.write(`${sentence}\n`)
process.exit(wrong.length > 0 ? FAILED : missed.length > 0 ? THRESHOLD_MISSED : 0)
