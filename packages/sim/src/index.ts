export { type AccountGroup, associationsOf } from './account-group.ts'
export { type Demand, demandOf, width } from './demand.ts'
export { type CostPlan, type Costs, costsOf, type InstalledTime, type PoolCapex } from './energy/cost.ts'
export { type Energy, type EnergyMeasures, type EnergyPlan, openEnergy, type PoolWatts } from './energy/energy.ts'
export {
  type DayHours,
  flatTariff,
  type HourClass,
  hourClasses,
  kepcoHours,
  type Season,
  seasons,
  type Tariff,
} from './energy/tariff.ts'
export { EventQueue } from './event-queue.ts'
export { accelerators } from './metrics/capacity.ts'
export { type Interval, meanInterval } from './metrics/interval.ts'
export {
  type AccountGroupMeasures,
  type AccountMeasures,
  type GroupMeasures,
  type Measures,
  type Metrics,
  type MetricsOptions,
  openMetrics,
  type PoolMeasures,
  type SizeMeasures,
  type SlowJob,
} from './metrics/metrics.ts'
export { nearestRank } from './metrics/percentiles.ts'
export { measure, type Summary, summarize, summaryOf } from './metrics/summary.ts'
export { meansOf, type TimeStrip } from './metrics/time-strip.ts'
export type { Closeness, Marginal } from './model/closeness.ts'
export type { DemandGroup, KindSpeed, Surge } from './model/demand-group.ts'
export { fitModel } from './model/fit.ts'
export { checkFit } from './model/fit-check.ts'
export { fittedCenter } from './model/fitted-center.ts'
export { jobKinds, nationalModel } from './model/job-kinds.ts'
export { observedIn } from './model/observed-jobs.ts'
export { capacityFor } from './model/offers.ts'
export { type Stream, stream } from './model/streams.ts'
export type { Submission } from './model/submission.ts'
export { lognormalTo, type TimeLaw } from './model/time-law.ts'
export { submissions, type WorkloadOptions } from './model/workload.ts'
export type { Checkpoint, EstimateHabit, JobKind, WorkloadModel } from './model/workload-model.ts'
export { csvText, tableCsv } from './outputs/csv.ts'
export { jobTable } from './outputs/job-columns.ts'
export type { Column, Table } from './outputs/table.ts'
export { type DemandSource, runScenario, type Scenario, type ScenarioDemand, type ScenarioRun } from './scenario.ts'
export type { FaultLaw, NodeRange, NodeStay, Outage, PowerCap, ServicePlan } from './service/service-plan.ts'
export { type SharedCancel, sharedCancel } from './shared-cancel.ts'
export { loadMaxMinSolver, type MaxMinJob, type MaxMinSolver } from './shares/max-min.ts'
export { solverFor, TargetRounds } from './shares/target-rounds.ts'
export {
  type Happening,
  type JobState,
  jobStates,
  type PassPer,
  type SimulateOptions,
  type Simulation,
  type SimulationObserver,
  simulate,
} from './simulate.ts'
export { type LogDemand, type LogUse, logAccelerators, logDemand, logLengthS } from './trace/log-demand.ts'
export { openbCenter, readOpenbNodes } from './trace/openb.ts'
export { parseSwf } from './trace/swf.ts'
export { writeSwf } from './trace/swf-writer.ts'
export {
  groupName,
  type Rejection,
  type RejectionReason,
  type SizeUnit,
  type Trace,
  type TraceFormat,
  type TraceJobs,
  type TraceOptions,
  traceFormats,
  UnreadableTrace,
} from './trace/trace.ts'
export { swfCenter, type TraceCenter, type TraceTarget, traceCenter } from './trace/trace-center.ts'
export { readTrace } from './trace/trace-reader.ts'
export { queuesOf, type Transformation, transformed } from './trace/transformation.ts'
