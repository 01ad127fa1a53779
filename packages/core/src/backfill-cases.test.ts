// Small queues whose outcome is known from the literature or worked out by hand (`golden/backfill`).

import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { center, duration, job, nodes, processors, starts } from '../testing/told.ts'
import { policies } from './policy.ts'

interface BackfillCase {
  readonly name: string
  readonly policy: string
  readonly pool: { readonly processors: number } | { readonly nodes: number }
  readonly jobs: readonly { job: number; submit_s: number; nodes: number; run_s: number; limit_s: number }[]
  readonly expect: { readonly starts_s: Readonly<Record<string, number>> }
}

const folder = new URL('../golden/backfill/', import.meta.url)
const cases = readdirSync(folder)
  .sort()
  .map((file): BackfillCase => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))

const seconds = (count: number): string => duration(count * 1000)

it('has all its cases', () => {
  expect(cases.length).toBeGreaterThanOrEqual(14)
})

it.each(cases)('$name ($policy)', ({ policy: name, pool, jobs, expect: { starts_s } }) => {
  const policy = policies.find((candidate) => candidate.name === name)
  const sketches = jobs.map(({ job: id, submit_s, nodes: width, run_s, limit_s }) =>
    job(`${id}`).from(seconds(submit_s)).wide(width).for(seconds(limit_s)).running(seconds(run_s)),
  )
  const machine = 'nodes' in pool ? nodes(pool.nodes) : processors(pool.processors)
  const expected = Object.fromEntries(Object.entries(starts_s).map(([id, startS]) => [id, seconds(startS)]))
  expect(starts(center({ pool: machine }, policy), ...sketches)).toEqual(expected)
})
