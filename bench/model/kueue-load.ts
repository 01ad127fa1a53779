// The loads that Kueue's performance tests generate, from the parameters that are published with them (numbers only;
// test/performance/scheduler/configs/{baseline,large-scale}/generator.yaml). Every queue makes jobs of three classes, each
// class at its own interval, all queues at the same time. A queue may use what its cohort leaves, and nothing beyond that.
//
// A cohort is a pool of counted processors here, and its queues are accounts with equal shares: of what the cohort has
// they come to the published quotas to the unit. Not re-created: priorities within a queue, and preemption.

import { type AccountConfig, type CenterConfig, type JobRequest, policies } from '@dure/core'
import { type Demand, demandOf, type Submission } from '@dure/sim'
import { plainSubmission } from './plain-submission.ts'

interface JobClass {
  readonly name: 'small' | 'medium' | 'large'
  /** In each queue. */
  readonly count: number
  readonly intervalMs: number
  readonly runMs: number
  readonly processors: number
}

export interface KueueLoad {
  readonly cohorts: number
  readonly queuesPerCohort: number
  /** What a queue has of its own; the cohort has that of all its queues. */
  readonly quota: number
  readonly classes: readonly JobClass[]
}

export const baseline: KueueLoad = {
  cohorts: 5,
  queuesPerCohort: 6,
  quota: 20,
  classes: [
    { name: 'small', count: 350, intervalMs: 100, runMs: 200, processors: 1 },
    { name: 'medium', count: 100, intervalMs: 500, runMs: 500, processors: 5 },
    { name: 'large', count: 50, intervalMs: 1200, runMs: 1000, processors: 20 },
  ],
}

/** As it was when its rate was published: 50,000 jobs in 1,000 queues. */
export const largeScale: KueueLoad = {
  cohorts: 10,
  queuesPerCohort: 100,
  quota: 20,
  classes: [
    { name: 'small', count: 35, intervalMs: 60, runMs: 150, processors: 1 },
    { name: 'medium', count: 11, intervalMs: 300, runMs: 350, processors: 5 },
    { name: 'large', count: 4, intervalMs: 700, runMs: 700, processors: 20 },
  ],
}

/** The same with few queues and so much of every class, for the small size of a bench. */
export const partOf = (load: KueueLoad, cohorts: number, queuesPerCohort: number, part: number): KueueLoad => ({
  ...load,
  cohorts,
  queuesPerCohort,
  classes: load.classes.map((one) => ({ ...one, count: Math.ceil(one.count * part) })),
})

/** Kueue knows no time limits. This one is above every run time, so that none is cut short by a late report. */
const TIME_LIMIT_MS = 2000

const cohortName = (cohort: number): string => `cohort-${cohort}`
const queueName = (cohort: number, queue: number): string => `queue-${cohort}-${queue}`
const PERSON = 'jobs'

export function kueueCenter({ cohorts, queuesPerCohort, quota }: KueueLoad): CenterConfig {
  const accounts = Array.from({ length: cohorts }, (_, cohort): AccountConfig[] => [
    { name: cohortName(cohort), parent: null, shares: 1 },
    ...Array.from({ length: queuesPerCohort }, (_, queue) => ({
      name: queueName(cohort, queue),
      parent: cohortName(cohort),
      shares: 1,
    })),
  ]).flat()
  return {
    name: 'kueue',
    pools: Array.from({ length: cohorts }, (_, cohort) => ({
      name: cohortName(cohort),
      kind: 'cpu',
      processors: queuesPerCohort * quota,
    })),
    accounts,
    associations: accounts
      .filter(({ parent }) => parent !== null)
      .map(({ name }) => ({ account: name, user: PERSON, shares: 1 })),
    policy: policies.find(({ name }) => name === 'borrowing')!,
  }
}

/** All jobs in order of time; of those of one instant, queue by queue. */
export function kueueDemand(config: CenterConfig, { cohorts, queuesPerCohort, classes }: KueueLoad): Demand {
  const submissions: Submission[] = []
  for (let cohort = 0; cohort < cohorts; cohort++) {
    const requests = classes.map(
      ({ processors }): JobRequest => ({
        pools: [cohortName(cohort)],
        nodes: 1,
        acceleratorsMilli: processors * 1000,
        cpuMilli: 0,
        memoryMib: 0,
      }),
    )
    for (let queue = 0; queue < queuesPerCohort; queue++) {
      for (const [i, { name, count, intervalMs, runMs }] of classes.entries()) {
        for (let k = 1; k <= count; k++) {
          submissions.push(
            plainSubmission({
              atMs: k * intervalMs,
              kind: name,
              account: queueName(cohort, queue),
              user: PERSON,
              request: requests[i]!,
              timeLimitMs: TIME_LIMIT_MS,
              runTimeMs: runMs,
            }),
          )
        }
      }
    }
  }
  return demandOf(
    config,
    submissions.sort((a, b) => a.atMs - b.atMs),
    Infinity,
  )
}

/** How long the load keeps all its processors busy, which no scheduler can be faster than. */
export const leastMs = ({ quota, classes }: KueueLoad): number =>
  classes.reduce((sum, { count, runMs, processors }) => sum + count * runMs * processors, 0) / quota
