export { amount } from '../report.ts'
export { type PeerRow, peerRows, type TargetRow, targetRows } from './comparison.ts'
export { type RecordedRun, recordedRuns } from './runs.ts'
