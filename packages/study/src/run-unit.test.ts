import { ResultRow, type ScenarioFile, StudyOutcome } from '@dure/contract'
import { parseSwf } from '@dure/sim'
import { expect, it } from 'vitest'
import { nextUnits } from './next-units.ts'
import { outcomeOf } from './outcome.ts'
import { runUnit } from './run-unit.ts'
import { type Study, studyHash } from './study.ts'
import { studyOf } from './study-reading.ts'

/** Eight nodes of eight H100 for four days, of which three are measured. */
const scenario: ScenarioFile = {
  name: 'tiny',
  date: '2030-01-07',
  days: 4,
  warmup_days: 1,
  pools: [
    {
      name: 'h100',
      model: 'H100',
      nodes: 8,
      accelerators_per_node: 8,
      cpus_per_node: 96,
      memory_per_node: '2TiB',
      assumed: true,
    },
  ],
  sectors: [{ name: 'academia', title: { ko: '학계', en: 'Academia' } }],
  accounts: [
    { name: 'univ', sector: 'academia', users: ['kim', 'lee'] },
    { name: 'firm', users: ['park'] },
  ],
  demand: { load: 0.8 },
  cost: {
    capex_krw_per_accelerator: { default: { value: 73_000_000, assumed: true } },
    amortisation_years: { value: 5, assumed: true },
    upkeep_part_per_year: { value: 0.05, assumed: true },
  },
}

function asked(study: ScenarioFile['study'], of: ScenarioFile = scenario): Study {
  const read = studyOf({ ...of, ...(study !== undefined && { study }) })
  if (!read.ok) throw new Error(read.findings.map(({ detail }) => detail).join('; '))
  return read.study
}

const rowsOf = (study: Study): ResultRow[] => nextUnits(study, []).map((unit) => runUnit(study, unit))

const [row] = rowsOf(asked(undefined)) as [ResultRow]

it('says what stood there, what was used of it, and what that costs', () => {
  expect(ResultRow.safeParse(row).error).toBeUndefined()
  // 64 × 66.9 TFLOPS.
  expect([row.accelerators, row.unit, row.policy, row.seed]).toEqual([64, 'fp64', 'fairshare', 1])
  expect(row.capacity_ef).toBe(0.0042816)
  // All accelerators are alike and stand there all the time.
  expect(row.delivered_ef).toBeCloseTo(row.utilization * 0.0042816, 12)
  for (const value of Object.values(row))
    if (typeof value === 'number') expect(Number(value.toPrecision(12))).toBe(value)
  expect(row.utilization).toBeGreaterThan(0)
  // 64 × 73,000,000 × (1/5 + 5 %) a year, for three days of 365; nobody says what they draw.
  expect(row.cost_krw).toBeCloseTo((64 * 73_000_000 * 0.25 * 3) / 365, 3)
  expect([row.power_mw_mean, row.energy_mwh, row.tco2e]).toEqual([null, null, null])
  expect(row.jobs_per_hour * 72).toBeLessThanOrEqual(row.jobs)
  expect(row.wait_p50_s).toBeLessThanOrEqual(row.wait_p95_s)
})

it('has a column for the waits of every class and sector, also of those nobody belonged to', () => {
  const columns = Object.keys(row)
  for (const group of [
    'size_1',
    'size_2_8',
    'size_9_64',
    'size_65_512',
    'size_513_up',
    'sector_academia',
    'sector_firm',
  ])
    for (const percent of [50, 95, 99]) expect(columns).toContain(`wait_p${percent}_s_${group}`)
  // Nothing that fits 64 accelerators is larger.
  expect(row.wait_p95_s_size_513_up).toBeNull()
})

it('is the same for the same unit, and another for another seed', () => {
  const study = asked({ sweep: [{ field: 'demand.load', values: [0.5] }], seeds: [1, 2] })
  const [a, b] = [rowsOf(study), rowsOf(study)]
  expect(a).toEqual(b)
  expect(a[0]!['demand.load']).toBe(0.5)
  expect(a[1]!.jobs).not.toBe(a[0]!.jobs)
  expect(Object.keys(a[0]!).slice(0, 4)).toEqual(['point', 'policy', 'demand.load', 'capacity_ef'])
})

it('says which values a scenario does not take, where nobody has looked before', () => {
  const study = asked({ sweep: [{ field: 'demand.load', values: [0.5] }], seeds: 1 })
  const broken = { ...study, axes: [{ ...study.axes[0]!, values: [-2] }] }
  expect(() => runUnit(broken, { id: 'u', point: 0, policy: null, seed: 1 })).toThrow('tiny, demand.load = -2: ')
})

