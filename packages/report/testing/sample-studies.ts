// Outcomes of studies that nobody has run: numbers by plain formulas and a small seeded generator, of the size that a real center has, so
// that reports can be looked at and tested without simulating a month. Waits fall as the machine grows and rise steeply with demand.

import {
  type CapacityUnit,
  fleetPeak,
  type ResultRow,
  type StudyOutcome,
  type StudyPromise,
  sizeClasses,
  waitColumn,
} from '@dure/contract'
import { meanInterval } from '@dure/sim'

const H100_FP64_EF = 66.9e-6
const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S

const sectors = [
  { name: 'industry', title: { ko: '산업', en: 'industry' }, burden: 1.4 },
  { name: 'academia', title: { ko: '학계', en: 'academia' }, burden: 1 },
  { name: 'public', title: { ko: '공공', en: 'public sector' }, burden: 0.7 },
] as const

/** What a machine of some size under some demand comes to. */
interface Sampled {
  readonly point: number
  readonly policy: string
  readonly seed: number
  readonly capacityEf: number
  /** Demand as a multiple of what was planned. */
  readonly pressure: number
  /** What waits are multiplied with. */
  readonly haste?: number
  readonly swept: Readonly<Record<string, number | string>>
}

/** Between 1 − spread and 1 + spread; the same for the same names. */
function wobble(spread: number, ...names: readonly (number | string)[]): number {
  let state = 2_166_136_261
  for (const char of names.join('/')) state = Math.imul(state ^ char.charCodeAt(0), 16_777_619)
  for (const turn of [16, 13, 16]) state = Math.imul(state ^ (state >>> turn), 2_246_822_507)
  return 1 + spread * (2 * ((state >>> 0) / 4_294_967_296) - 1)
}

function row({ point, policy, seed, capacityEf, pressure, haste = 1, swept }: Sampled): ResultRow {
  const of = (name: string, spread: number): number => wobble(spread, name, policy, seed, capacityEf, pressure)
  const accelerators = Math.round(capacityEf / H100_FP64_EF)
  const load = 0.82 * pressure
  const utilization = Math.min(0.95, load * (1 - 0.05 / (1 + 4 * capacityEf))) * of('utilization', 0.012)
  // A small machine makes even short queues long; more demand than there is machine makes them grow all month.
  const crowd = Math.max(0, load - 0.3) / 0.5
  const backlogS = load > 1 ? (load - 1) * 12 * DAY_S : 0
  const p95 = haste * (backlogS + (crowd ** 3 * 7 * HOUR_S) / capacityEf ** 1.15) * of('wait', 0.14)
  const jobsPerHour = accelerators * 0.031 * Math.min(pressure, 1.17) * of('jobs', 0.02)
  const waits: Record<string, number | null> = {}
  for (const [index, { name }] of sizeClasses.entries()) {
    const tooSmall = index === 4 && capacityEf < 0.2
    const share = [0, 0.16, 0.7, 1.9, 4.2][index]!
    for (const [percentile, part] of [
      [50, 0.12],
      [95, 1],
      [99, 2.1],
    ] as const) {
      const seconds = share * part * p95 * of(name, 0.2)
      // Short waits of small jobs vanish: the backfill finds them a gap at once.
      waits[waitColumn(percentile, name)] = tooSmall ? null : seconds < 120 ? 0 : Math.round(seconds)
    }
  }
  for (const { name, burden } of sectors) {
    for (const [percentile, part] of [
      [50, 0.1],
      [95, 1],
      [99, 2],
    ] as const) {
      waits[waitColumn(percentile, `sector_${name}`)] = Math.round(burden * part * p95 * of(name, 0.12))
    }
  }
  const days = 27
  const power = accelerators * (0.00042 + 0.00081 * utilization) * 1.2
  const energy = power * 24 * days
  return {
    point,
    policy,
    ...swept,
    capacity_ef: capacityEf,
    unit: 'fp64',
    accelerators,
    offered_load: load,
    jobs: Math.round(jobsPerHour * 24 * days),
    jobs_per_hour: jobsPerHour,
    delivered_ef: capacityEf * utilization,
    utilization,
    wait_p50_s: p95 * 0.06 < 60 ? 0 : Math.round(p95 * 0.06),
    wait_p95_s: Math.round(p95),
    wait_p99_s: Math.round(p95 * 2.2),
    bounded_slowdown_mean: 1 + p95 / 9_000,
    jain_index: Math.min(1, (0.97 - 0.12 * Math.max(0, load - 0.8)) * of('jain', 0.01)),
    share_error_max: (0.02 + 0.05 / (1 + 3 * capacityEf)) * of('share', 0.2),
    preemptions: Math.round(accelerators * 0.004 * pressure * of('preemptions', 0.25)),
    lost_accelerator_hours: accelerators * 0.35 * of('lost', 0.3),
    power_mw_mean: power,
    energy_mwh: energy,
    cost_krw: accelerators * 21_000 * days + energy * 148_000,
    tco2e: energy * 0.42,
    jobs_waiting_end: Math.round((p95 / HOUR_S) * jobsPerHour * 0.1),
    sim_jobs_per_second: 180_000 * of('speed', 0.1),
    seed,
    ...waits,
  }
}

