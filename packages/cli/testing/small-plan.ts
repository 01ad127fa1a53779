// A scenario of few nodes as somebody writes it, for commands that only need one.

export interface SmallPlan {
  readonly name: string
  readonly days: number
  readonly nodes: number
  /** What stands under `demand`, in one line. */
  readonly demand: string
  /** Further sections. */
  readonly more?: string
}

/** The demand stands in line 8. */
export const smallPlan = ({ name, days, nodes, demand, more = '' }: SmallPlan): string => `name: ${name}
date: 2030-01-07
days: ${days}
pools:
  - { name: h100, model: H100, nodes: ${nodes}, accelerators_per_node: 8, cpus_per_node: 96, memory_per_node: 2TiB, assumed: true }
accounts:
  - { name: univ, users: [kim, lee] }
demand: ${demand}
${more}`
