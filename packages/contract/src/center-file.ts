// A center as a YAML file: pools with what they are made of, the tree of accounts with its shares, and a policy.

import type { CenterConfig, PoolConfig } from '@dure/core'
import { z } from 'zod'
import { Account, flattenedAccounts } from './account-tree.ts'
import type { Accelerator } from './catalogue/accelerator.ts'
import { acceleratorOf, accelerators } from './catalogue/catalogue.ts'
import { findingsOf, pointerOf } from './findings.ts'
import { Name } from './http/primitive.ts'
import { withParticle } from './korean.ts'
import type { Bilingual, Language } from './language.ts'
import { unknownName } from './nearest-name.ts'
import { PolicyFile, policyOfFile } from './policy-file.ts'
import { powerOfFile } from './power-file.ts'
import type { Finding } from './problem.ts'
import { memory } from './quantity-schema.ts'
import { readYaml, withLines } from './yaml-source.ts'

export const NodePool = z.strictObject({
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
export function readCenterFile(text: string, language: Language = 'en'): CenterReading {
  const read = readYaml(text.replace(/^\uFEFF/, ''), language)
  if (!read.ok) return read
  const { source } = read
  const checked = CenterFile.safeParse(source.value)
  if (!checked.success) {
    const findings = findingsOf(checked.error.issues, source.value, Object.keys(CenterFile.shape), language)
    return { ok: false, findings: withLines(findings, source) }
  }
  const { config, findings } = configOf(checked.data, language)
  if (findings.length > 0) return { ok: false, findings: withLines(findings, source) }
  return { ok: true, config, file: checked.data }
}

/** Flattens a checked file into the core's form, parents before children, and finds what no schema sees. */
function configOf(file: CenterFile, language: Language): { config: CenterConfig; findings: Finding[] } {
  const findings: Finding[] = []
  const wrong = (path: readonly PropertyKey[], code: string, detail: Bilingual): void => {
    findings.push({ pointer: pointerOf(path), code, detail: detail[language] })
  }

  const poolNames = new Set<string>()
  const pools = file.pools.map((pool, index): PoolConfig => {
    if (poolNames.has(pool.name)) wrong(['pools', index, 'name'], 'duplicate', twoPools(pool.name))
    poolNames.add(pool.name)
    if (pool.kind === 'cpu') return { name: pool.name, kind: 'cpu', processors: pool.processors }
    const known = knownModel(pool, (field, code, detail) => wrong(['pools', index, field], code, detail))
    return { ...nodePoolOf(pool), model: known?.model ?? pool.model, kind: pool.kind }
  })

  const { accounts, associations } = flattenedAccounts(file.accounts, wrong)
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

const twoPools = (name: string): Bilingual => ({
  ko: `풀 ${withParticle(name, '이')} 둘 있습니다. 하나의 이름을 바꾸세요.`,
  en: `There are two pools ${name}. Give one of them another name.`,
})

/** The accelerator that a pool names. `wrong` is told when there is none, or when it is of another kind. */
export function knownModel(
  pool: { readonly model: string; readonly kind?: string | undefined },
  wrong: (field: 'model' | 'kind', code: string, detail: Bilingual) => void,
): Accelerator | undefined {
  const known = acceleratorOf(pool.model)
  if (known === undefined) {
    const models = accelerators.map((one) => one.model)
    wrong('model', 'unknown_model', unknownName({ ko: '가속기', en: 'accelerator' }, pool.model, models))
  } else if (pool.kind !== undefined && known.kind !== pool.kind) {
    wrong('kind', 'wrong_kind', {
      ko: `${withParticle(known.model, '은')} ${pool.kind}가 아니라 ${known.kind}입니다. \`kind: ${known.kind}\`로 적으세요.`,
      en: `${known.model} is a ${known.kind}, not a ${pool.kind}. Write \`kind: ${known.kind}\`.`,
    })
  }
  return known
}

/** A pool of nodes as the core has it. */
export const nodePoolOf = (pool: Omit<z.output<typeof NodePool>, 'kind'>) => ({
  name: pool.name,
  nodes: pool.nodes,
  perNode: {
    cpuMilli: pool.cpus_per_node * 1000,
    memoryMib: pool.memory_per_node,
    accelerators: pool.accelerators_per_node,
  },
})
