// How a center decides, as written in a YAML file: a policy by name, or single fields put over those of a named one.

import {
  type Billing,
  type DeviceRule,
  fairshare,
  type PlacementRule,
  type Policy,
  policies,
  type ShareRuleConfig,
} from '@dure/core'
import { z } from 'zod'
import { Name } from './http/primitive.ts'
import type { Bilingual } from './language.ts'
import { poolWord, unknownName } from './nearest-name.ts'
import { PowerFields } from './power-file.ts'
import { duration, memory } from './quantity-schema.ts'

const weight = z.number().min(0).max(1_000_000)

/** Whose turn it is. What needs quotas per account is given in the account tree once there are quotas. */
const Rule = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.enum(['fair-tree', 'classic', 'admission', 'effective-priority', 'borrowing']) }),
  z.strictObject({ rule: z.enum(['drf', 'hdrf', 'asset', 'targets']) }),
  z.strictObject({ rule: z.literal('division'), k: z.number().min(0).max(1_000).optional() }),
  z.strictObject({ rule: z.literal('demand-capped'), multipliers: z.record(z.string(), weight).optional() }),
])

/** Slurm's TRESBillingWeights. */
const BillingFields = z.strictObject({
  combine: z.enum(['sum', 'max', 'max-and-accelerators']).default('sum'),
  per_cpu: weight.default(0),
  per_gib: weight.default(0),
  per_node: weight.default(0),
  per_accelerator: z.partialRecord(z.enum(['gpu', 'npu', 'pim']), weight).default({}),
})

const Placement = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.enum(['tightest', 'best-fit']) }),
  z.strictObject({
    rule: z.literal('least-fragmentation'),
    workload: z
      .array(
        z.strictObject({
          accelerators: z.number().min(0).max(16),
          cpus: z.number().min(0).max(4_096).default(0),
          memory: memory.default(0),
          nodes: z.int().min(1).max(1_000_000).default(1),
          popularity: z.int().min(1).max(1_000_000),
        }),
      )
      .min(1)
      .max(1_000),
  }),
])

/** In thousandths: three digits are kept, and nothing is worth nothing. */
const worth = z.number().min(0.001).max(1_000)

const Devices = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.enum(['preferred', 'fastest']) }),
  z.strictObject({ rule: z.literal('most-good'), worth: z.record(z.string(), worth) }),
])

const PolicyFields = z.strictObject({
  /** The policy whose fields the others replace. */
  base: z.string().default('fairshare'),
  name: Name.optional(),
  order: z.enum(['submit', 'fairshare']).optional(),
  shares: Rule.optional(),
  backfill: z.enum(['none', 'turn', 'shortest']).optional(),
  reservation_depth: z.union([z.int().min(0).max(1_000_000), z.literal('all')]).optional(),
  fair_tree: z.enum(['slurm', 'exact']).optional(),
  half_life: duration.optional(),
  decay: z.enum(['half-life', 'slurm']).optional(),
  billing: BillingFields.optional(),
  placement: Placement.optional(),
  devices: Devices.optional(),
  round: duration.optional(),
  /** What nodes draw depends on the center: `powerOfFile` reads it. */
  power: PowerFields.optional(),
  rerank: duration.optional(),
  requeue_on_node_fail: z.boolean().optional(),
})

/** A name, or fields. */
export const PolicyFile = z.union([z.string(), PolicyFields])
export type PolicyFile = z.output<typeof PolicyFile>

/**
 * What a file says in `policy`. `wrong` is told of a base that there is not, and of what is said of a pool that is not in `pools`,
 * with the path from `policy` on.
 */
export function policyOfFile(
  written: PolicyFile,
  pools: readonly string[],
  wrong: (path: readonly string[], code: string, detail: Bilingual) => void,
): Policy {
  const fields = typeof written === 'string' ? PolicyFields.parse({ base: written }) : written
  const base = policies.find(({ name }) => name === fields.base)
  if (base === undefined) {
    const names = policies.map(({ name }) => name)
    const what = { ko: '정책', en: 'policy' }
    wrong(typeof written === 'string' ? [] : ['base'], 'unknown_policy', unknownName(what, fields.base, names))
    return fairshare
  }
  if (fields.devices?.rule === 'most-good') {
    for (const name of Object.keys(fields.devices.worth).filter((known) => !pools.includes(known))) {
      wrong(['devices', 'worth', name], 'unknown_pool', unknownName(poolWord, name, pools))
    }
  }
  return {
    ...base,
    name: fields.name ?? base.name,
    order: fields.order ?? base.order,
    backfill: fields.backfill ?? base.backfill,
    reservationDepth: fields.reservation_depth ?? base.reservationDepth,
    fairTree: fields.fair_tree ?? base.fairTree,
    halfLifeMs: fields.half_life ?? base.halfLifeMs,
    rerankMs: fields.rerank ?? base.rerankMs,
    requeueOnNodeFail: fields.requeue_on_node_fail ?? base.requeueOnNodeFail,
    ...(fields.shares !== undefined && { shares: given(fields.shares) as ShareRuleConfig }),
    ...(fields.decay !== undefined && { decay: fields.decay }),
    ...(fields.billing !== undefined && { billing: billingOf(fields.billing) }),
    ...(fields.placement !== undefined && { placement: placementOf(fields.placement) }),
    ...(fields.devices !== undefined && { devices: devicesOf(fields.devices) }),
    ...(fields.round !== undefined && { roundMs: fields.round }),
  }
}

/** Without the fields that are not given: a policy says nothing of what it leaves to the default. */
const given = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T

const billingOf = (fields: z.output<typeof BillingFields>): Billing => ({
  combine: fields.combine,
  perCpu: fields.per_cpu,
  perGib: fields.per_gib,
  perNode: fields.per_node,
  perAccelerator: fields.per_accelerator,
})

function devicesOf(fields: z.output<typeof Devices>): DeviceRule {
  if (fields.rule !== 'most-good') return { rule: fields.rule }
  const worthMille = Object.entries(fields.worth).map(([pool, value]) => [pool, Math.round(value * 1000)])
  return { rule: fields.rule, worthMille: Object.fromEntries(worthMille) }
}

const placementOf = (fields: z.output<typeof Placement>): PlacementRule =>
  fields.rule === 'least-fragmentation'
    ? {
        rule: fields.rule,
        workload: fields.workload.map(({ accelerators, cpus, memory: memoryMib, nodes, popularity }) => ({
          acceleratorsMilli: Math.round(accelerators * 1000),
          cpuMilli: Math.round(cpus * 1000),
          memoryMib,
          nodes,
          popularity,
        })),
      }
    : { rule: fields.rule }
