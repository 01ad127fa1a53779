// A center as a YAML file: pools with what they are made of, the tree of accounts with its shares, and a policy.

import type { CenterConfig, PoolConfig } from '@dure/core'
import { z } from 'zod'
import { acceleratorOf, accelerators } from './catalogue/catalogue.ts'
import { findingsOf, pointerOf } from './findings.ts'
import { Name } from './http/primitive.ts'
import { nearestName } from './nearest-name.ts'
import { memory, PolicyFile, policyOfFile } from './policy-file.ts'
import { powerOfFile } from './power-file.ts'
import type { Finding } from './problem.ts'
import { readYaml, withLines } from './yaml-source.ts'

const Shares = z.union([z.int().min(0).max(1_000_000_000), z.literal('parent')])

const NodePool = z.strictObject({
  name: Name,
  kind: z.enum(['gpu', 'npu', 'pim']),
  model: z.string().min(1).max(64),
  nodes: z.int().min(1).max(1_000_000),
  accelerators_per_node: z.int().min(1).max(16),
  cpus_per_node: z.int().min(1).max(4_096),
  memory_per_node: memory,
  /** Where the counts come from, in one sentence or a key of the sources. */
  source: z.string().optional(),
  /** True where nobody has published the counts and they are our assumption. */
  assumed: z.boolean().default(false),
})

const CountedPool = z.strictObject({
  name: Name,
  kind: z.literal('cpu'),
  processors: z.int().min(1).max(100_000_000),
  source: z.string().optional(),
  assumed: z.boolean().default(false),
})

/** A user, plainly by name (one share) or with shares. */
const User = z.union([Name, z.strictObject({ name: Name, shares: Shares.default(1) })])

interface AccountNode {
  name: string
  shares: number | 'parent'
  accounts: AccountNode[]
  users: (string | { name: string; shares: number | 'parent' })[]
}

const Account: z.ZodType<AccountNode> = z.strictObject({
  name: Name,
  shares: Shares.default(1),
  get accounts() {
    return z.array(Account).default([])
  },
  users: z.array(User).default([]),
})

export const CenterFile = z.strictObject({
  name: Name,
  description: z.strictObject({ ko: z.string(), en: z.string() }).optional(),
  pools: z
    .array(z.discriminatedUnion('kind', [NodePool, CountedPool]))
    .min(1)
    .max(1_000),
  accounts: z.array(Account).min(1),
  policy: PolicyFile.default('fairshare'),
})
export type CenterFile = z.output<typeof CenterFile>

export type CenterReading =
  | { readonly ok: true; readonly config: CenterConfig; readonly file: CenterFile }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** Reads a center file. All that is wrong is found at once, with line numbers. */
export function readCenterFile(text: string): CenterReading {
  const read = readYaml(text.replace(/^\uFEFF/, ''))
  if (!read.ok) return read
  const { source } = read
  const checked = CenterFile.safeParse(source.value)
  if (!checked.success) {
    const findings = findingsOf(checked.error.issues, source.value, Object.keys(CenterFile.shape))
    return { ok: false, findings: withLines(findings, source) }
  }
  const { config, findings } = configOf(checked.data)
  if (findings.length > 0) return { ok: false, findings: withLines(findings, source) }
  return { ok: true, config, file: checked.data }
}

/** Flattens a checked file into the core's form, parents before children, and finds what no schema sees. */
function configOf(file: CenterFile): { config: CenterConfig; findings: Finding[] } {
  const findings: Finding[] = []
  const wrong = (path: readonly PropertyKey[], code: string, detail: string): void => {
    findings.push({ pointer: pointerOf(path), code, detail })
  }

  const poolNames = new Set<string>()
  const pools = file.pools.map((pool, index): PoolConfig => {
    if (poolNames.has(pool.name)) wrong(['pools', index, 'name'], 'duplicate', `There are two pools ${pool.name}.`)
    poolNames.add(pool.name)
    if (pool.kind === 'cpu') return { name: pool.name, kind: 'cpu', processors: pool.processors }
    const known = acceleratorOf(pool.model)
    if (known === undefined) {
      const models = accelerators.map((one) => one.model)
      const meant = nearestName(pool.model, models)
      wrong(
        ['pools', index, 'model'],
        'unknown_model',
        `There is no accelerator ${pool.model}. ${meant === null ? `Known are ${models.join(', ')}.` : `Did you mean ${meant}?`}`,
      )
    } else if (known.kind !== pool.kind) {
      wrong(['pools', index, 'kind'], 'wrong_kind', `${known.model} is a ${known.kind}, not a ${pool.kind}.`)
    }
    return {
      name: pool.name,
      kind: pool.kind,
      model: known?.model ?? pool.model,
      nodes: pool.nodes,
      perNode: {
        cpuMilli: pool.cpus_per_node * 1000,
        memoryMib: pool.memory_per_node,
        accelerators: pool.accelerators_per_node,
      },
    }
  })

  const accounts: CenterConfig['accounts'][number][] = []
  const associations: CenterConfig['associations'][number][] = []
  const accountNames = new Set(['root'])
  const walk = (nodes: readonly AccountNode[], parent: string | null, path: readonly PropertyKey[]): void => {
    for (const [index, node] of nodes.entries()) {
      const here = [...path, index]
      if (accountNames.has(node.name)) {
        const detail =
          node.name === 'root' ? 'The account root is there by itself.' : `There are two accounts ${node.name}.`
        wrong([...here, 'name'], 'duplicate', detail)
      }
      accountNames.add(node.name)
      accounts.push({ name: node.name, parent, shares: node.shares })
      const users = new Set<string>()
      for (const [position, written] of node.users.entries()) {
        const user = typeof written === 'string' ? { name: written, shares: 1 } : written
        if (users.has(user.name))
          wrong([...here, 'users', position], 'duplicate', `User ${user.name} is in account ${node.name} twice.`)
        users.add(user.name)
        associations.push({ account: node.name, user: user.name, shares: user.shares })
      }
      walk(node.accounts, node.name, [...here, 'accounts'])
    }
  }
  walk(file.accounts, null, ['accounts'])
  if (associations.length === 0) wrong(['accounts'], 'no_users', 'No account has a user, so nobody could submit a job.')

  const policy = policyOfFile(file.policy, [...poolNames], (path, code, detail) =>
    wrong(['policy', ...path], code, detail),
  )
  const power =
    typeof file.policy === 'object' && file.policy.power !== undefined
      ? powerOfFile(file.policy.power, pools, (path, code, detail) => wrong(['policy', 'power', ...path], code, detail))
      : undefined
  const deciding = power === undefined ? policy : { ...policy, power }
  return { config: { name: file.name, pools, accounts, associations, policy: deciding }, findings }
}
