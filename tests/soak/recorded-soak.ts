// Soaks that were kept, and the page that shows the one that says most: the newest of the longest.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type Machine, machineLine } from '@dure/bench/machine'
import { writeResults } from '../chaos/report/results-section.ts'
import type { SoakResult } from './soak.ts'
import type { Verdict } from './verdict.ts'

interface RecordedSoak extends SoakResult {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly commit: string | null
  readonly machine: Machine
  readonly minutes: number
  readonly warm_up_minutes: number
  /** Submits a second. */
  readonly rate: number
  readonly seed: number
  readonly is_keyed: boolean
}

const folder = new URL('./results/', import.meta.url)
const page = new URL('./README.md', import.meta.url)

export function recordSoak(soak: RecordedSoak): void {
  mkdirSync(folder, { recursive: true })
  const name = `${soak.at.slice(0, 19).replaceAll(':', '')}-${soak.minutes}-min.json`
  const { samples, ...told } = soak
  // A line for each sample: hundreds of them are read as a table or not at all.
  const lines = samples.map((sample) => `    ${JSON.stringify(sample)}`).join(',\n')
  const text = JSON.stringify({ ...told, samples: [] }, null, 2)
  writeFileSync(new URL(name, folder), `${text.replace('"samples": []', () => `"samples": [\n${lines}\n  ]`)}\n`)
}

export function writePage(): void {
  mkdirSync(folder, { recursive: true })
  const soaks = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as RecordedSoak)
  const best = soaks.reduce<RecordedSoak | undefined>(
    (longest, one) => (longest === undefined || one.minutes >= longest.minutes ? one : longest),
    undefined,
  )
  writeResults(page, best === undefined ? '' : results(best))
}

function results(soak: RecordedSoak): string {
  const { at, commit, machine, minutes, warm_up_minutes, rate, is_keyed, accepted, ended, violations } = soak
  const { verdicts, submitMs, listMs, perJob } = soak
  return [
    `${minutes} minutes at ${rate} jobs/s${is_keyed ? ', each under an Idempotency-Key' : ''}, of which the first ${warm_up_minutes} are not judged. ${at.slice(0, 10)}${commit === null ? '' : `, ${commit}`},`,
    `${machineLine(machine)}. ${count(accepted)} jobs were accepted and ${count(ended)} of them have ended.`,
    violations.length === 0
      ? 'Nothing was violated: no process ended, no reader missed anything, and the ledger decided anew says the same.'
      : `**Violated:** ${violations.join('; ')}.`,
    '',
    '| whose | what | at first | at last | in ten minutes | limit | |',
    '| --- | --- | ---: | ---: | ---: | ---: | --- |',
    ...verdicts.map(verdictLine),
    '',
    ...(submitMs === null
      ? []
      : [`A submit was answered in ${submitMs.p50} ms (p50), ${submitMs.p99} ms (p99), ${submitMs.max} ms (max).`]),
    ...(listMs === null
      ? []
      : [`A list of 100 jobs in ${listMs.p50} ms (p50), ${listMs.p99} ms (p99), ${listMs.max} ms (max).`]),
    '',
    perJob.length === 0
      ? 'Nothing stays in Redis of a job that has ended.'
      : `Of each job that has ended there stays in Redis: ${perJob.map(({ group, bytes }) => `${Math.round(bytes)} bytes in \`${group}\``).join(', ')}.`,
    '',
  ].join('\n')
}

/** A verdict as a line of the table. */
function verdictLine({ subject, what, unit, kind, first, last, figure, max, outcome, why }: Verdict): string {
  const value = (number: number | null): string =>
    number === null ? '–' : `${number.toFixed(unit === '' ? 0 : 1)}${unit === '' ? '' : ` ${unit}`}`
  const percent = kind === 'growth' ? '' : ' %'
  const sign = kind === 'distance in percent' ? '±' : ''
  const grown = figure === null ? '–' : `${sign}${figure.toFixed(2)}${percent}`
  return `| ${subject} | ${what} | ${value(first)} | ${value(last)} | ${grown} | ${sign}${max}${percent} | ${outcome}${why === undefined ? '' : `: ${why}`} |`
}

const count = (number: number): string => number.toLocaleString('en-US')
