// Who has less than its fair share goes first, and the fair share is what a division of the center gives each (NVIDIA KAI).
//
// A division of `total` among queues, one resource at a time:
//   1. everybody gets what it deserves, as far as it asks for it, even where that is more than there is;
//   2. the rest goes to the queues that still ask, those of the highest priority first, by weight and in whole units, round
//      by round, as whoever is content leaves its part to the others;
//   3. what rounding down has left goes a unit each to who lost most by it, before the next priority is served.
// With k > 0 the past counts (time-based shares): W is a queue's part of the weights, U its part of what the center did
// lately, and it gets W + k · (W − U) in place of W, not below 0.
//
// In a share tree the fair share of an account is divided among those below it. The turn is of who is not above its fair
// share, then of who stays within what it deserves with its next job, then by priority, then of who holds the smaller part
// of what it may have. An account is judged by the next job of its best user, and what stands below it stays together.
// KAI calls a queue above its fair share when it is so in CPU, memory and GPU; here, in everything that it holds.
// Cost: O(entries × resources × rounds), rarely more than three, and a sort of what moved.

import { LN2 } from '../exponential.ts'
import { WHOLE_ACCELERATOR_MILLI } from '../pool-config.ts'
import type { ShareTree } from './fair-tree.ts'
import { type Precedence, sortStanding, TreePlaces } from './places.ts'
import type { Claims, ShareRule } from './share-rule.ts'

/** Queues side by side, the older first: a column each, of one resource. */
export interface DividedQueues {
  readonly deserved: Float64Array
  /** What it holds and waits for. */
  readonly request: Float64Array
  /** What it may have at most; Infinity where there is no limit. */
  readonly limit: Float64Array
  /** Its weight beyond what it deserves; with 0 it gets nothing there. */
  readonly weight: Float64Array
  readonly priority: Float64Array
  /** Its part of what the center could have done lately, between 0 and 1. */
  readonly usage: Float64Array
}

/** Divides one resource. */
export class Division {
  /** By queue: what the last division gave it. */
  readonly fairShare: Float64Array
  /** By queue: what rounding down has cost it. */
  readonly #fraction: Float64Array
  readonly #part: Float64Array
  /** Those who get what rounding has left. */
  readonly #short: Int32Array
  readonly #spare: Int32Array
  readonly #byFraction: Precedence

  /** Room for `size` queues. */
  constructor(size: number) {
    this.fairShare = new Float64Array(size)
    this.#fraction = new Float64Array(size)
    this.#part = new Float64Array(size)
    this.#short = new Int32Array(size)
    this.#spare = new Int32Array(size)
    this.#byFraction = (a, b) => (this.#fraction[b] as number) - (this.#fraction[a] as number)
  }

  /**
   * Divides `total` among `members` of the queues, listed the older first.
   * @param k how much the past counts; 0: not at all
   * @param unit beyond what is deserved, nobody gets a part of this unless that is all it asks for
   * @returns what nobody asks for, or nobody may have
   */
  divide(queues: DividedQueues, members: Int32Array, total: number, k: number, unit: number): number {
    let left = total
    for (const queue of members) {
      const given = Math.min(queues.deserved[queue] as number, requestable(queues, queue))
      this.fairShare[queue] = given
      this.#fraction[queue] = 0
      left -= given
    }
    let priority = Infinity
    while (left > 0) {
      priority = highestBelow(priority, queues, members)
      if (priority === -Infinity) return left
      left = this.#divideByWeight(queues, members, priority, left, k, unit)
      left = this.#divideRemainder(queues, members, priority, left, unit)
    }
    return 0
  }