it('makes a document of a study that says where all of it comes from', () => {
  const study = asked({
    sweep: [{ field: 'capacity_ef', values: [0.002, 0.004] }],
    policies: ['fcfs', 'easy'],
    seeds: 1,
  })
  const outcome = outcomeOf(study, rowsOf(study))
  expect(StudyOutcome.safeParse(outcome).error).toBeUndefined()
  expect(outcome.points.map(({ point, label, fleet }) => [point, label.en, fleet[0]!.accelerators])).toEqual([
    // 0.002 EF are 29.9 H100, and nodes have eight: 32; 0.004 are 59.8: 56 are nearer than 64 by 0.1, 3.8 to 4.2.
    [0, 'Capacity, EF FP64 0.002', 32],
    [1, 'Capacity, EF FP64 0.004', 56],
  ])
  expect(outcome.policies).toEqual(['fcfs', 'easy'])
  expect(outcome.sectors).toEqual([
    { name: 'academia', title: { ko: '학계', en: 'Academia' } },
    { name: 'firm', title: { ko: 'firm', en: 'firm' } },
  ])
  expect(outcome.provenance).toEqual({
    scenario_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    version: study.version,
    from: '2030-01-07',
    days: 4,
    warmup_days: 1,
  })
  expect(outcome.figures.length).toBeGreaterThan(0)
})

it('takes seeds, days and what a section leaves open from the scenario or the asker', () => {
  const read = studyOf(
    { ...scenario, study: { compare: { policies: ['fcfs', 'easy'] }, warmup_days: 0.5 } },
    { seeds: 2, days: 6 },
  )
  expect(read.ok && read.study).toMatchObject({
    kind: 'compare',
    seeds: [1, 2],
    policies: ['fcfs', 'easy'],
    scenarios: [{ days: 6, warmup_days: 0.5 }],
  })
})

it.each<[string, ScenarioFile['study'], unknown]>([
  ['in equal steps', { sweep: [{ field: 'demand.load', from: 0.4, to: 1, points: 4 }] }, [0.4, 0.6, 0.8, 1]],
  [
    'in equal proportions',
    { sweep: [{ field: 'demand.load', from: 0.1, to: 10, points: 3, spacing: 'geometric' }] },
    [0.1, 1, 10],
  ],
  ['in whole numbers', { sweep: [{ field: 'pools.h100.nodes', from: 1, to: 4, points: 3, whole: true }] }, [1, 3, 4]],
  // 100 less 10 % each: 100, 90, 81, 72.9, and the smallest of the range.
  [
    'downwards by the tolerance',
    { solve: { knob: 'demand.load', from: 70, to: 100, tolerance: 0.1, promise: 'jobs>1' } },
    [70, 72.9, 81, 90, 100],
  ],
  [
    'from nothing by parts of the whole',
    { solve: { knob: 'warmup_days', from: 0, to: 1, tolerance: 0.25, promise: 'jobs>1' } },
    [0, 0.25, 0.5, 0.75, 1],
  ],
])('puts values %s', (_, section, values) => {
  expect(asked(section).axes[0]!.values).toEqual(values)
})

it('is the same study of a log wherever that lies, and runs where somebody has read it', () => {
  const sha256 = 'a'.repeat(64)
  const logged = (file: string, of = sha256): Study => {
    const group = { name: 'g', accounts: ['univ'], trace: { file, sha256: of }, assumed: true }
    return asked(
      { sweep: [{ field: 'demand.groups.g.trace.load_factor', values: [0.5] }], seeds: 2, days: 1, warmup_days: 0 },
      { ...scenario, demand: { groups: [group] } },
    )
  }
  const [here, there, other] = [logged('/here/a.swf'), logged('/there/b.swf'), logged('/here/a.swf', 'b'.repeat(64))]
  expect(studyHash(there)).toBe(studyHash(here))
  expect(nextUnits(there, [])).toEqual(nextUnits(here, []))
  expect(studyHash(other)).not.toBe(studyHash(here))
  expect(nextUnits(other, [])[0]!.id).not.toBe(nextUnits(here, [])[0]!.id)

  const units = nextUnits(here, [])
  const traces = new Map([
    [sha256, parseSwf(new TextEncoder().encode('1 0 -1 60 4 -1 -1 4 120 -1 1 1 1 -1 1 -1 -1 -1\n'))],
  ])
  const rows = units.map((unit) => runUnit(here, unit, {}, traces))
  // A log is the same whatever the seed.
  expect(rows.map(({ jobs, seed }) => [jobs, seed])).toEqual([
    [1, 1],
    [1, 2],
  ])
  expect(() => runUnit(here, units[0]!)).toThrow('The log a.swf of group g has not been read here')
  // A report needs no log.
  expect(outcomeOf(here, rows).points).toHaveLength(1)
})
