// How long a new leader takes to know all its predecessors knew, by length of the ledger: read as a whole, and from a
// savepoint left at its end. Each recovery is a process of its own, as it is when it matters.

import { redisPorts } from '@dure/engine'
import { type PrivateRedis, startPrivateRedis } from '@dure/engine/testing'
import type { Size } from '../bounds.ts'
import { recoverCold } from '../live/cold-recovery.ts'
import type { Recovered } from '../live/recovering-leader.ts'
import { modelCenter, modelDemand } from '../model/center.ts'
import { type WrittenLedger, writtenLedger } from '../model/written-ledger.ts'
import { type BenchReport, type Figure, figure } from '../report.ts'

const SIZES = {
  full: { lengths: [10_000, 100_000], runs: 3 },
  small: { lengths: [500], runs: 1 },
} as const

/** About what a commit of a busy live center holds. */
const JOBS_PER_COMMIT = 32

export async function recovery(size: Size): Promise<BenchReport> {
  const { lengths, runs } = SIZES[size]
  const redis = await startPrivateRedis({ appendfsync: 'no' })
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  try {
    for (const jobs of lengths) {
      const { factsHash, ...measured } = await recoveries(redis, jobs, runs)
      figures.push(figure(`${jobs} jobs, whole ledger`, 'ms', measured.wholeMs))
      figures.push(figure(`${jobs} jobs, from a savepoint`, 'ms', measured.savedMs))
      answers[`${jobs} jobs`] = factsHash
    }
  } finally {
    await redis.stop()
  }
  return { bench: 'recovery', size: `jobs from submit to completion, ${JOBS_PER_COMMIT} a commit`, figures, answers }
}

async function recoveries(redis: PrivateRedis, jobs: number, runs: number) {
  const settings = redis.settings()
  const ports = await redisPorts(settings, 'bench')
  const config = modelCenter(1)
  const plan = { config, demand: modelDemand(config, 1, 1, 0), jobs, jobsPerCommit: JOBS_PER_COMMIT, ends: true }
  try {
    const written = await writtenLedger(ports, plan)
    const wholeMs: number[] = []
    const savedMs: number[] = []
    for (let i = 0; i < runs; i++) wholeMs.push(checked(await recoverCold(settings), written))
    await written.savepoint()
    for (let i = 0; i < runs; i++) savedMs.push(checked(await recoverCold(settings), written))
    return { wholeMs, savedMs, factsHash: written.factsHash }
  } finally {
    await ports.close()
  }
}

function checked({ recoverMs, factsHash, stateHash }: Recovered, written: WrittenLedger): number {
  if (factsHash !== written.factsHash || stateHash !== written.stateHash) {
    throw new Error('what was recovered is not what was written')
  }
  return recoverMs
}
