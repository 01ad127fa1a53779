// Binary heaps of things that take turns. The first turn is the smallest rank, then the smallest sequence; as no two jobs
// share a sequence, no two turns are equal and every heap hands them out in one order whatever its inner layout.

export interface Turn {
  /** Dense fair-share rank of the lane; 0 comes first. */
  rank: number
  /** Submission sequence of the job whose turn it is. */
  sequence: number
}

/** A turn that knows where it stands in its heap, so that it can be moved or taken out. */
export interface PlacedTurn extends Turn {
  place: number
}

export type Before<T> = (a: T, b: T) => boolean

export const byTurn: Before<Turn> = (a, b) => a.rank < b.rank || (a.rank === b.rank && a.sequence < b.sequence)

/** A heap whose members are moved when their turn changes. */
export class TurnHeap<T extends PlacedTurn> {
  readonly items: T[] = []

  get first(): T | undefined {
    return this.items[0]
  }

  push(item: T): void {
    item.place = this.items.length
    this.items.push(item)
    this.#up(item)
  }

  /** Restores the order around an item whose turn has changed. */
  moved(item: T): void {
    this.#up(item)
    this.#down(item)
  }

  delete(item: T): void {
    const last = this.items.pop()!
    if (last === item) return
    last.place = item.place
    this.items[item.place] = last
    this.moved(last)
  }

  /** Restores the order after any number of turns have changed. */
  rebuild(): void {
    for (let at = (this.items.length >> 1) - 1; at >= 0; at--) this.#down(this.items[at]!)
  }

  #up(item: T): void {
    const items = this.items
    let at = item.place
    while (at > 0) {
      const parent = items[(at - 1) >> 1]!
      if (!byTurn(item, parent)) break
      items[at] = parent
      parent.place = at
      at = (at - 1) >> 1
    }
    items[at] = item
    item.place = at
  }

  #down(item: T): void {
    const items = this.items
    const size = items.length
    let at = item.place
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && byTurn(items[child + 1]!, items[child]!)) child++
      const below = items[child]!
      if (!byTurn(below, item)) break
      items[at] = below
      below.place = at
      at = child
    }
    items[at] = item
    item.place = at
  }
}

/** Makes any array a heap under `before`. */
export function heapify<T>(items: T[], before: Before<T>): void {
  for (let at = (items.length >> 1) - 1; at >= 0; at--) siftDown(items, at, before)
}

export function pushHeap<T>(items: T[], item: T, before: Before<T>): void {
  let at = items.length
  items.push(item)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(item, items[parent]!)) break
    items[at] = items[parent]!
    at = parent
  }
  items[at] = item
}

/** Takes the first of a heap that is not empty. */
export function popHeap<T>(items: T[], before: Before<T>): T {
  const first = items[0]!
  const last = items.pop()!
  if (items.length > 0) {
    items[0] = last
    siftDown(items, 0, before)
  }
  return first
}

function siftDown<T>(items: T[], from: number, before: Before<T>): void {
  const item = items[from]!
  const size = items.length
  let at = from
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    if (child + 1 < size && before(items[child + 1]!, items[child]!)) child++
    if (!before(items[child]!, item)) break
    items[at] = items[child]!
    at = child
  }
  items[at] = item
}
