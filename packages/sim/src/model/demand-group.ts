// What makes the demand of one center out of several: groups of accounts that ask for work of their own kinds, at their own hours
// and at their own load, and pools on which a kind of work runs faster or slower than on others.

import type { AccountGroup } from '../account-group.ts'
import type { WorkloadModel } from './workload-model.ts'

/** Users of some accounts and what they ask for. Each group draws from streams of its own: another group moves none of its jobs. */
export interface DemandGroup extends AccountGroup {
  readonly model: WorkloadModel
  /** Of the whole center, as in `WorkloadOptions`; surges come on top. */
  readonly load: number
  readonly surges: readonly Surge[]
}

/**
 * Sessions begin `factor` times as often from one moment of center time to another. Where several meet, each adds what it would add
 * alone, and each with a factor below 1 takes its part of what would come without any. Two of these leave the product of their
 * factors. Sessions that would come without a surge come with it.
 */
export interface Surge {
  readonly fromMs: number
  readonly untilMs: number
  readonly factor: number
}

/** How fast a kind of work runs in a pool. Pools that are not listed for a kind are not used by it. */
export interface KindSpeed {
  readonly kind: string
  readonly pool: string
  /** Thousandths of the speed that the durations of the model are written for. */
  readonly mille: number
  /** Of thousand sessions of the kind, those whose software runs there. */
  readonly portableMille: number
}
