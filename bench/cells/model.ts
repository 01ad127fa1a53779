// A center of eight like pools, and institutes of which all ask for the same and more than there is, though not all have the same shares.
// Every other institute is at home in one pool: its data is there, and its jobs accept no other. Those of the rest accept all. So
// cells differ in who asks for them, and what is fair in each of them alone is not what is fair in all of them together.
//
// Jobs are short and not wide, for it is cells that are measured here, and not the luck of a few large jobs.

import type { CenterConfig, JobRequest, NodePoolConfig } from '@dure/core'
import { type Demand, demandOf, type Submission, stream } from '@dure/sim'
import { modelCenter } from '../model/center.ts'

export const POOLS = 8
const NODES_PER_POOL = 8
const PER_NODE = { cpuMilli: 112_000, memoryMib: 2_097_152, accelerators: 8 }
const ACCELERATORS = POOLS * NODES_PER_POOL * PER_NODE.accelerators

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS

/** Any of these, as likely as the others. */
const WIDTHS = [1, 1, 2, 4, 8]
const RUN_MINUTES = { least: 10, most: 120 }
/** Whoever waits gives up after a time that is this in the mean. */
const PATIENCE_MS = DAY_MS

export function pooledCenter(): CenterConfig {
  const pools = Array.from(
    { length: POOLS },
    (_, k): NodePoolConfig => ({
      name: `gpu-${k}`,
      kind: 'gpu',
      model: 'H100',
      nodes: NODES_PER_POOL,
      perNode: PER_NODE,
    }),
  )
  return { ...modelCenter(1), name: 'pooled', pools }
}

/** @param load work asked for / work that the accelerators could do */
export const unevenDemand = (config: CenterConfig, load: number, days: number, seed: number): Demand =>
  demandOf(config, submissions(config, load, seed), days * DAY_MS)

function* submissions(config: CenterConfig, load: number, seed: number): Generator<Submission, void> {
  const draws = stream(seed, 'cells')
  const institutes = [...Map.groupBy(config.associations, ({ account }) => account)]
  const requests = institutes.map((_, k) => requestsOf(config, k))
  const meanRunMs = ((RUN_MINUTES.least + RUN_MINUTES.most) / 2) * MINUTE_MS
  const meanWidth = WIDTHS.reduce((sum, width) => sum + width, 0) / WIDTHS.length
  const gapMs = (meanWidth * meanRunMs) / (load * ACCELERATORS)
  for (let atMs = 0; ; atMs += Math.ceil(draws.exponential(gapMs))) {
    const k = draws.int(0, institutes.length - 1)
    const [account, users] = institutes[k]!
    const runTimeMs = draws.int(RUN_MINUTES.least * MINUTE_MS, RUN_MINUTES.most * MINUTE_MS)
    const request = requests[k]![draws.int(0, POOLS - 1)]![draws.int(0, WIDTHS.length - 1)]!
    const { user } = users[draws.int(0, users.length - 1)]!
    // People ask for up to three times what they need.
    const timeLimitMs = Math.ceil(runTimeMs * (1 + 2 * draws.uniform()))
    const patienceMs = Math.ceil(draws.exponential(PATIENCE_MS))
    yield {
      ...{ atMs, account, user, request, timeLimitMs, runTimeMs, patienceMs },
      ...{ session: 0, kind: '', name: '', exitCode: 0, stopped: false, checkpoint: null },
    }
  }
}

/** Of the `k`-th institute: by which pool comes first where all are accepted, and by place in `WIDTHS`. */
function requestsOf({ pools }: CenterConfig, k: number): JobRequest[][] {
  const names = pools.map(({ name }) => name)
  const home = k % 2 === 0 ? names[(k / 2) % POOLS]! : null
  return names.map((_, first) => {
    const accepted = home === null ? [...names.slice(first), ...names.slice(0, first)] : [home]
    return WIDTHS.map((width) => ({
      ...{ pools: accepted, nodes: 1, acceleratorsMilli: 1000 * width },
      ...{ cpuMilli: 8_000 * width, memoryMib: 65_536 * width },
    }))
  })
}

/** The pools in so many cells of neighbours. */
export function inCells({ pools }: CenterConfig, cells: number): string[][] {
  const each = pools.length / cells
  return Array.from({ length: cells }, (_, c) => pools.slice(c * each, (c + 1) * each).map(({ name }) => name))
}
