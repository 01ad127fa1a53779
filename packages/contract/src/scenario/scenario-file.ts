// A capacity scenario as a YAML file: which accelerators stand where and from when, who asks for how much in which year, what breaks,
// what it draws and costs, under which policy, and what is promised. A number that somebody has published names its source, one
// that nobody has says that it is assumed: the schema takes none without either.

import { z } from 'zod'
import { Account } from '../account-tree.ts'
import { CapacityUnit } from '../catalogue/capacity.ts'
import { jobKindNames } from '../catalogue/job-speed.ts'
import { NodePool } from '../center-file.ts'
import { Name } from '../http/primitive.ts'
import { ModelFile } from '../model-file.ts'
import { PolicyFile } from '../policy-file.ts'
import { day, moment, span, watts } from '../quantity-schema.ts'
import { StudySection } from '../study/study-section.ts'

const Bilingual = z.strictObject({ ko: z.string(), en: z.string() })
const Part = z.number().min(0).max(1)
const Factor = z.number().min(0).max(1_000_000)

const origin = {
  /** Keys of `sources`, or a sentence. */
  source: z.string().min(1).max(1_000).optional(),
  /** Nobody has published it. */
  assumed: z.boolean().default(false),
}
const hasOrigin = (one: { source?: string | undefined; assumed: boolean }): boolean =>
  one.source !== undefined || one.assumed
const originRule = {
  error: 'needs a `source`, or `assumed: true` where nobody has published it',
  params: { ko: '`source`가 있어야 합니다. 발표된 적이 없는 값이면 `assumed: true`라고 적으세요' },
}

const sourced = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({ value, ...origin }).refine(hasOrigin, originRule)

/** Values by year. Before the first and after the last it stays what it is there. */
const byYear = (value: z.ZodNumber) => ({
  values: z.record(z.string(), value),
  /** From one year named to the next: in equal steps, in equal proportions, or all at once when the next begins. */
  between: z.enum(['linear', 'geometric', 'step']).default('linear'),
  ...origin,
})

const Fabric = z
  .strictObject({
    /** Nodes on one leaf switch: they fail with it. */
    leaf_nodes: z.int().min(1).max(100_000),
    /** Leaf switches under one spine. Recorded only: nothing is placed by it, and nothing fails by it. */
    spine_leaves: z.int().min(1).max(100_000).optional(),
    ...origin,
  })
  .refine(hasOrigin, originRule)

const ScenarioPool = NodePool.extend({
  /** Default: that of the model. */
  kind: z.enum(['gpu', 'npu', 'pim']).optional(),
  nodes: z.int().min(0).max(1_000_000),
  fabric: Fabric.optional(),
  /** `national` pools grow and shrink with the capacity that is asked about; those of partners stay as they are. */
  owner: z.enum(['national', 'partner']).default('national'),
  /** Where it stands. Recorded only: nothing is decided by it. */
  region: Name.optional(),
  /** The first day on which it is there. Default: it has been. */
  arrives: day.optional(),
  /** The first day on which it is there no more. */
  retires: day.optional(),
  /** What a node takes at most, all its accelerators at work. Default: by the catalogue. */
  node_power: sourced(watts).optional(),
  /** Default: that of `cost`. */
  capex_krw_per_accelerator: sourced(z.number().min(0)).optional(),
}).refine(hasOrigin, originRule)

/** A heading under which reports sum accounts up; an account says under which it stands (`sector`). */
const Sector = z.strictObject({ name: Name, title: Bilingual })

/** A number that changes over the years, and with it the demand of some groups. */
const Driver = z
  .strictObject({ name: Name, title: Bilingual.optional(), ...byYear(z.number().min(0).max(1e15)) })
  .refine(hasOrigin, originRule)

/**
 * How a driver moves a group.
 * - `ratio`: by what it is, divided by what it was in the base year.
 * - `complement`: the same of what is missing to 1, such as the part that firms do not supply themselves.
 * - `count`: by what it is; what the group asks for is meant for each.
 */
const DriverUse = z.strictObject({
  driver: Name,
  as: z.enum(['ratio', 'complement', 'count']).default('ratio'),
  exponent: z.number().min(-10).max(10).default(1),
})

const Surge = z
  .strictObject({ name: Name.optional(), from: moment, for: span, factor: Factor, ...origin })
  .refine(hasOrigin, originRule)