const seeds = [1, 2, 3]
const unit: CapacityUnit = 'fp64'
const within24h: StudyPromise = { column: 'wait_p95_s', comparison: '<', value: DAY_S }

/** What is counted in FP64 comes from H100; an NPU pool of a tenth of their number adds nothing to FP64; what the PIM cards do, nobody has published. */
function point(
  index: number,
  capacityEf: number,
  label: { ko: string; en: string },
  values: Record<string, number | string>,
) {
  const gpus = Math.round(capacityEf / H100_FP64_EF)
  const npus = Math.round(gpus / 10)
  const { fp64, bf16, fp8, h100_equivalents, h100_equivalents_fp64, accelerators_unknown } = fleetPeak([
    { model: 'H100', count: gpus },
    { model: 'RNGD', count: npus },
    { model: 'AiMX', count: 64 },
  ])
  return {
    point: index,
    label,
    values,
    fleet: [
      { pool: 'h100', model: 'H100', kind: 'gpu', accelerators: gpus },
      { pool: 'rngd', model: 'RNGD', kind: 'npu', accelerators: npus },
      { pool: 'aimx', model: 'AiMX', kind: 'pim', accelerators: 64 },
    ],
    capacity: { fp64, bf16, fp8, h100_equivalents, h100_equivalents_fp64, accelerators_unknown },
  }
}

const outcome = (
  given: Partial<StudyOutcome> & Pick<StudyOutcome, 'name' | 'title' | 'kind' | 'points' | 'rows'>,
): StudyOutcome => ({
  unit,
  policies: ['fairshare'],
  seeds,
  fields: [],
  sectors: sectors.map(({ name, title }) => ({ name, title })),
  promises: [within24h],
  differences: [],
  solutions: [],
  figures: [
    {
      what: { ko: 'H100 FP64 행렬 연산 성능', en: 'H100 peak, FP64 matrix' },
      value: 66.9,
      unit: 'TFLOPS',
      source: 'NVIDIA H100 datasheet',
      assumed: false,
    },
    {
      what: { ko: '전력 사용 효율(PUE)', en: 'Power usage effectiveness (PUE)' },
      value: 1.2,
      unit: '',
      source: '',
      assumed: true,
    },
    {
      what: { ko: '노드 고장 간격', en: 'Days between faults of a node' },
      value: 420,
      unit: 'd',
      source: 'x1',
      assumed: false,
    },
  ],
  sources: [{ key: 'x1', page: 'Meta, Llama 3 herd of models, 2024' }],
  provenance: {
    scenario_hash: '3f1c9a52e0d7b84466a1c2f0995be37d21884c06efab5d7310c9e2b4a7d86f15',
    version: '0.1.0',
    from: '2030-06-01',
    days: 30,
    warmup_days: 3,
  },
  ...given,
})

const capacities = [0.134, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2]
const capacityField = { column: 'capacity_ef', title: { ko: '용량', en: 'Capacity' }, values: capacities }
const sayEf = (ef: number) => ({ ko: `${ef} EF`, en: `${ef} EF` })

/** From the baseline of 2,000 H100 to two exaflops, demand in step with capacity. */
export function sampleSweep(): StudyOutcome {
  return outcome({
    name: 'two-exaflops',
    title: { ko: '2 엑사플롭스까지', en: 'To two exaflops' },
    description: {
      ko: 'H100 2,000장에서 30,000장까지, 요청 부하를 용량의 같은 비율로 두고 한 달을 모의했습니다.',
      en: 'From 2,000 to 30,000 H100, a simulated month each, with demand held at the same fraction of capacity.',
    },
    kind: 'sweep',
    fields: [capacityField],
    points: capacities.map((ef, index) => point(index, ef, sayEf(ef), { capacity_ef: ef })),
    rows: capacities.flatMap((capacityEf, index) =>
      seeds.map((seed) => row({ point: index, policy: 'fairshare', seed, capacityEf, pressure: 1, swept: {} })),
    ),
  })
}

const pressures = [0.4, 1, 2, 3.25]

