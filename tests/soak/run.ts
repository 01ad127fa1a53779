// `npm run soak [-- --minutes N] [--rate N] [--seed N] [--keyed] [--record] [--page]`: a whole center at work for an hour. Says
// every ten seconds what it holds, and at the end whether anything has grown. `--page` plays nothing and writes the table of what was
// recorded.
//
// Exit codes: 0 nothing has grown, 1 something went wrong, 2 usage, 99 a limit was missed, 130 interrupted.

import { parseArgs } from 'node:util'
import { commitHere, machineLine, thisMachine } from '@dure/bench/machine'
import type { CenterSample } from './center-sample.ts'
import { recordSoak, writePage } from './recorded-soak.ts'
import { LIMITS, type SoFar, soak } from './soak.ts'
import type { Verdict } from './verdict.ts'

const FAILED = 1
const USAGE = 2
const THRESHOLD_MISSED = 99
const INTERRUPTED = 130
const SAMPLE_MS = 10_000
/** At 200 jobs a second they take up a good third of the center. */
const RUN_MS = [500, 3_500] as const
/** Thorough samples, of which each stops the processes one by one, the API for half a second: rarely enough that the p99 of a submit is not theirs. */
const THOROUGH = 30
/** In a shorter one processes are still growing into what they need. */
const TELLING_MINUTES = 30
/** Part of the time in which the API comes to know as many jobs as it keeps, and everything is compiled. */
const WARM_UP = 1 / 3

function options() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '60' },
      rate: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      keyed: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
    },
  })
  const number = (name: 'minutes' | 'rate' | 'seed'): number => {
    const given = Number(values[name])
    if (values[name] !== '' && given >= (name === 'seed' ? 0 : Number.MIN_VALUE)) return given
    throw new Error(`--${name} ${values[name]} is not a number above 0: give one, such as 10`)
  }
  return { ...values, minutes: number('minutes'), rate: number('rate'), seed: number('seed') }
}

function optionsOrUsage() {
  try {
    return options()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(USAGE)
  }
}

const { minutes, rate, seed, keyed, record, page } = optionsOrUsage()
if (page) {
  writePage()
  process.exit(0)
}
const say = (line: string): void => void process.stdout.write(`${line}\n`)
// Whatever was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(INTERRUPTED))

const at = new Date().toISOString()
const commit = commitHere()
const machine = thisMachine()
say(machineLine(machine))
say(`seed=${seed} revision=${commit ?? 'unknown'}, ${minutes} minutes at ${rate} jobs/s`)
if (minutes < TELLING_MINUTES)
  say(
    `shorter than ${TELLING_MINUTES} minutes: what processes come to need at first counts as growth, and may miss a limit`,
  )
const seconds = 60 * minutes
const sampleMs = Math.min(SAMPLE_MS, (1000 * seconds) / THOROUGH)
const result = await soak({
  seconds,
  rate,
  seed,
  warmUpSeconds: WARM_UP * seconds,
  sampleMs,
  thoroughEvery: Math.max(1, Math.round((1000 * seconds) / sampleMs / THOROUGH)),
  limits: LIMITS,
  runMs: RUN_MS,
  isKeyed: keyed,
  tell: (sample, soFar) => say(sampleLine(sample, soFar)),
  say,
})
for (const verdict of result.verdicts) say(verdictLine(verdict))
for (const { group, keys, bytes } of result.perJob)
  say(`  of each job there stays in Redis: ${Math.round(bytes)} bytes and ${keys.toFixed(2)} keys in ${group}`)
for (const violation of result.violations) say(`✗ ${violation}`)
if (record) {
  recordSoak({
    at,
    commit,
    machine,
    minutes,
    warm_up_minutes: Number((WARM_UP * minutes).toFixed(1)),
    rate,
    seed,
    is_keyed: keyed,
    ...result,
  })
  writePage()
}
process.exit(
  result.violations.length > 0
    ? FAILED
    : result.verdicts.some(({ outcome }) => outcome === 'missed')
      ? THRESHOLD_MISSED
      : 0,
)

function sampleLine({ atS, processes, store }: CenterSample, { accepted, ended, submitMs }: SoFar): string {
  const clock = `${Math.floor(atS / 60)}:${`${Math.floor(atS % 60)}`.padStart(2, '0')} of ${minutes} min`
  const answers = submitMs === null ? 'no answers' : `submits ${submitMs.p50} ms (p50), ${submitMs.p99} ms (p99)`
  const held = processes.map(
    ({ name, rssMib, fds, heldMib }) =>
      `${name} ${heldMib === null ? `${Math.round(rssMib)} MiB RSS` : `${heldMib.toFixed(1)} MiB held`}, ${fds} fds`,
  )
  return `${clock}: ${accepted} accepted, ${ended} ended; ${answers}; Redis ${store.usedMib.toFixed(1)} MiB, ${store.keys} keys, ${store.entries} entries; ${held.join('; ')}`
}

function verdictLine({ subject, what, unit, kind, first, last, figure, max, outcome, why }: Verdict): string {
  const mark = { kept: '✓', missed: '✗', 'not judged': '–' }[outcome]
  if (figure === null || first === null || last === null) return `${mark} ${subject}, ${what}: not judged: ${why}`
  const percent = kind === 'growth' ? '' : ' %'
  const how = kind === 'distance in percent' ? 'keeps to its median within' : 'grows in ten minutes by'
  return `${mark} ${subject}, ${what}: ${first.toFixed(1)} → ${last.toFixed(1)} ${unit}, ${how} ${figure.toFixed(2)}${percent} (at most ${max}${percent})`
}
