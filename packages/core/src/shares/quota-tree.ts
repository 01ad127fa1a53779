// Quotas that are lent and borrowed in a tree, and how much somebody has borrowed (Kueue: cluster queues in cohorts, KEP-79
// and KEP-1714).
//
//   withheld(n)  = max(0, quota(n) − lend limit): what the parent never sees; 0 without a limit
//   quota(n)     = nominal(n) + Σ over children of (quota − withheld)
//   usage(n)     = own usage + Σ over children of max(0, usage − withheld)
//   potential(n) = withheld + potential(parent), at most quota + borrow limit: what it could use were everything free
//   available(n) = max(0, withheld − usage) + what the parent has available, at most what its borrow limit leaves
//   share(n)     = max over resources of 1000 · borrowed / lendable, divided by its weight
//
// Borrowed is what goes beyond the quota, lendable what the parent could use. A resource may come in flavours, written
// `resource@flavour`: quotas are by flavour, shares by resource, over all its flavours.
// Quotas are set once; usage is set again and again, in O(nodes × columns).

export interface QuotaLimits {
  readonly nominal: number
  /** What it may use beyond its quota; without one, all there is to borrow. */
  readonly borrow?: number
  /** What others may use of its quota; without one, all of it. */
  readonly lend?: number
}

export interface QuotaNode {
  readonly name: string
  /** Index of a node listed before it; −1 for a root. */
  readonly parent: number
  /** What it borrows counts the less the higher this is; with 0 it borrows after everyone else. */
  readonly weight: number
  /** By column. A column that is absent has no quota here. */
  readonly quota: Readonly<Record<string, QuotaLimits>>
}

/**
 * What is compared of a node that has borrowed `ratio` (as `QuotaTree.ratio` says it): Infinity for who borrows without any
 * weight.
 */
export function weightedShare(ratio: number, weight: number): number {
  if (ratio < 0) return 0
  return weight === 0 ? Infinity : ratio / weight
}

export class QuotaTree {
  readonly size: number
  readonly columns: readonly string[]
  readonly parent: Int32Array
  readonly #weight: Float64Array
  /** Resources in alphabetical order, and which of them a column is of. */
  readonly #resources: readonly string[]
  readonly #resourceOf: Int32Array
  // All that follows is node × column, but for `lendable`: node × resource.
  readonly #quota: Float64Array
  readonly #withheld: Float64Array
  readonly #borrowLimit: Float64Array
  readonly #potential: Float64Array
  readonly #lendable: Float64Array
  readonly #usage: Float64Array
  readonly #borrowed: Float64Array

  private constructor(nodes: readonly QuotaNode[], columns: readonly string[]) {
    const width = columns.length
    const resources = columns.map(resourceOfColumn)
    this.size = nodes.length
    this.columns = columns
    this.parent = Int32Array.from(nodes, ({ parent }) => parent)
    this.#weight = Float64Array.from(nodes, ({ weight }) => weight)
    this.#resources = [...new Set(resources)].sort()
    this.#resourceOf = Int32Array.from(resources, (resource) => this.#resources.indexOf(resource))
    const byColumn = (value: (limits: QuotaLimits | undefined) => number): Float64Array =>
      Float64Array.from(nodes.flatMap(({ quota }) => columns.map((column) => value(quota[column]))))
    this.#quota = byColumn((limits) => limits?.nominal ?? 0)
    this.#borrowLimit = byColumn((limits) => limits?.borrow ?? Infinity)
    this.#withheld = byColumn((limits) => limits?.lend ?? Infinity)
    this.#potential = new Float64Array(nodes.length * width)
    this.#lendable = new Float64Array(nodes.length * this.#resources.length)
    this.#usage = new Float64Array(nodes.length * width)
    this.#borrowed = new Float64Array(this.#resources.length)
    this.#lendUp()
    this.#lendDown()
  }

  /** Throws RangeError where the nodes are no tree or a quota is of a column that there is not. */
  static of(nodes: readonly QuotaNode[], columns: readonly string[]): QuotaTree {
    nodes.forEach(({ name, parent, weight, quota }, index) => {
      if (!(parent >= -1 && parent < index)) throw new RangeError(`${name}: its parent must be listed before it`)
      if (!(weight >= 0)) throw new RangeError(`${name}: its weight must be 0 or more, not ${weight}`)
      for (const [column, { nominal, borrow = 0, lend = 0 }] of Object.entries(quota)) {
        if (!columns.includes(column)) {
          throw new RangeError(`${name}: quota of ${column}, which there is not (${columns.join(', ')})`)
        }
        if (!(nominal >= 0 && borrow >= 0 && lend >= 0)) {
          throw new RangeError(`${name}: quota and limits of ${column} must be 0 or more`)
        }
      }
    })
    return new QuotaTree(nodes, columns)
  }

