// What a share rule makes of a center when nobody's work ever ends: one task after the other starts, each time that of the
// first in turn whose task fits, until none fits. Papers state what their rules do in this form.

import type { ShareTree } from './fair-tree.ts'
import type { ShareRule } from './share-rule.ts'

/** What every user of a tree would run, each as many like tasks as it has. */
export interface Tasks {
  readonly resources: readonly string[]
  /** By resource. */
  readonly capacity: Float64Array
  /** User × resource: what one task takes. */
  readonly task: Float64Array
  /** By user: tasks it has; Infinity where it never runs out of them. */
  readonly count: Float64Array
  /** By user: decayed usage, which stays as it is. */
  readonly usage: Float64Array
}

/**
 * Tasks that each user has running when nothing more fits.
 * Throws RangeError where a user without end of tasks has one that takes nothing.
 */
export function fill(tree: ShareTree, rule: ShareRule, tasks: Tasks): Float64Array {
  const { resources, capacity, task, count, usage } = tasks
  const width = capacity.length
  for (let user = 0; user < tree.users; user++) {
    const takes = task.subarray(user * width, (user + 1) * width).some((amount) => amount > 0)
    if (count[user] === Infinity && !takes) throw new RangeError(`user ${user}: tasks without end must take something`)
  }
  const free = capacity.slice()
  const held = new Float64Array(task.length)
  const asked = new Float64Array(task.length)
  const next = new Float64Array(task.length)
  const running = new Float64Array(tree.users)
  const place = new Int32Array(tree.users)

  const fits = (user: number): boolean => {
    for (let resource = 0; resource < width; resource++) {
      if ((task[user * width + resource] as number) > (free[resource] as number)) return false
    }
    return true
  }
  const firstInTurn = (): number => {
    let first = -1
    for (let user = 0; user < tree.users; user++) {
      const waits = (running[user] as number) < (count[user] as number)
      if (waits && (first < 0 || (place[user] as number) < (place[first] as number)) && fits(user)) first = user
    }
    return first
  }

  for (;;) {
    for (let user = 0; user < tree.users; user++) {
      // Of tasks without end as many are asked for as the center could not hold in any case.
      const left = Math.min((count[user] as number) - (running[user] as number), ENDLESS)
      for (let at = user * width; at < (user + 1) * width; at++) {
        asked[at] = left * (task[at] as number)
        next[at] = left > 0 ? (task[at] as number) : 0
      }
    }
    rule.rank({ tree, resources, capacity, held, asked, next, usage }, place)
    const user = firstInTurn()
    if (user < 0) return running
    running[user] = (running[user] as number) + 1
    for (let resource = 0; resource < width; resource++) {
      const at = user * width + resource
      held[at] = (held[at] as number) + (task[at] as number)
      free[resource] = (free[resource] as number) - (task[at] as number)
    }
  }
}

const ENDLESS = 1e9
