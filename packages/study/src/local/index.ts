export { readLogs } from './log-files.ts'
export { type LocalRun, runLocally } from './run-locally.ts'
export { type Thread, ThreadDied, UnitFailed } from './thread.ts'
export { openThreadPool, type ThreadPool, type UnitWatch } from './thread-pool.ts'