/** The same at less and at more demand than planned: a grid of two fields. */
export function samplePressures(): StudyOutcome {
  const grid = capacities.flatMap((capacityEf) => pressures.map((pressure) => ({ capacityEf, pressure })))
  return outcome({
    name: 'two-exaflops-surge',
    title: { ko: '수요가 몰릴 때의 2 엑사플롭스', en: 'Two exaflops under a surge' },
    kind: 'sweep',
    fields: [
      capacityField,
      { column: 'demand.pressure', title: { ko: '수요 배수', en: 'demand ×' }, values: pressures },
    ],
    points: grid.map(({ capacityEf, pressure }, index) =>
      point(
        index,
        capacityEf,
        { ko: `${capacityEf} EF, 수요 ${pressure}배`, en: `${capacityEf} EF, demand × ${pressure}` },
        {
          capacity_ef: capacityEf,
          'demand.pressure': pressure,
        },
      ),
    ),
    rows: grid.flatMap(({ capacityEf, pressure }, index) =>
      seeds.map((seed) =>
        row({ point: index, policy: 'fairshare', seed, capacityEf, pressure, swept: { 'demand.pressure': pressure } }),
      ),
    ),
  })
}

/** One machine under two policies, on the same seeds. */
export function sampleComparison(): StudyOutcome {
  const policies = ['easy', 'fairshare']
  const rows = policies.flatMap((policy) =>
    seeds.map((seed) =>
      row({ point: 0, policy, seed, capacityEf: 1, pressure: 1, haste: policy === 'easy' ? 1 : 0.62, swept: {} }),
    ),
  )
  const compared = ['jobs_per_hour', 'delivered_ef', 'wait_p50_s', 'wait_p95_s', 'wait_p99_s', 'jain_index', 'cost_krw']
  return outcome({
    name: 'turn-or-arrival',
    title: { ko: '먼저 온 순서와 배분 순서', en: 'By arrival or by share' },
    kind: 'compare',
    policies,
    points: [point(0, 1, { ko: '2030년 계획', en: 'plan-2030' }, {})],
    rows,
    differences: compared.map((column) => {
      const of = (policy: string, seed: number): number =>
        rows.find((one) => one.policy === policy && one.seed === seed)![column] as number
      const { mean, halfWidth } = meanInterval(seeds.map((seed) => of('fairshare', seed) - of('easy', seed)))
      return {
        column,
        base: { point: 0, policy: 'easy' },
        other: { point: 0, policy: 'fairshare' },
        mean,
        half_width: halfWidth,
      }
    }),
  })
}

/** Scenarios that differ in more than a number. */
export function sampleScenarios(): StudyOutcome {
  const scenarios = [
    { ef: 0.134, pressure: 1, ko: '2024년 기준선', en: 'baseline-2024' },
    { ef: 0.61, pressure: 1.05, ko: '2026년 징검다리', en: 'bridge-2026' },
    { ef: 1.0, pressure: 1, ko: '2028년 국가 AI컴퓨팅센터', en: 'nacc-2028' },
    { ef: 2.007, pressure: 1, ko: '2 엑사플롭스', en: 'two-exaflops' },
    { ef: 2.007, pressure: 2, ko: '마감 직전 몰림', en: 'deadline-spike' },
  ]
  return outcome({
    name: 'roadmap',
    title: { ko: '연도별 계획의 비교', en: 'The road map, year by year' },
    kind: 'compare',
    points: scenarios.map(({ ef, ko, en }, index) => point(index, ef, { ko, en }, {})),
    rows: scenarios.flatMap(({ ef, pressure }, index) =>
      seeds.map((seed) => row({ point: index, policy: 'fairshare', seed, capacityEf: ef, pressure, swept: {} })),
    ),
  })
}

/** The smallest capacity that starts 95 of 100 jobs within a day, by bisection down to 5 %. */
export function sampleSolution(): StudyOutcome {
  const tried: { value: number; keeps: boolean }[] = []
  const rows: ResultRow[] = []
  const attempt = (value: number): boolean => {
    const own = seeds.map((seed) =>
      row({ point: tried.length, policy: 'fairshare', seed, capacityEf: value, pressure: 1, swept: {} }),
    )
    rows.push(...own)
    const keeps = meanInterval(own.map(({ wait_p95_s }) => wait_p95_s)).mean < DAY_S
    tried.push({ value, keeps })
    return keeps
  }
  let misses = 0.134
  let keeps = 2
  attempt(keeps)
  attempt(misses)
  while (keeps / misses > 1.05) {
    const middle = Number(((keeps + misses) / 2).toPrecision(3))
    if (attempt(middle)) keeps = middle
    else misses = middle
  }
  return outcome({
    name: 'smallest-capacity',
    title: { ko: '약속을 지키는 가장 작은 용량', en: 'The smallest capacity that keeps the promise' },
    kind: 'solve',
    fields: [{ ...capacityField, values: tried.map(({ value }) => value) }],
    points: tried.map(({ value }, index) => point(index, value, sayEf(value), { capacity_ef: value })),
    rows,
    solutions: [{ field: 'capacity_ef', policy: 'fairshare', keeps, misses, tried }],
  })
}