  /** From limits to what is withheld, and from nominal quotas to those of everything below. */
  #lendUp(): void {
    const width = this.columns.length
    for (let node = this.size - 1; node >= 0; node--) {
      for (let column = 0; column < width; column++) {
        const at = node * width + column
        const quota = this.#quota[at] as number
        const withheld = Math.max(0, quota - (this.#withheld[at] as number))
        this.#withheld[at] = withheld
        const above = this.parent[node] as number
        if (above < 0) continue
        const atAbove = above * width + column
        this.#quota[atAbove] = (this.#quota[atAbove] as number) + quota - withheld
      }
    }
  }

  #lendDown(): void {
    const width = this.columns.length
    for (let node = 0; node < this.size; node++) {
      const above = this.parent[node] as number
      for (let column = 0; column < width; column++) {
        const at = node * width + column
        const quota = this.#quota[at] as number
        const atResource = node * this.#resources.length + (this.#resourceOf[column] as number)
        const potential =
          above < 0
            ? quota
            : Math.min(
                quota + (this.#borrowLimit[at] as number),
                (this.#withheld[at] as number) + (this.#potential[above * width + column] as number),
              )
        this.#potential[at] = potential
        this.#lendable[atResource] = (this.#lendable[atResource] as number) + potential
      }
    }
  }

  /** Sets what is used, from what each node uses by itself: node × column. */
  setUsage(own: Float64Array): void {
    const width = this.columns.length
    this.#usage.set(own.subarray(0, this.size * width))
    for (let node = this.size - 1; node >= 0; node--) {
      const above = this.parent[node] as number
      if (above < 0) continue
      for (let column = 0; column < width; column++) {
        const at = node * width + column
        const seen = Math.max(0, (this.#usage[at] as number) - (this.#withheld[at] as number))
        this.#usage[above * width + column] = (this.#usage[above * width + column] as number) + seen
      }
    }
  }

  /** What could be added at the node now. Of a root it is negative where more is used than there is. */
  available(node: number, column: number): number {
    const at = node * this.columns.length + column
    const quota = this.#quota[at] as number
    const usage = this.#usage[at] as number
    const above = this.parent[node] as number
    if (above < 0) return quota - usage
    const withheld = this.#withheld[at] as number
    const usedAbove = Math.max(0, usage - withheld)
    const fromAbove = quota - withheld - usedAbove + (this.#borrowLimit[at] as number)
    return Math.max(0, withheld - usage) + Math.min(this.available(above, column), fromAbove)
  }

  /**
   * Writes to row `above` of `more` what the parent would see of it if row `node` came on top of the node's usage.
   * Rows are by column.
   */
  carry(more: Float64Array, node: number, above: number): void {
    const width = this.columns.length
    for (let column = 0; column < width; column++) {
      const at = node * width + column
      const usage = this.#usage[at] as number
      const withheld = this.#withheld[at] as number
      more[above * width + column] =
        Math.max(0, usage + (more[at] as number) - withheld) - Math.max(0, usage - withheld)
    }
  }

  weight(node: number): number {
    return this.#weight[node] as number
  }

  /**
   * What the node has borrowed with row `node` of `more` on top of its usage, in thousandths of what its parent could lend, of
   * the resource where that is most: 0 where it has borrowed nothing but what nobody lends, −1 where it has borrowed nothing.
   * Roots borrow from nobody.
   */
  ratio(node: number, more: Float64Array): number {
    if (!this.#borrow(node, more)) return -1
    let ratio = 0
    for (let resource = 0; resource < this.#resources.length; resource++) {
      ratio = Math.max(ratio, this.#ratioOf(node, resource))
    }
    return ratio
  }

  /** The resource that makes the ratio, the first in the alphabet of several; null where none does. */
  dominant(node: number, more: Float64Array): string | null {
    const ratio = this.ratio(node, more)
    if (ratio <= 0) return null
    return this.#resources.find((_, resource) => this.#ratioOf(node, resource) === ratio) as string
  }

  /** Sets `#borrowed` to what the node has borrowed; false where that is nothing. */
  #borrow(node: number, more: Float64Array): boolean {
    if ((this.parent[node] as number) < 0) return false
    const width = this.columns.length
    this.#borrowed.fill(0)
    let borrows = false
    for (let column = 0; column < width; column++) {
      const at = node * width + column
      const beyond = (more[at] as number) + (this.#usage[at] as number) - (this.#quota[at] as number)
      if (beyond <= 0) continue
      borrows = true
      const resource = this.#resourceOf[column] as number
      this.#borrowed[resource] = (this.#borrowed[resource] as number) + beyond
    }
    return borrows
  }

  #ratioOf(node: number, resource: number): number {
    const above = this.parent[node] as number
    const lendable = this.#lendable[above * this.#resources.length + resource] as number
    return lendable > 0 ? ((this.#borrowed[resource] as number) * 1000) / lendable : 0
  }
}

const resourceOfColumn = (column: string): string => column.split('@', 1)[0] as string
