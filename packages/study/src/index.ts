export { type PoolFleet, planOf, type ScenarioPlan } from './plan/plan.ts'
