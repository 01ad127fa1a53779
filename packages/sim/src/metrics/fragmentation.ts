// How much of what is free on nodes is of no use to those who wait, right now: F of Weng et al. (ATC 2023, `Fragmentation` of
// core), with the waiting jobs as the expected work. Cost: O(running jobs + nodes × shapes of waiting jobs); for a sample now and then.

import {
  type Center,
  type CenterConfig,
  Fragmentation,
  isCounted,
  type JobRequest,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'

interface Waiting {
  readonly request: JobRequest
  readonly jobs: number
}

/**
 * Accelerators free on nodes in service that one of the jobs waiting for their pool, picked at random by its nodes, could not use.
 * Pools that nobody waits for have none, and counted pools have no nodes.
 */
export function fragmentedAccelerators(center: Center, config: CenterConfig, waiting: readonly Waiting[]): number {
  const running = center.running()
  return config.pools.reduce((sum, pool, index) => {
    if (isCounted(pool)) return sum
    const tasks = waiting
      .filter(({ request, jobs }) => jobs > 0 && request.acceleratorsMilli > 0 && request.pools.includes(pool.name))
      .map(({ request: { acceleratorsMilli, cpuMilli, memoryMib, nodes }, jobs: popularity }) => {
        return { acceleratorsMilli, cpuMilli, memoryMib, nodes, popularity }
      })
    if (tasks.length === 0) return sum
    const { accelerators, cpuMilli, memoryMib } = pool.perNode
    const left = center.nodes(pool.name).map(({ state }) => ({
      isUp: state === 'up',
      devicesMilli: new Array<number>(accelerators).fill(WHOLE_ACCELERATOR_MILLI),
      cpuMilli,
      memoryMib,
    }))
    for (const job of running) {
      if (job.pool !== index) continue
      const { request } = job
      const eachMilli = Math.min(request.acceleratorsMilli, WHOLE_ACCELERATOR_MILLI)
      for (const { node, devices } of job.placement) {
        const rest = left[node]!
        rest.cpuMilli -= request.cpuMilli
        rest.memoryMib -= request.memoryMib
        for (let device = 0; device < accelerators; device++) {
          if ((devices >>> device) & 1) rest.devicesMilli[device]! -= eachMilli
        }
      }
    }
    const useless = new Fragmentation(tasks, pool.name)
    const pieces = left
      .filter(({ isUp }) => isUp)
      .reduce((total, rest) => total + useless.of(rest.devicesMilli, rest.cpuMilli, rest.memoryMib), 0)
    return sum + pieces / (useless.popularity * WHOLE_ACCELERATOR_MILLI)
  }, 0)
}
