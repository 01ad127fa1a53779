// Jobs that wait in a live center while short ones pass them: one job holds nearly all GPU nodes for a day, so that no gang behind it can
// start, and what ends within the hour is in nobody's way on the few nodes that are left.

import type { CenterConfig, Command } from '@dure/core'
import { runLabel } from '../model/submit-command.ts'
import type { LiveCenter } from './live-center.ts'
import { produce } from './short-jobs.ts'

/** For the short jobs: more devices than there are producers. */
const SPARE_NODES = 16
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** Resolves once so many jobs wait; with how many were submitted for that. */
export async function queueUp(center: LiveCenter, config: CenterConfig, pending: number): Promise<number> {
  const {
    name: pool,
    nodes,
    perNode,
  } = config.pools.flatMap((one) => ('nodes' in one && one.kind === 'gpu' ? [one] : []))[0]!
  const gang = (job: number, width: number, timeLimitMs: number): Command => {
    const { account, user } = config.associations[job % config.associations.length]!
    return {
      type: 'submit',
      job,
      account,
      user,
      request: {
        pools: [pool],
        nodes: width,
        acceleratorsMilli: 1000 * perNode.accelerators,
        cpuMilli: perNode.cpuMilli,
        memoryMib: perNode.memoryMib,
      },
      timeLimitMs,
      held: null,
      label: runLabel(job, timeLimitMs),
    }
  }
  await center.submit(1, gang(1, nodes - SPARE_NODES, DAY_MS))
  await center.started(1)
  let last = 1
  await produce(pending, () => {
    const job = ++last
    return center.submit(job, gang(job, SPARE_NODES + 1, HOUR_MS))
  })
  return last
}
