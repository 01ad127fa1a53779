// Accounts that are looked at as one, such as a sector of the economy.

export interface AccountGroup {
  readonly name: string
  /** Each with all below it. */
  readonly accounts: readonly string[]
}
