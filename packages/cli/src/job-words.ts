// Jobs in the words and short forms that users of Slurm know.

import { formatDuration, type Job, type JobState } from '@dure/contract'

const codes: Readonly<Record<JobState, string>> = {
  accepted: 'AC',
  PENDING: 'PD',
  RUNNING: 'R',
  COMPLETED: 'CD',
  FAILED: 'F',
  CANCELLED: 'CA',
  TIMEOUT: 'TO',
  NODE_FAIL: 'NF',
}

/** squeue's ST; `AC` is ours, for a job that no commit has taken up yet. */
export const stateCode = (state: JobState): string => codes[state]

const terminal: readonly JobState[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'NODE_FAIL']
export const isTerminal = (state: JobState): boolean => terminal.includes(state)

/** How long it has run, `nowMs` being the center's. */
export function elapsed({ started_at_ms, ended_at_ms }: Job, nowMs: number): string {
  if (started_at_ms === null) return formatDuration(0)
  return inSeconds((ended_at_ms ?? Math.max(nowMs, started_at_ms)) - started_at_ms)
}

/** Whole seconds: nobody reads the milliseconds of a queue. */
export const inSeconds = (ms: number): string => formatDuration(1000 * Math.floor(ms / 1000))

/** squeue's NODELIST(REASON): where it runs, or why it does not. */
export function placeOrReason({ placement, pool, reason, held_by, state, nodes }: Job): string {
  if (placement.length > 0) return nodeList(placement.map(({ node }) => node))
  if (state === 'RUNNING') return nodes > 1 ? `${pool}[${nodes}]` : `${pool}`
  if (held_by !== null) return held_by === 'admin' ? '(JobHeldAdmin)' : '(JobHeldUser)'
  return reason === null ? '' : `(${reason})`
}

/** Node names with their numbers drawn together: `h100-[0-3,7]`. Names are POOL-NUMBER. */
export function nodeList(names: readonly string[]): string {
  const numbers = new Map<string, number[]>()
  for (const name of names) {
    const dash = name.lastIndexOf('-')
    const pool = name.slice(0, dash)
    numbers.set(pool, [...(numbers.get(pool) ?? []), Number(name.slice(dash + 1))])
  }
  return [...numbers].map(([pool, of]) => `${pool}-${ranges(of.sort((a, b) => a - b))}`).join(',')
}

function ranges(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = []
  for (const number of numbers) {
    const run = runs.at(-1)
    if (run !== undefined && run[1] + 1 === number) run[1] = number
    else runs.push([number, number])
  }
  const text = runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
  return numbers.length === 1 ? text : `[${text}]`
}
