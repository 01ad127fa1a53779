// What a leader weighs with a million jobs waiting: the process that took them in, the savepoint it leaves, and a new leader
// that starts from it.

import { redisPorts } from '@dure/engine'
import { startPrivateRedis } from '@dure/engine/testing'
import type { Size } from '../bounds.ts'
import { recoverCold } from '../live/cold-recovery.ts'
import { modelCenter, modelDemand } from '../model/center.ts'
import { writtenLedger } from '../model/written-ledger.ts'
import { type BenchReport, figure } from '../report.ts'

const SIZES = {
  full: { multiple: 15, days: 1, jobs: 1_000_000, restores: 3 },
  small: { multiple: 1, days: 1, jobs: 2_000, restores: 1 },
} as const

const LOAD = 1
const JOBS_PER_COMMIT = 512

export async function memory(size: Size): Promise<BenchReport> {
  const { multiple, days, jobs, restores } = SIZES[size]
  const config = modelCenter(multiple)
  const demand = modelDemand(config, LOAD, days, 0)
  // The ledger is as long as the history, not as what is known; nothing here waits for a disk.
  const redis = await startPrivateRedis({ appendfsync: 'no' })
  const settings = redis.settings()
  const ports = await redisPorts(settings, 'bench')
  try {
    const written = await writtenLedger(ports, { config, demand, jobs, jobsPerCommit: JOBS_PER_COMMIT, ends: false })
    const { takenMs, storedMs } = await written.savepoint()
    const savepoint = await ports.savepoints.newest()
    const recovered = []
    for (let i = 0; i < restores; i++) recovered.push(await recoverCold(settings))
    for (const { factsHash, stateHash, live } of recovered) {
      if (factsHash !== written.factsHash || stateHash !== written.stateHash || live !== jobs) {
        throw new Error('what was recovered is not what was saved')
      }
    }
    return {
      bench: 'memory',
      size: `${jobs} live jobs on ${250 * multiple} nodes`,
      figures: [
        figure('leader that took them in, resident', 'MB', [written.rssMb]),
        figure(
          'leader from the savepoint, resident',
          'MB',
          recovered.map(({ rssMb }) => rssMb),
        ),
        figure(
          'leader from the savepoint, peak',
          'MB',
          recovered.map(({ peakMb }) => peakMb),
        ),
        figure('savepoint', 'MB', [savepoint!.bytes.length / 1e6]),
        figure('save, of which the leader stands still', 'ms', [takenMs]),
        figure('save, until it is on Redis', 'ms', [storedMs]),
        figure(
          'restore, cold',
          'ms',
          recovered.map(({ recoverMs }) => recoverMs),
        ),
      ],
      answers: { state: written.stateHash },
    }
  } finally {
    await ports.close()
    await redis.stop()
  }
}
