// Ids in ascending order, in blocks: a million of them take an insertion or a removal anywhere in about a microsecond,
// where one long array would move megabytes. Job ids come nearly in order, so that most insertions are at the end.

const BLOCK_IDS_MAX = 512

export class SortedIds {
  /** Never empty ones. */
  readonly #blocks: number[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): number | undefined {
    return this.#blocks[0]?.[0]
  }

  /** False: it was there already. */
  add(id: number): boolean {
    if (this.#blocks.length === 0) this.#blocks.push([])
    const at = this.#blockOf(id)
    const block = this.#blocks[at]!
    const place = placeOf(block, id)
    if (block[place] === id) return false
    if (place === block.length) block.push(id)
    else block.splice(place, 0, id)
    // A full block at the end is left full: what comes next is larger than all of it.
    if (block.length > BLOCK_IDS_MAX) {
      const isLast = at === this.#blocks.length - 1
      this.#blocks.splice(at + 1, 0, block.splice(isLast ? BLOCK_IDS_MAX : BLOCK_IDS_MAX / 2))
    }
    this.#size++
    return true
  }

  /** False: it was not there. */
  remove(id: number): boolean {
    if (this.#blocks.length === 0) return false
    const at = this.#blockOf(id)
    const block = this.#blocks[at]!
    const place = placeOf(block, id)
    if (block[place] !== id) return false
    if (block.length === 1) this.#blocks.splice(at, 1)
    else block.splice(place, 1)
    this.#size--
    return true
  }

  /** Ids below `before`, the largest first. The set must not change meanwhile. */
  *descending(before = Number.POSITIVE_INFINITY): Generator<number> {
    if (this.#blocks.length === 0) return
    let at = this.#blockOf(before)
    let place = placeOf(this.#blocks[at]!, before) - 1
    while (at >= 0) {
      const block = this.#blocks[at]!
      for (; place >= 0; place--) yield block[place]!
      at--
      place = (this.#blocks[at]?.length ?? 0) - 1
    }
  }

  /** The last block that begins with `id` or less, else the first. */
  #blockOf(id: number): number {
    let low = 0
    let high = this.#blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#blocks[middle]![0]! <= id) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** Where `id` stands in a block, or would be inserted. */
function placeOf(block: readonly number[], id: number): number {
  if (block.length === 0 || block[block.length - 1]! < id) return block.length
  let low = 0
  let high = block.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (block[middle]! < id) low = middle + 1
    else high = middle
  }
  return low
}

/** Ids below `before` that stand in any of several sets, the largest first, each once. */
export function* descendingInAny(sets: readonly SortedIds[], before?: number): Generator<number> {
  const [only] = sets
  if (sets.length === 1 && only !== undefined) {
    yield* only.descending(before)
    return
  }
  const heads = sets.map((set) => set.descending(before))
  const ids = heads.map((head) => head.next().value as number | undefined)
  for (;;) {
    const largest = ids.reduce<number | undefined>(
      (best, id) => (id !== undefined && (best === undefined || id > best) ? id : best),
      undefined,
    )
    if (largest === undefined) return
    yield largest
    for (const [i, id] of ids.entries()) if (id === largest) ids[i] = heads[i]!.next().value as number | undefined
  }
}
