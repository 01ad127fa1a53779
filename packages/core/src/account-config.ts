// The tree of accounts and their users, with what each is promised of what its parent has.

/** `parent` splices an entry's children into its nearest ancestor that has shares of its own (Slurm `FairShare=parent`). */
export type Shares = number | 'parent'

/** A node of the share tree. `parent: null` stands directly under the root. Listed parents first. */
export interface AccountConfig {
  readonly name: string
  readonly parent: string | null
  readonly shares: Shares
}

/** A user in an account: the leaf of the share tree that jobs are charged to. */
export interface AssociationConfig {
  readonly account: string
  readonly user: string
  readonly shares: Shares
}
