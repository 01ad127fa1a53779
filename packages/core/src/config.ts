// What a center consists of when it starts: pools of like nodes, a tree of accounts, and a policy.
// Plain data; whoever hands it over has checked its form (`@dure/contract`), `assertConfig` checks its sense.

import type { AccountConfig, AssociationConfig } from './account-config.ts'
import type { Policy } from './policy.ts'
import type { PoolConfig } from './pool-config.ts'

export interface CenterConfig {
  readonly name: string
  readonly pools: readonly PoolConfig[]
  readonly accounts: readonly AccountConfig[]
  readonly associations: readonly AssociationConfig[]
  readonly policy: Policy
}
