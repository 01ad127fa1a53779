// Slurm's multifactor priority of one job, and the factors that Slurm derives.

import {
  ageFactor,
  jobSizeFactor,
  type MultifactorFactors,
  type MultifactorWeights,
  multifactorPriority,
  normalizedFactor,
} from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

interface MultifactorPriorityCase extends CaseHead {
  readonly weights: MultifactorWeights
  /** Factors that are given as they are; those below are derived from what is said of the job. */
  readonly factors?: MultifactorFactors
  readonly age?: { readonly eligible_s: number; readonly max_s: number }
  readonly partition?: { readonly job_factor: number; readonly largest: number; readonly is_normalized: boolean }
  readonly job_size?: {
    readonly nodes: number
    readonly cpus: number
    readonly nodes_all: number
    readonly cpus_all: number
    readonly limit_min: number
    readonly favours_small: boolean
    readonly is_relative_to_time: boolean
  }
  readonly expect: { readonly priority?: number; readonly age?: number; readonly job_size?: number }
}

export const multifactorPriorityKind: CaseKind = {
  kind: 'multifactor-priority',
  differences({ weights, factors, age, partition, job_size, expect }: MultifactorPriorityCase) {
    const derived = {
      ...(age && { age: ageFactor(age.eligible_s, age.max_s) }),
      ...(partition && {
        partition: normalizedFactor(partition.job_factor, partition.largest, partition.is_normalized),
      }),
      ...(job_size && {
        jobSize: jobSizeFactor(
          {
            nodes: job_size.nodes,
            cpus: job_size.cpus,
            nodesAll: job_size.nodes_all,
            cpusAll: job_size.cpus_all,
            limitMin: job_size.limit_min,
          },
          { favoursSmall: job_size.favours_small, isRelativeToTime: job_size.is_relative_to_time },
        ),
      }),
    }
    return [
      ...('priority' in expect
        ? difference('priority', multifactorPriority(weights, { ...factors, ...derived }), expect.priority)
        : []),
      ...('age' in expect ? difference('the age factor', derived.age, expect.age) : []),
      ...('job_size' in expect ? difference('the job size factor', derived.jobSize, expect.job_size) : []),
    ]
  },
}
