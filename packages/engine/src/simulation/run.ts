// `pnpm dst [--seeds N] [--from SEED] [--mode safety|liveness] [--kinds KINDS] [--faults PLACES] [--trace]`: plays seeds, each in
// both modes where none is given, and says what did not hold, with the fewest faults that it takes and the command that plays
// them again. `--kinds crash,stop` lets nothing else happen; `--faults 0,3` plays only those faults of a plan, by their places in
// it; `--trace` writes a line for everything that happens to stderr.
//
// Exit codes: 0 ok, 1 something did not hold, 2 usage.

import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { nearestRank } from '@dure/sim'
import { failureLines } from './failure.ts'
import { faultKinds } from './faults.ts'
import { fewestFaults } from './fewest-faults.ts'
import { modes, planOf } from './plan.ts'
import { type SimulatedRun, simulate } from './simulate.ts'

const FAILED = 1
const USAGE = 2
const SEEDS = 1_000
const PROGRESS_MS = 30_000

const usage = `usage: pnpm dst [--seeds N] [--from SEED] [--mode safety|liveness] [--kinds KINDS] [--faults PLACES] [--trace]
KINDS are some of ${faultKinds.join(',')}; PLACES are whole numbers, such as 0,3`

function options() {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: `${SEEDS}` },
        from: { type: 'string', default: '1' },
        mode: { type: 'string' },
        kinds: { type: 'string' },
        faults: { type: 'string' },
        trace: { type: 'boolean', default: false },
      },
    })
    const mode = modes.find((one) => one === values.mode)
    if (values.mode !== undefined && mode === undefined) throw new Error(`there is no mode ${values.mode}`)
    const kinds = values.kinds?.split(',').map((name) => {
      const kind = faultKinds.find((one) => one === name)
      if (kind === undefined) throw new Error(`there is no fault ${name}`)
      return kind
    })
    return {
      seeds: wholeNumber('--seeds', values.seeds),
      from: wholeNumber('--from', values.from),
      modes: mode === undefined ? modes : [mode],
      kinds,
      faults: values.faults?.split(',').map((place) => wholeNumber('--faults', place)),
      trace: values.trace,
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`)
    process.exit(USAGE)
  }
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${flag} takes whole numbers, not ${text}`)
  return Number(text)
}

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const { seeds, from, modes: played, kinds, faults, trace: isTraced } = options()
const beganMs = performance.now()
let saidMs = beganMs
let runs = 0
let failed = 0
let events = 0
let virtualMs = 0
let staleAppends = 0
const settledMs: number[] = []
const failoversMs: number[] = []

for (let seed = from; seed < from + seeds; seed++) {
  for (const mode of played) {
    const trace: string[] = []
    const run = await simulate(seed, mode, {
      kinds,
      ...(faults && { faults: (_, i) => faults.includes(i) }),
      ...(isTraced && { trace }),
    })
    for (const line of trace) process.stderr.write(`${line}\n`)
    runs++
    events += run.events
    virtualMs += run.endedMs
    staleAppends += run.staleAppends
    failoversMs.push(...run.failoversMs)
    if (run.settledMs !== undefined) settledMs.push(run.settledMs)
    if (run.violations.length === 0) continue
    failed++
    await describe(run)
  }
  if (performance.now() - saidMs < PROGRESS_MS) continue
  saidMs = performance.now()
  process.stderr.write(`seed ${seed}: ${runs} runs, ${failed} failed, ${rate()}\n`)
}

say(
  `${runs} runs of ${seeds} seeds from ${from}: ${failed} failed; ${rate()}, ${Math.round(events / runs)} events a run`,
)
say(
  `${Math.round(virtualMs / 60_000)} minutes of simulated time; ${staleAppends} appends of former leaders, all refused`,
)
sayTimes(`from a leader's death to the next term`, failoversMs)
sayTimes('everything over after the last fault', settledMs)
process.exit(failed === 0 ? 0 : FAILED)

function sayTimes(what: string, times: readonly number[]): void {
  if (times.length === 0) return
  const sorted = Float64Array.from(times).sort()
  const seconds = (percent: number): string => (nearestRank(sorted, percent) / 1_000).toFixed(1)
  say(`${what} (${times.length}): p50 ${seconds(50)} s, p99 ${seconds(99)} s, max ${seconds(100)} s`)
}

function rate(): string {
  return `${((runs / (performance.now() - beganMs)) * 1_000).toFixed(1)} runs/s`
}

/** With the fewest faults that it takes, unless only some were to happen. */
async function describe(run: SimulatedRun): Promise<void> {
  const places = faults ?? (await fewestFaults(run, { kinds }))
  // Those left out are still in the plan of the seed.
  const plan = planOf(run.plan.seed, run.plan.mode, kinds)
  for (const line of failureLines({ ...run, plan }, { revision: revision(), places, kinds })) say(line)
}

function revision(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
