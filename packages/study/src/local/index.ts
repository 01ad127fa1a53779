export { type LocalRun, runLocally } from './run-locally.ts'
export { openThread, type Thread, ThreadDied, UnitFailed } from './thread.ts'
