import { beforeAll, describe, expect, it } from 'vitest'
import { hasReference, logs, readGzipped, withReference } from '../../testing/reference.ts'
import { readTrace } from '../trace/trace-reader.ts'
import { fitModel } from './fit.ts'
import { checkFit } from './fit-check.ts'
import { type ObservedJobs, observedIn } from './observed-jobs.ts'
import type { WorkloadModel } from './workload-model.ts'

interface Case {
  readonly name: string
  readonly path: string
  readonly processors: number | null
  readonly offsetHours: number
  /** Largest distance allowed of each marginal: a third more than the largest of three seeds, or a little more than that. */
  readonly distances: Readonly<Record<string, number>>
}

const cases: readonly Case[] = [
  {
    name: 'kth-sp2',
    path: logs['kth-sp2'],
    processors: 100,
    offsetHours: 1,
    distances: {
      size: 0.04,
      run_s: 0.06,
      estimate_s: 0.06,
      // Many runs end minutes before their limit, as if their programs had known it; the model does not.
      used_of_estimate: 0.13,
      between_submissions_s: 0.05,
      jobs_of_session: 0.03,
    },
  },
  {
    name: 'sdsc-sp2',
    path: logs['sdsc-sp2'],
    processors: 128,
    offsetHours: -8,
    distances: {
      size: 0.04,
      run_s: 0.05,
      estimate_s: 0.03,
      used_of_estimate: 0.05,
      between_submissions_s: 0.04,
      jobs_of_session: 0.03,
    },
  },
  {
    name: 'philly',
    path: 'traces/philly/philly.csv.gz',
    processors: null,
    offsetHours: 0,
    // Submissions of a virtual cluster come in bursts of their own rhythm, of which the model has the size and the pace only.
    distances: { size: 0.04, run_s: 0.05, between_submissions_s: 0.11, jobs_of_session: 0.03 },
  },
]

describe.skipIf(!hasReference)(`fitting a model to a log, ${withReference}`, () => {
  describe.each(cases)('$name', ({ name, path, processors, offsetHours, distances }) => {
    let log: ObservedJobs
    let model: WorkloadModel
    beforeAll(async () => {
      const trace = await readTrace([readGzipped(path)])
      log = observedIn(trace)
      model = fitModel(log, { name, unixS: trace.startUnixS, offsetHours })
    })

    it.each([1, 2, 3])('draws jobs that are distributed as in the log, seed %i', (seed) => {
      const close = checkFit(model, log, { seed, processors })
      const found = Object.fromEntries(close.marginals.map((marginal) => [marginal.name, marginal.distance]))
      expect(Object.keys(found)).toEqual(Object.keys(distances))
      for (const [marginal, most] of Object.entries(distances)) {
        expect(found[marginal], marginal).toBeLessThan(most)
      }
      expect(close.model.jobs / close.log.jobs).toBeCloseTo(1, 1)
      expect(Math.abs(close.model.failed - close.log.failed)).toBeLessThan(0.02)
      expect(Math.abs(close.model.cancelled - close.log.cancelled)).toBeLessThan(0.02)
      expect(Math.abs(close.model.at_limit - close.log.at_limit)).toBeLessThan(0.02)
      expect(Math.abs(close.model.busiest_tenth - close.log.busiest_tenth)).toBeLessThan(0.12)
    })

    it('draws as much work as the log has, in the mean of seeds', () => {
      const seeds = [1, 2, 3, 4, 5]
      const loads = seeds.map((seed) => {
        const { model: drawn, log: logged } = checkFit(model, log, { seed, processors })
        return drawn.busy_mean / logged.busy_mean
      })
      const mean = loads.reduce((sum, load) => sum + load, 0) / seeds.length
      expect(Math.abs(mean - 1)).toBeLessThan(0.06)
    })
  })
})
