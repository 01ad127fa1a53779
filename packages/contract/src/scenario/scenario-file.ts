// A capacity scenario as a YAML file: which accelerators stand where and from when, who asks for how much, under which policy.

import { z } from 'zod'
import { Account } from '../account-tree.ts'
import { CapacityUnit } from '../catalogue/capacity.ts'
import { NodePool } from '../center-file.ts'
import { Name } from '../http/primitive.ts'
import { PolicyFile } from '../policy-file.ts'

const ScenarioPool = NodePool.extend({
  /** Default: that of the model. */
  kind: z.enum(['gpu', 'npu', 'pim']).optional(),
  nodes: z.int().min(0).max(1_000_000),
})

export const ScenarioFile = z.strictObject({
  name: Name,
  description: z.strictObject({ ko: z.string(), en: z.string() }).optional(),
  /** The day, in Korea, on which the simulated time begins. */
  date: z.iso.date(),
  days: z.number().positive().max(3_660).default(30),
  /** Of these days, so many first ones are simulated and not measured. */
  warmup_days: z.number().min(0).max(366).default(0),
  unit: CapacityUnit.default('fp64'),
  pools: z.array(ScenarioPool).min(1).max(1_000),
  accounts: z.array(Account).min(1),
  demand: z.strictObject({
    load: z.number().positive().max(1_000),
    pressure: z.number().positive().max(1_000).default(1),
  }),
  policy: PolicyFile.default('fairshare'),
  study: z.unknown().optional(),
})
/** What is written, once all that it extends has been put beneath it: plain JSON, quantities as people write them. */
export type ScenarioFile = z.input<typeof ScenarioFile>
/** The same with every default filled in, and quantities as numbers: times in milliseconds, memory in MiB. */
export type CheckedScenario = z.output<typeof ScenarioFile>
