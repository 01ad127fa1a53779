import type { ScenarioFile } from '@dure/contract'
import { runScenario } from '@dure/sim'
import { expect, it } from 'vitest'
import { planOf } from './plan.ts'

const node = { accelerators_per_node: 8, cpus_per_node: 112, memory_per_node: '2TiB' }

const small: ScenarioFile = {
  name: 'small',
  date: '2028-07-03',
  days: 1,
  pools: [
    { name: 'h100', model: 'h100', nodes: 4, ...node },
    { name: 'rngd', model: 'RNGD', nodes: 2, ...node },
    { name: 'none', model: 'B200', nodes: 0, ...node },
  ],
  accounts: [{ name: 'univ', users: ['ada', 'ben'] }],
  demand: { load: 0.5 },
}

it('adds up what stands there and leaves out pools of no nodes', () => {
  const plan = planOf(small)
  expect(plan.fleet).toEqual([
    { pool: 'h100', model: 'H100', kind: 'gpu', accelerators: 32 },
    { pool: 'rngd', model: 'RNGD', kind: 'npu', accelerators: 16 },
  ])
  expect(plan.scenario.config.pools.map(({ name }) => name)).toEqual(['h100', 'rngd'])
  // 32 × 66.9 TFLOPS; an NPU has no FP64.
  expect(plan.capacity.fp64).toBeCloseTo(0.0021408, 9)
  expect(plan.accelerators).toBe(48)
})

it('begins at midnight in Korea', () => {
  expect(new Date(planOf(small).startUnixMs).toISOString()).toBe('2028-07-02T15:00:00.000Z')
})

it('is a plan that the simulator runs, alike for equal seeds', () => {
  const { scenario } = planOf(small)
  const { simulation, demand } = runScenario(scenario, 1)
  expect(demand.count).toBeGreaterThan(0)
  expect(runScenario(planOf(small).scenario, 1).simulation.factsHash).toBe(simulation.factsHash)
})