/** Percents of work by kind; kinds that are not named are not asked for. */
const KindWeights = z.strictObject({ kinds: z.partialRecord(z.enum(jobKindNames), Factor) })
/** Read where it stands; in a scenario that has been read the model itself stands in its place. */
const ModelReference = z.strictObject({ file: z.string().min(1).max(1_000) })

/** A job log whose days become those that are simulated, and its users those of the group's accounts. */
const TraceReference = z
  .strictObject({
    /** In a scenario that has been read: where it lies, and what is in it. Another file of that name is refused. */
    file: z.string().min(1).max(4_000),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    /** What its jobs are, which says where they run and how fast; run times of a log are those on an H100. */
    kind: z.enum(jobKindNames).default('classical'),
    /** The first simulated day begins so long after its first submission. */
    offset: span.default(0),
    /** Where it is shorter than the days that are simulated, it begins anew. */
    repeat: z.boolean().default(false),
    /** In the base year its jobs come so many times as fast as they did. */
    load_factor: z.number().positive().max(1_000).optional(),
    /** Instead: as fast as makes it so large a part of what stands there on the first day. */
    load: z.number().positive().max(1_000).optional(),
    accelerators_per_processor: z.number().positive().max(1_000).default(1),
    /** Queues, partitions and GPU models of the log by the pool that their jobs go to. Default: where they may. */
    queues: z.record(z.string(), Name).default({}),
    /** What becomes of jobs that no pool could ever run. */
    too_large: z.enum(['refuse', 'leave-out']).default('refuse'),
  })
  .refine(({ load, load_factor }) => load === undefined || load_factor === undefined, {
    path: ['load'],
    error: 'must not stand beside `load_factor`: one of them says how fast jobs come',
    params: { ko: '`load_factor`와 함께 쓸 수 없습니다. 하나만 적으세요' },
  })

const DemandGroup = z
  .strictObject({
    name: Name,
    /** Each with all below it. */
    accounts: z.array(Name).min(1).max(10_000),
    /** Default: national; with a `trace`, none. */
    model: z.union([z.literal('national'), KindWeights, ModelReference, ModelFile]).optional(),
    /** Asked for besides what the model asks for, the same jobs whatever the seed. */
    trace: TraceReference.optional(),
    /** How many H100 the work of the model keeps busy in the base year, where nothing is scarce. */
    h100_equivalents: Factor.optional(),
    drivers: z.array(DriverUse).max(100).default([]),
    surges: z.array(Surge).max(1_000).default([]),
    ...origin,
  })
  .refine(hasOrigin, originRule)
  .refine((group) => group.h100_equivalents !== undefined || isOfLogAlone(group), {
    path: ['h100_equivalents'],
    error: 'is missing',
    params: { ko: '빠졌습니다' },
  })
  .refine((group) => group.h100_equivalents === undefined || !isOfLogAlone(group), {
    path: ['h100_equivalents'],
    error: 'must be left out where a log asks alone (`trace.load` scales it), or stand beside `model: national`',
    params: {
      ko: '`model: national`과 함께 써야 합니다. 기록만 쓸 때의 요청량은 `trace.load`로 정합니다',
    },
  })
  .refine((group) => group.surges.length === 0 || !isOfLogAlone(group), {
    path: ['surges'],
    error: 'are for a `model`: a log has the surges that it has',
    params: { ko: '`model`에만 쓸 수 있습니다. 기록의 급증은 기록에 있는 그대로입니다' },
  })

const Demand = z.strictObject({
  /** Work asked for ÷ work that what stands there could do. Left out, the demand is what the groups and drivers say, whatever stands there. */
  load: z.number().positive().max(1_000).optional(),
  /** Multiplies all of it. */
  pressure: z.number().positive().max(1_000).default(1),
  /** The year in which groups ask for their `h100_equivalents`. */
  base_year: z.int().min(2000).max(2100).default(2024),
  /** Without groups, everybody asks for the mix of `model`. */
  model: z.union([z.literal('national'), KindWeights, ModelReference, ModelFile]).default('national'),
  drivers: z.array(Driver).max(1_000).default([]),
  groups: z.array(DemandGroup).max(1_000).default([]),
})

const Fault = z
  .strictObject({
    name: Name,
    /** What fails at once. */
    per: z.enum(['node', 'leaf', 'cluster']),
    /** Default: all; of leaves, those with a `fabric`. */
    pools: z.array(Name).min(1).max(1_000).optional(),
    per_unit_day: z.number().positive().max(1_000),
    repair: z.strictObject({ median: span, longest: span }),
    ...origin,
  })
  .refine(hasOrigin, originRule)

