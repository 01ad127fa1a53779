import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type FleetPart, fleetPeak } from '../catalogue/capacity.ts'
import { capacityOn } from './fleet.ts'
import { ScenarioFile } from './scenario-file.ts'
import { type FieldValue, withFields } from './with-fields.ts'

const pool = (name: string, model: string, nodes: number, more: object = {}) => ({
  name,
  model,
  nodes,
  accelerators_per_node: 8,
  cpus_per_node: 112,
  memory_per_node: '2TiB',
  assumed: true,
  ...more,
})

const scenario: ScenarioFile = {
  name: 'mixed',
  date: '2028-07-01',
  pools: [
    pool('h100', 'H100', 250),
    pool('b200.a', 'B200', 100),
    pool('rngd', 'RNGD', 0),
    pool('partner', 'H200', 10, { owner: 'partner' }),
    pool('later', 'B200', 99, { arrives: '2029-01-01' }),
  ],
  accounts: [{ name: 'univ', users: ['ada'] }],
  demand: { load: 0.9 },
  cost: {
    capex_krw_per_accelerator: { default: { value: 100e6, assumed: true }, h100: { value: 75e6, source: 'q2' } },
    amortisation_years: { value: 5, assumed: true },
    upkeep_part_per_year: { value: 0, assumed: true },
  },
}

function changed(fields: Readonly<Record<string, FieldValue>>, from: ScenarioFile = scenario): ScenarioFile {
  const read = withFields(from, fields)
  if (!read.ok) throw new Error(read.findings.map(({ detail }) => detail).join('\n'))
  return read.scenario
}
const nodesOf = ({ pools }: ScenarioFile): number[] => pools.map(({ nodes }) => nodes)
const wrongIn = (fields: Readonly<Record<string, FieldValue>>): string[] => {
  const read = withFields(scenario, fields)
  return read.ok ? [] : read.findings.map(({ pointer, detail }) => `${pointer}: ${detail}`)
}

it('sets single fields, items of lists by their names, and fields that are not there yet', () => {
  expect(changed({ 'demand.load': 2 }).demand.load).toBe(2)
  expect(nodesOf(changed({ 'pools.b200.a.nodes': 7 }))).toEqual([250, 7, 0, 10, 99])
  expect(changed({ 'pools.h100.region': 'capital', policy: 'easy' })).toMatchObject({
    policy: 'easy',
    pools: [{ region: 'capital' }, {}, {}, {}, {}],
  })
})

it.each<[Readonly<Record<string, FieldValue>>, string]>([
  [{ 'pools.rgnd.nodes': 1 }, '/pools.rgnd.nodes: There is no `rgnd` in `pools.rgnd.nodes`. Did you mean `rngd`?'],
  [{ 'demnd.load': 1 }, '/demnd.load: There is no `demnd` in `demnd.load`. Did you mean `demand`?'],
  [{ 'demand.lod': 1 }, '/demand/lod: `lod` is not a field here. Did you mean `load`?'],
  [{ 'pools.rngd.nodes': -1 }, '/pools/2/nodes: `pools[2].nodes` must be at least 0, but is -1.'],
  [{ npu_share: 1.2 }, '/npu_share: `npu_share` must be a number from 0 to 1.'],
  [{ capacity_ef: 'much' }, '/capacity_ef: `capacity_ef` must be a number above 0.'],
  [
    { capacity_ef: 0.001 },
    '/capacity_ef: The pools of partners alone are 0.00536. `capacity_ef` must be more than that.',
  ],
  [
    { capacity_ef: 1, budget_krw: 1e12 },
    '/budget_krw: `capacity_ef` and `budget_krw` both say how many nodes there are.',
  ],
])('refuses %j', (fields, said) => expect(wrongIn(fields).join('\n')).toContain(said))

it('scales the pools of the nation that stand there, and no others', () => {
  // 2,000 × 66.9 + 800 × 40 + 80 × 67 TFLOPS = 0.171160 EF; of partners 0.00536. Twice the nation's own:
  expect(nodesOf(changed({ capacity_ef: 0.33696 }))).toEqual([500, 200, 0, 10, 99])
})

