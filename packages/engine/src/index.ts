export { type ExecutorCounts, type ExecutorOptions, execute } from './executor.ts'
export { Archive, type ArchiveOptions } from './leader/archive.ts'
export { type Audit, audit } from './leader/audit.ts'
export { type Folded, foldEntry } from './leader/fold.ts'
export { type LeadOptions, lead } from './leader/lead.ts'
export { Term, type TermCounts, TermEnded, type TermOptions } from './leader/term.ts'
export type { Logger } from './logger.ts'
export { createMemoryStore, type MemoryStore, memoryPorts } from './memory/index.ts'
export * from './ports.ts'
export {
  type CenterSavepoint,
  type Follower,
  type FollowerOptions,
  followLedger,
  savedCenter,
} from './read-model/follower.ts'
export type { JobCounts, JobFilter, JobHistory, JobRecord, JobTotals } from './read-model/job-history.ts'
export {
  createReadModel,
  ENDED_JOBS_KEPT,
  type LeaderSeen,
  type ReadModel,
  type ReadModelOptions,
} from './read-model/read-model.ts'
export {
  checkRedis,
  connectPatient,
  connectPrompt,
  memoryFullness,
  type RedisDurability,
  type RedisSettings,
  RedisUnfit,
  withStoreErrors,
} from './redis/connect.ts'
export { openRedisLedger, redisPorts } from './redis/index.ts'
export { bullPrefix } from './redis/message-consumer.ts'
export { fileSegments } from './segments/file-segments.ts'
export { BadConfiguration, redisSettingsOf, runService, type ServiceContext } from './service.ts'
export { type WholeLedger, wholeLedger } from './whole-ledger.ts'