const Outage = z.strictObject({
  name: Name,
  pool: Name,
  /** The first so many. Default: all. */
  nodes: z.int().min(1).max(1_000_000).optional(),
  from: moment,
  for: span,
  /** For so long before, its nodes take no new jobs. */
  drain: span.optional(),
  ...origin,
})

/** Work on every node of some pools, some at a time. */
const Maintenance = z.strictObject({
  name: Name,
  /** Default: all. */
  pools: z.array(Name).min(1).max(1_000).optional(),
  from: moment,
  nodes_at_once: z.int().min(1).max(1_000_000),
  each: span,
  drain: span.optional(),
  ...origin,
})

const PowerCap = z
  .strictObject({
    name: Name.optional(),
    from: moment,
    until: moment.optional(),
    /** Of the whole site, at the meter. */
    site: watts.optional(),
    /** Instead: a part of what the site takes with everything at work. */
    part_of_full: Part.optional(),
    ...origin,
  })
  .refine(hasOrigin, originRule)

const Seasons = z.strictObject({ summer: Factor, spring_autumn: Factor, winter: Factor })

const Tariff = z
  .strictObject({
    off_peak_krw_per_kwh: Seasons,
    mid_krw_per_kwh: Seasons,
    peak_krw_per_kwh: Seasons,
    demand_krw_per_kw_month: Factor,
    ...origin,
  })
  .refine(hasOrigin, originRule)

const Power = z.strictObject({
  /** What the site takes from the grid ÷ what its computers draw. */
  pue: sourced(z.number().min(1).max(10)),
  /** Of what a node takes at most, what it draws while nothing runs on it. */
  idle_part: sourced(Part),
  /** What a node draws besides its accelerators, where nobody has said what the whole node takes. */
  host: sourced(watts),
  tariff: Tariff,
  tco2e_per_mwh: sourced(z.number().min(0).max(10)),
  /** Where more than one holds, the lowest does. */
  caps: z.array(PowerCap).max(1_000).default([]),
  /** Pools whose draw counts against the caps. Default: all. */
  capped_pools: z.array(Name).min(1).max(1_000).optional(),
})

const Cost = z.strictObject({
  /** Its part of server, network and storage included. By model, or `default`. */
  capex_krw_per_accelerator: z.record(z.string(), sourced(z.number().min(0))),
  amortisation_years: sourced(z.number().positive().max(100)),
  /** Staff, repairs and rooms: a part of the price, every year. */
  upkeep_part_per_year: sourced(Part),
})

/** Whether a group of demand asks for the jobs of a log and nothing else. */
export const isOfLogAlone = (group: { readonly model?: unknown; readonly trace?: unknown }): boolean =>
  group.trace !== undefined && group.model === undefined

export const ScenarioFile = z.strictObject({
  name: Name,
  description: Bilingual.optional(),
  /** The first simulated day. */
  date: day,
  days: z.number().positive().max(3_660).default(30),
  /** Of these days, so many first ones are simulated and not measured. */
  warmup_days: z.number().min(0).max(3_660).default(0),
  /** What capacity is counted in. */
  unit: CapacityUnit.default('fp64'),
  pools: z.array(ScenarioPool).min(1).max(1_000),
  sectors: z.array(Sector).max(100).default([]),
  accounts: z.array(Account).min(1),
  demand: Demand,
  /** Of the inference that people bring, the part that NPU software can run. Default: the assumption of the catalogue. */
  readiness: z.strictObject(byYear(Part)).refine(hasOrigin, originRule).optional(),
  faults: z.array(Fault).max(1_000).default([]),
  outages: z.array(Outage).max(1_000).default([]),
  maintenance: z.array(Maintenance).max(1_000).default([]),
  power: Power.optional(),
  cost: Cost.optional(),
  policy: PolicyFile.default('fairshare'),
  /** Bounds on columns of results, all of which the plan is to keep: `wait_p95_s < 86400`. */
  promises: z.array(z.string().min(1).max(200)).max(100).default([]),
  study: StudySection.optional(),
  /** Pages by the keys under which numbers name them. */
  sources: z.record(z.string(), z.string()).default({}),
})
/** What is written, with all that it extends put beneath it: plain JSON, quantities as people write them. */
export type ScenarioFile = z.input<typeof ScenarioFile>
/** The same with every default filled in, and quantities as numbers: times in milliseconds, memory in MiB, power in watts. */
export type CheckedScenario = z.output<typeof ScenarioFile>
export type CheckedPool = CheckedScenario['pools'][number]