it('comes as near to a capacity as whole nodes allow', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 4, noNaN: true }), (wanted) => {
      const { pools, date, unit } = ScenarioFile.parse(changed({ capacity_ef: wanted }))
      // Half of the smallest node, 8 × 40 TFLOPS, is never missing when every pool may still give or take one.
      expect(Math.abs(capacityOn(pools, unit, date) - wanted)).toBeLessThanOrEqual((8 * 66.9e-6) / 2 + 1e-12)
    }),
  )
})

it('goes from the baseline to 2 exaflops in whole nodes', () => {
  const alone: ScenarioFile = { ...scenario, pools: [pool('h100', 'H100', 3750)] }
  // 0.134 EF are 250.4 nodes of 8 × 66.9 TFLOPS, 2 EF are 3,736.9.
  expect(nodesOf(changed({ capacity_ef: 0.134 }, alone))).toEqual([250])
  expect(nodesOf(changed({ capacity_ef: 2 }, alone))).toEqual([3737])
  expect(nodesOf(changed({ capacity_ef: 2.007 }, alone))).toEqual([3750])
})

it('moves accelerators to NPUs and keeps their number', () => {
  // 350 nodes of the nation: 70 to NPUs, 280 shared as 250 to 100.
  expect(nodesOf(changed({ npu_share: 0.2 }))).toEqual([200, 80, 70, 10, 99])
  expect(nodesOf(changed({ npu_share: 0 }))).toEqual([250, 100, 0, 10, 99])
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.99, noNaN: true }), (share) => {
      const parts: FleetPart[] = changed({ npu_share: share })
        .pools.slice(0, 3)
        .map(({ model, nodes }) => ({ model, count: nodes }))
      const [gpus, npus] = [parts[0]!.count + parts[1]!.count, parts[2]!.count]
      expect(Math.abs(npus - share * 350)).toBeLessThanOrEqual(0.5)
      expect(Math.abs(gpus + npus - 350)).toBeLessThanOrEqual(1)
      expect(fleetPeak(parts).fp64).toBeGreaterThan(0)
    }),
  )
})

it('holds a capacity with a share of NPUs', () => {
  const both = ScenarioFile.parse(changed({ npu_share: 0.3, capacity_ef: 1, unit: 'bf16' }))
  // Within half of the largest node, 8 × 2,250 TFLOPS.
  expect(Math.abs(capacityOn(both.pools, 'bf16', both.date) - 1)).toBeLessThan(0.009)
  const [h100 = 0, b200 = 0, rngd = 0] = both.pools.map(({ nodes }) => nodes)
  expect(rngd / (h100 + b200 + rngd)).toBeCloseTo(0.3, 2)
})

it('buys what a budget pays for, and never more', () => {
  // A node is 8 × 75 M or 8 × 100 M: all 350 are 150 bn + 80 bn. 115 bn are half of that.
  expect(nodesOf(changed({ budget_krw: 115e9 }))).toEqual([125, 50, 0, 10, 99])
  // 115.7 bn: due are 125.76 and 50.3; the 1.16 bn that whole parts leave pay one H100 node.
  expect(nodesOf(changed({ budget_krw: 115.7e9 }))).toEqual([126, 50, 0, 10, 99])
})

it('leaves the log of a group as it was read, and turns what is taken of it', () => {
  const trace = { file: '/logs/a.swf', sha256: 'a'.repeat(64) }
  const logged: ScenarioFile = {
    ...scenario,
    demand: { groups: [{ name: 'g', accounts: ['univ'], trace, assumed: true }] },
  }
  const other = withFields(logged, { 'demand.groups.g.trace.file': '/logs/b.swf' })
  expect(other.ok ? [] : other.findings.map(({ code }) => code)).toEqual(['log_is_read'])
  const faster = changed({ 'demand.groups.g.trace.load_factor': 2 }, logged)
  expect(faster.demand.groups![0]!.trace).toEqual({ ...trace, load_factor: 2 })
})
