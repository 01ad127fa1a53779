// How much of what is free on a node is of no use to the work expected there: the fragmentation of Weng et al., "Beware of
// Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent" (USENIX ATC 2023).
//
// For one task, everything free on a node is a fragment if the node cannot take the task; if it can, what is left on devices
// that are too full for it. For a workload it is the mean over its tasks, weighted by popularity. Placing a job where this
// grows least keeps room of the sizes that are asked for. Popularity is a whole number here and the mean is left as a sum,
// so that every value is an exact integer and no two machines disagree on a tie. Cost: O(tasks × devices) a value.

import { assert } from '../assert.ts'
import type { ExpectedTask } from '../policy.ts'
import { WHOLE_ACCELERATOR_MILLI } from '../pool-config.ts'

interface Task {
  /** Thousandths needed on each device, and on how many. */
  readonly eachMilli: number
  readonly devices: number
  readonly cpuMilli: number
  readonly memoryMib: number
  readonly popularity: number
}

export class Fragmentation {
  /** What values are multiples of: the popularity of all tasks together. */
  readonly popularity: number
  readonly #tasks: readonly Task[]
  /** Popularity of tasks to which nothing on these nodes is of use: those for other pools, and those without accelerators. */
  readonly #foreign: number

  /** `pool`: whose nodes are valued. Throws a RangeError for a workload whose numbers make no sense. */
  constructor(workload: readonly ExpectedTask[], pool: string) {
    let foreign = 0
    const tasks: Task[] = []
    for (const task of workload) {
      const { acceleratorsMilli, cpuMilli, memoryMib = 0, nodes = 1, pools } = task
      assertTask(task)
      const popularity = task.popularity * nodes
      if (acceleratorsMilli === 0 || pools?.includes(pool) === false) {
        foreign += popularity
        continue
      }
      const eachMilli = Math.min(acceleratorsMilli, WHOLE_ACCELERATOR_MILLI)
      tasks.push({ eachMilli, devices: acceleratorsMilli / eachMilli, cpuMilli, memoryMib, popularity })
    }
    this.#tasks = tasks
    this.#foreign = foreign
    this.popularity = tasks.reduce((sum, { popularity }) => sum + popularity, foreign)
    if (this.popularity === 0) throw new RangeError('the expected work must name at least one kind of task')
    // A node has at most 31 devices: beyond this a value is no exact integer.
    if (this.popularity > Number.MAX_SAFE_INTEGER / (32 * WHOLE_ACCELERATOR_MILLI)) {
      throw new RangeError(
        `popularity of the expected work adds up to ${this.popularity}, which is too much: scale it down`,
      )
    }
  }

  /** Thousandths of accelerators × `popularity` that are of no use, given what is left on each device and of the rest. */
  of(leftMilli: ArrayLike<number>, cpuMilli: number, memoryMib: number): number {
    let free = 0
    for (let device = 0; device < leftMilli.length; device++) free += leftMilli[device]!
    let fragments = this.#foreign * free
    for (const task of this.#tasks) {
      let fitting = 0
      let useless = free
      if (task.cpuMilli <= cpuMilli && task.memoryMib <= memoryMib) {
        let large = 0
        for (let device = 0; device < leftMilli.length; device++) {
          const left = leftMilli[device]!
          if (left < task.eachMilli) continue
          fitting++
          large += left
        }
        if (fitting >= task.devices) useless = free - large
      }
      fragments += task.popularity * useless
    }
    assert(fragments >= 0 && fragments <= this.popularity * free, 'no more is of no use than is free')
    return fragments
  }
}

function assertTask({ acceleratorsMilli, cpuMilli, memoryMib = 0, nodes = 1, popularity }: ExpectedTask): void {
  const isAmount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
  const isCount = (value: number): boolean => isAmount(value) && value > 0
  if (![acceleratorsMilli, cpuMilli, memoryMib].every(isAmount) || !isCount(nodes) || !isCount(popularity)) {
    throw new RangeError('an expected task asks for whole numbers, and has whole nodes and popularity above 0')
  }
  if (acceleratorsMilli > WHOLE_ACCELERATOR_MILLI && acceleratorsMilli % WHOLE_ACCELERATOR_MILLI !== 0) {
    throw new RangeError(
      `an expected task takes a part of one accelerator or whole ones, not ${acceleratorsMilli} thousandths`,
    )
  }
}
