// Share rules of what people hold: tasks that each user has running once a center is full, by the rule the allocator uses.

import { fill, type HoldingsConfig, holdingsRule, type Shares, ShareTree } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

type Amounts = Readonly<Record<string, number>>

interface AccountNode {
  readonly type: 'account'
  readonly name: string
  readonly shares: Shares
  readonly children: readonly (AccountNode | UserNode)[]
}

interface UserNode {
  readonly type: 'user'
  readonly name: string
  readonly shares: Shares
  readonly task: Amounts
  /** Tasks it has; absent where it never runs out of them. */
  readonly count?: number
}

interface FillingCase extends CaseHead {
  readonly shares: HoldingsConfig
  readonly capacity: Amounts
  readonly tree: AccountNode
  readonly expect: {
    /** By user. */
    readonly tasks: Amounts
    readonly dominant_shares?: Amounts
  }
}

export const fillingKind: CaseKind = {
  kind: 'filling',
  differences({ shares, capacity, tree: root, expect }: FillingCase) {
    const resources = Object.keys(capacity)
    const entries: { name: string; isUser: boolean; parent: number; shares: Shares }[] = []
    const users: UserNode[] = []
    const list = (node: AccountNode | UserNode, parent: number): void => {
      const isUser = node.type === 'user'
      const index = entries.push({ name: node.name, isUser, parent, shares: node.shares }) - 1
      if (node.type === 'user') users.push(node)
      else for (const child of node.children) list(child, index)
    }
    list(root, -1)
    const tree = ShareTree.ofEntries(entries)
    const running = fill(tree, holdingsRule(tree, shares, 0), {
      resources,
      capacity: Float64Array.from(resources, (resource) => capacity[resource] as number),
      task: Float64Array.from(users.flatMap(({ task }) => resources.map((resource) => task[resource] ?? 0))),
      count: Float64Array.from(users, ({ count = Infinity }) => count),
      usage: new Float64Array(users.length),
    })
    const dominant = users.map(({ task }, user) =>
      Math.max(
        ...resources.map((each) => ((running[user] as number) * (task[each] ?? 0)) / (capacity[each] as number)),
      ),
    )
    const indexOf = (name: string): number => users.findIndex((user) => user.name === name)
    return [
      ...Object.entries(expect.tasks).flatMap(([name, want]) =>
        difference(`${name}: tasks`, running[indexOf(name)], want),
      ),
      ...Object.entries(expect.dominant_shares ?? {}).flatMap(([name, want]) =>
        difference(`${name}: dominant share`, dominant[indexOf(name)], want),
      ),
    ]
  },
}
