// Where the public logs and the reference schedules lie that are too large for the repository: the folder `shared` beside
// the checkout, or DURE_REFERENCE. Tests that need them are skipped, and say so, where they are not.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const folder = process.env.DURE_REFERENCE ?? fileURLToPath(new URL('../../../../shared', import.meta.url))

export const hasReference = existsSync(`${folder}/golden/schedules`) && existsSync(`${folder}/traces`)

export const withReference = hasReference
  ? 'with reference data'
  : `with reference data (skipped: there is none in ${folder}; set DURE_REFERENCE)`

export const readGzipped = (path: string): Uint8Array => gunzipSync(readFileSync(`${folder}/${path}`))

export const logs = {
  'kth-sp2': 'traces/kth-sp2/KTH-SP2-1996-2.1-cln.swf.gz',
  'sdsc-sp2': 'traces/sdsc-sp2/SDSC-SP2-1998-4.2-cln.swf.gz',
  lublin256: 'traces/lublin256/lublin_256.swf.gz',
} as const

export type LogName = keyof typeof logs

/** Start second by job number, as independent programs computed it. */
export function referenceStarts(log: LogName, rule: string, policy: string): ReadonlyMap<number, number> {
  const text = new TextDecoder().decode(readGzipped(`golden/schedules/${log}.${rule}.${policy}.csv.gz`))
  const [head, ...rows] = text.trimEnd().split('\n')
  if (head !== 'job,submit,start,end,procs') throw new Error(`unexpected columns ${head}`)
  return new Map(
    rows.map((row) => {
      const [job, , start] = row.split(',').map(Number)
      return [job!, start!]
    }),
  )
}

/** What the same programs said of a schedule as a whole. */
export function referenceMeans(log: LogName, rule: string, policy: string): { waitS: number; boundedSlowdown: number } {
  const summaries: Record<string, { wait_mean_s: number; bounded_slowdown_mean: number }> = JSON.parse(
    readFileSync(`${folder}/golden/schedules/summary.json`, 'utf8'),
  )
  const { wait_mean_s: waitS, bounded_slowdown_mean: boundedSlowdown } = summaries[`${log}.${rule}.${policy}`]!
  return { waitS, boundedSlowdown }
}
