export { type Demand, demandOf, swfCenter, width } from './demand.ts'
export { EventQueue } from './event-queue.ts'
export { type JobKind, type JobKindName, jobKinds } from './job-kinds.ts'
export { scheduleCsv } from './schedule-csv.ts'
export {
  type JobState,
  jobStates,
  type PassPer,
  type SimulateOptions,
  type Simulation,
  simulate,
} from './simulate.ts'
export { type Stream, stream } from './streams.ts'
export { accelerators, nearestRank, type Summary, summarize } from './summary.ts'
export {
  parseSwf,
  type Rejection,
  type RejectionReason,
  readSwf,
  type SwfJobs,
  type SwfOptions,
  SwfReader,
  type SwfTrace,
} from './trace/swf.ts'
export { rateShape, type Submission, submissions, type WorkloadOptions } from './workload.ts'