  #stillAsks(queues: DividedQueues, queue: number, priority: number): number {
    if (queues.priority[queue] !== priority) return 0
    return Math.max(0, requestable(queues, queue) - (this.fairShare[queue] as number))
  }

  #divideByWeight(
    queues: DividedQueues,
    members: Int32Array,
    priority: number,
    total: number,
    k: number,
    unit: number,
  ): number {
    let left = total
    for (let again = true; again && left > 0; ) {
      again = false
      const parts = this.#setParts(queues, members, priority, k)
      if (parts === 0) return left
      const round = left
      for (const queue of members) {
        if (left === 0) return 0
        const asks = this.#stillAsks(queues, queue, priority)
        if (asks === 0 || (queues.weight[queue] as number) === 0) continue
        const owed = round * ((this.#part[queue] as number) / parts)
        // Rounding may make the parts of a round more than the whole.
        const given = Math.min(asks <= owed ? asks : Math.floor(owed / unit) * unit, left)
        if (asks > owed && owed > given) this.#fraction[queue] = owed - given
        this.fairShare[queue] = (this.fairShare[queue] as number) + given
        left -= given
        if (given > 0 && asks < owed) again = true
      }
    }
    return left
  }

  /** Sets the parts by which those who still ask share a round, and returns their sum. */
  #setParts(queues: DividedQueues, members: Int32Array, priority: number, k: number): number {
    let weights = 0
    for (const queue of members) {
      if (this.#stillAsks(queues, queue, priority) > 0) weights += queues.weight[queue] as number
    }
    let parts = 0
    if (weights === 0) return 0
    for (const queue of members) {
      if (this.#stillAsks(queues, queue, priority) === 0) continue
      const owed = (queues.weight[queue] as number) / weights
      const part = Math.max(0, owed + k * (owed - (queues.usage[queue] as number)))
      this.#part[queue] = part
      parts += part
    }
    return parts
  }

  /** KAI gives a whole unit even to who asks for less; here nobody gets more than it asks for, and who is content nothing. */
  #divideRemainder(queues: DividedQueues, members: Int32Array, priority: number, total: number, unit: number): number {
    if (total === 0) return 0
    let count = 0
    for (const queue of members) {
      if (queues.priority[queue] === priority && (this.#fraction[queue] as number) > 0) this.#short[count++] = queue
    }
    sortStanding(this.#short, 0, count, this.#byFraction, this.#spare)
    let left = total
    for (let at = 0; at < count && left > 0; at++) {
      const queue = this.#short[at] as number
      const given = Math.min(unit, left, this.#stillAsks(queues, queue, priority))
      this.fairShare[queue] = (this.fairShare[queue] as number) + given
      left -= given
    }
    return left
  }
}

const requestable = ({ request, limit }: DividedQueues, queue: number): number =>
  Math.min(request[queue] as number, limit[queue] as number)

/** −Infinity where there is none. */
function highestBelow(bound: number, { priority }: DividedQueues, members: Int32Array): number {
  let highest = -Infinity
  for (const queue of members) {
    const mine = priority[queue] as number
    if (mine < bound && mine > highest) highest = mine
  }
  return highest
}

export interface DivisionConfig {
  readonly rule: 'division'
  /** How much the past counts against what a queue is given now; 0 where absent. */
  readonly k?: number
  /** By account. An account that is not named deserves nothing ahead of others, has no limit, and priority 0. */
  readonly queues?: Readonly<
    Record<
      string,
      {
        /** By resource: what it gets before anybody gets anything by weight. */
        readonly deserved?: Readonly<Record<string, number>>
        /** By resource: what it may have at most. */
        readonly limit?: Readonly<Record<string, number>>
        /** Of accounts under the same parent, the higher is served first. */
        readonly priority?: number
      }
    >
  >
}

/** The first two resources are a node's CPU and memory; what follows is accelerators, which are divided into whole ones. */
const FIRST_ACCELERATOR = 2

/**
 * @param halfLifeMs of the usage that is ranked; 0 or Infinity where it does not decay
 * Throws RangeError where the configuration names an account that there is not; the first ranking, a resource.
 */
export function divisionRule(tree: ShareTree, config: DivisionConfig, halfLifeMs: number): ShareRule {
  const { k = 0, queues: configured = {} } = config
  if (!(k >= 0)) throw new RangeError(`share rule division: k must be 0 or more, not ${k}`)
  const isQueue = (entry: number): boolean => (tree.userOf[entry] as number) < 0 && !Number.isNaN(tree.shares[entry])
  for (const name of Object.keys(configured)) {
    if (!tree.names.some((known, entry) => entry > 0 && known === name && isQueue(entry))) {
      throw new RangeError(`share rule division: there is no account ${name} with shares of its own`)
    }
  }
  const configOf = (entry: number) =>
    entry > 0 && isQueue(entry) ? configured[tree.names[entry] as string] : undefined
  const entries = Array.from({ length: tree.size }, (_, entry) => entry)
  const lists = entries
    .map((owner) => ({ owner, members: tree.listed.subarray(tree.listStart[owner], tree.listStart[owner + 1]) }))
    .filter(({ members }) => members.length > 0)
  const weight = Float64Array.from(entries, (entry) => {
    const shares = tree.shares[entry] as number
    if (entry === 0 || !Number.isNaN(shares)) return shares
    // A user with \`parent\` stands for its account, and weighs as much as all the others in it.
    return tree.sharesOwned[tree.owner[entry] as number] || 1
  })
  const priority = Float64Array.from(entries, (entry) => configOf(entry)?.priority ?? 0)
  const usage = new Float64Array(tree.size)
  const divisions: { readonly queues: DividedQueues; readonly division: Division; readonly unit: number }[] = []

  // Entry × resource, but for the columns that say how an entry stands.
  let held = new Float64Array(0)
  let next = new Float64Array(0)
  const waits = new Uint8Array(tree.size)
  const isAbove = new Uint8Array(tree.size)
  const staysWithin = new Uint8Array(tree.size)
  const saturation = new Float64Array(tree.size)
  const saturationWithNext = new Float64Array(tree.size)

  const precedence: Precedence = (a, b) => {
    if (waits[a] !== waits[b]) return (waits[b] as number) - (waits[a] as number)
    if (isAbove[a] !== isAbove[b]) return (isAbove[a] as number) - (isAbove[b] as number)
    if (staysWithin[a] !== staysWithin[b]) return (staysWithin[b] as number) - (staysWithin[a] as number)
    if (priority[a] !== priority[b]) return (priority[b] as number) - (priority[a] as number)
    if (saturationWithNext[a] !== saturationWithNext[b]) {
      return (saturationWithNext[a] as number) < (saturationWithNext[b] as number) ? -1 : 1
    }
    if (saturation[a] !== saturation[b]) return (saturation[a] as number) < (saturation[b] as number) ? -1 : 1
    return 0
  }
  const places = new TreePlaces(tree, precedence)

  const prepare = ({ resources }: Claims): void => {
    if (divisions.length === resources.length) return
    held = new Float64Array(tree.size * resources.length)
    next = new Float64Array(tree.size * resources.length)
    for (const [name, { deserved, limit }] of Object.entries(configured)) {
      const unknown = Object.keys({ ...deserved, ...limit }).find((resource) => !resources.includes(resource))
      if (unknown === undefined) continue
      throw new RangeError(`share rule division: account ${name} has ${unknown}, not one of ${resources.join(', ')}`)
    }
    resources.forEach((resource, index) => {
      divisions.push({
        queues: {
          deserved: Float64Array.from(entries, (entry) => configOf(entry)?.deserved?.[resource] ?? 0),
          request: new Float64Array(tree.size),
          limit: Float64Array.from(entries, (entry) => configOf(entry)?.limit?.[resource] ?? Infinity),
          weight,
          priority,
          usage,
        },
        division: new Division(tree.size),
        unit: index < FIRST_ACCELERATOR ? 1 : WHOLE_ACCELERATOR_MILLI,
      })
    })
  }

  /** What the last division was made from: starts move nothing of it, so a pass divides once. */
  let capacity = new Float64Array(0)
  const used = new Float64Array(tree.users)

  /** Sets `usage` to each entry's part of what the center could have done; whether any has moved. */
  const setUsage = (claims: Claims, capacityMoved: boolean): boolean => {
    if (k === 0) return false
    if (!capacityMoved && claims.usage.every((mine, user) => mine === used[user])) return false
    used.set(claims.usage)
    let whole = 0
    if (halfLifeMs > 0 && halfLifeMs < Infinity) {
      // Who has always run on all accelerators has this much decayed usage.
      const meanLifeS = halfLifeMs / 1000 / LN2
      for (let at = FIRST_ACCELERATOR; at < claims.capacity.length; at++) {
        whole += ((claims.capacity[at] as number) / WHOLE_ACCELERATOR_MILLI) * meanLifeS
      }
    } else whole = used.reduce((sum, each) => sum + each, 0)
    tree.sumUsage(used, usage)
    for (let entry = 0; entry < tree.size; entry++) usage[entry] = whole > 0 ? (usage[entry] as number) / whole : 0
    return true
  }

  /** Sets what each entry holds and waits for together; whether any has moved. */
  const setRequests = (claims: Claims): boolean => {
    const width = divisions.length
    let moved = false
    divisions.forEach(({ queues: { request } }, resource) => {
      let movedHere = false
      for (let user = 0; user < tree.users; user++) {
        const at = user * width + resource
        const entry = tree.entryOfUser[user] as number
        const mine = (claims.held[at] as number) + (claims.asked[at] as number)
        if (mine === request[entry]) continue
        request[entry] = mine
        movedHere = true
      }
      if (!movedHere) return
      moved = true
      for (let entry = 0; entry < tree.size; entry++) if ((tree.userOf[entry] as number) < 0) request[entry] = 0
      for (let entry = tree.size - 1; entry > 0; entry--) {
        const owner = tree.owner[entry] as number
        request[owner] = (request[owner] as number) + (request[entry] as number)
      }
    })
    return moved
  }

  const setHeld = (claims: Claims): void => {
    const width = divisions.length
    held.fill(0)
    for (let entry = tree.size - 1; entry > 0; entry--) {
      const user = tree.userOf[entry] as number
      const row = entry * width
      const above = (tree.owner[entry] as number) * width
      for (let resource = 0; resource < width; resource++) {
        if (user >= 0) held[row + resource] = claims.held[user * width + resource] as number
        held[above + resource] = (held[above + resource] as number) + (held[row + resource] as number)
      }
    }
  }

  const divide = (): void => {
    divisions.forEach(({ queues, division, unit }, resource) => {
      for (const { owner, members } of lists) {
        const total = owner === 0 ? (capacity[resource] as number) : (division.fairShare[owner] as number)
        division.divide(queues, members, total, k, unit)
      }
    })
  }

  /** How an entry stands, once its next job is known. */
  const setStanding = (entry: number): void => {
    const width = divisions.length
    let holds = false
    let above = true
    let within = true
    let part = 0
    let partWithNext = 0
    waits[entry] = 0
    for (let resource = 0; resource < width; resource++) {
      const { queues, division } = divisions[resource] as (typeof divisions)[number]
      const amount = held[entry * width + resource] as number
      const withNext = amount + (next[entry * width + resource] as number)
      const fairShare = division.fairShare[entry] as number
      const deserved = queues.deserved[entry] as number
      const allowed = Math.min(queues.limit[entry] as number, Math.max(deserved, fairShare))
      if (withNext > amount) waits[entry] = 1
      // Of what the center has none of, nobody's part is small.
      if ((capacity[resource] as number) === 0) continue
      if (amount > 0) {
        holds = true
        if (amount <= fairShare) above = false
      }
      if (withNext > deserved) within = false
      // Who has no part of what it takes comes after all who have.
      if (amount > 0) part = Math.max(part, amount / allowed)
      if (withNext > 0) partWithNext = Math.max(partWithNext, withNext / allowed)
    }
    isAbove[entry] = holds && above ? 1 : 0
    staysWithin[entry] = within ? 1 : 0
    saturation[entry] = part
    saturationWithNext[entry] = partWithNext
  }

  /** Its children come after it in the tree, and stand already. */
  const bestOf = (entry: number): number => {
    const end = tree.listStart[entry + 1] as number
    let best = -1
    for (let at = tree.listStart[entry] as number; at < end; at++) {
      const child = tree.listed[at] as number
      if (best < 0 || precedence(child, best) < 0) best = child
    }
    return best
  }

  const setNext = (claims: Claims, entry: number): void => {
    const width = divisions.length
    const user = tree.userOf[entry] as number
    const best = user < 0 ? bestOf(entry) : -1
    for (let resource = 0; resource < width; resource++) {
      const at = entry * width + resource
      if (user >= 0) next[at] = claims.next[user * width + resource] as number
      else next[at] = best < 0 ? 0 : (next[best * width + resource] as number)
    }
  }

  return {
    movesWith: 'holdings',
    rank(claims, out) {
      prepare(claims)
      const capacityMoved =
        capacity.length !== claims.capacity.length || capacity.some((whole, i) => whole !== claims.capacity[i])
      if (capacityMoved) capacity = claims.capacity.slice()
      const usageMoved = setUsage(claims, capacityMoved)
      const requestsMoved = setRequests(claims)
      if (capacityMoved || usageMoved || requestsMoved) divide()
      setHeld(claims)
      for (let entry = tree.size - 1; entry > 0; entry--) {
        setNext(claims, entry)
        setStanding(entry)
      }
      places.write(out)
    },
  }
}
