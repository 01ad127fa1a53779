// Logs to simulate: a public one where it lies beside the checkout (folder `shared`, or DURE_REFERENCE), else one of its
// kind from a seed.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { parseSwf, type Simulation, stream, type TraceJobs } from '@dure/sim'

const folder = process.env.DURE_REFERENCE ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const files = {
  'sdsc-sp2': { file: 'traces/sdsc-sp2/SDSC-SP2-1998-4.2-cln.swf.gz', processors: 128 },
  'kth-sp2': { file: 'traces/kth-sp2/KTH-SP2-1996-2.1-cln.swf.gz', processors: 100 },
} as const

export interface Log {
  readonly name: string
  readonly jobs: TraceJobs
  readonly processors: number
  /** SHA-256 of the schedule by rule and policy (`instant.easy`), as independent programs computed it; empty for a log of our own. */
  readonly schedules: Readonly<Record<string, string>>
  /** Where a public log lies. */
  readonly file?: string
}

/** A public log, undefined where it cannot be found. */
export function referenceLog(name: keyof typeof files): Log | undefined {
  const { file, processors } = files[name]
  if (!existsSync(`${folder}/${file}`)) return undefined
  const { jobs } = parseSwf(gunzipSync(readFileSync(`${folder}/${file}`)), { processors })
  const summaries: Readonly<Record<string, { readonly starts_sha256: string }>> = JSON.parse(
    readFileSync(`${folder}/golden/schedules/summary.json`, 'utf8'),
  )
  const schedules: Record<string, string> = {}
  for (const [key, { starts_sha256 }] of Object.entries(summaries)) {
    if (key.startsWith(`${name}.`)) schedules[key.slice(name.length + 1)] = starts_sha256
  }
  return { name, jobs, processors, schedules, file: `${folder}/${file}` }
}

/** `count` jobs of powers of two processors, lognormal run times and estimates of a few round lengths, at 85 % load. */
export function seededLog(count: number): Log {
  const arrivals = stream(1, 'log/arrivals')
  const sizes = stream(1, 'log/sizes')
  const runs = stream(1, 'log/runs')
  const owners = stream(1, 'log/owners')
  const lines: string[] = []
  let atS = 0
  for (let job = 1; job <= count; job++) {
    atS += arrivals.exponential(GAP_MEAN_S)
    const size = SIZES[sizes.choice(SIZE_PERCENT)]!
    const runS = Math.max(1, Math.floor(runs.lognormal(900, 1.7)))
    const neededS = runS * (1 + runs.exponential(1))
    const estimateS = ESTIMATES_S.find((length) => length >= neededS) ?? ESTIMATES_S.at(-1)!
    const user = owners.int(1, 200)
    lines.push(
      `${job} ${Math.floor(atS)} -1 ${runS} ${size} -1 -1 ${size} ${estimateS} -1 1 ${user} ${user % 20} -1 -1 -1 -1 -1`,
    )
  }
  const { jobs } = parseSwf(new TextEncoder().encode(lines.join('\n')), { processors: PROCESSORS_SEEDED })
  return { name: 'a seeded log', jobs, processors: PROCESSORS_SEEDED, schedules: {} }
}

const SIZES = [1, 2, 4, 8, 16, 32, 64]
const SIZE_PERCENT = [38, 10, 12, 16, 14, 7, 3]
const ESTIMATES_S = [600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 64_800, 129_600]
const GAP_MEAN_S = 320
const PROCESSORS_SEEDED = 128

/** SHA-256 over the lines `job,start` in order of job number, as in the reference schedules. */
export function scheduleSha(jobs: TraceJobs, { startMs }: Simulation): string {
  const order = Array.from(jobs.job, (_, i) => i).sort((a, b) => jobs.job[a]! - jobs.job[b]!)
  const lines = order.map((i) => `${jobs.job[i]},${startMs[i]! / 1000}`)
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
