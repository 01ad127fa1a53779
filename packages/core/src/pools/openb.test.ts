// The published comparison of placements on the openb trace of Alibaba: our rules on our nodes, in our random orders, against
// the means of ten seeds that its authors publish (kubernetes-scheduler-simulator, expected_results).

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { allocation, arrivals, atRandom, type Draw, mean, pooled, shuffled, typical } from '../../testing/openb.ts'

const folder = process.env.DURE_REFERENCE ?? fileURLToPath(new URL('../../../../../shared', import.meta.url))
const hasReference = existsSync(`${folder}/traces/openb`) && existsSync(`${folder}/golden/fgd`)
const title = hasReference
  ? 'with reference data'
  : `with reference data (skipped: there is none in ${folder}; set DURE_REFERENCE)`

const PERCENTS = [90, 95, 100, 105, 130]

describe.skipIf(!hasReference)(title, () => {
  const table = (path: string): readonly Readonly<Record<string, string>>[] => {
    const [head = '', ...rows] = gunzipSync(readFileSync(`${folder}/${path}`))
      .toString()
      .trimEnd()
      .split('\n')
    const columns = head.split(',')
    return rows.map((row) => Object.fromEntries(row.split(',').map((value, i) => [columns[i]!, value])))
  }
  const nodes = () =>
    table('traces/openb/openb_node_list_gpu_node.csv.gz').map((row) => ({
      cpuMilli: Number(row.cpu_milli),
      memoryMib: Number(row.memory_mib),
      accelerators: Number(row.gpu),
    }))
  const pods = () =>
    table('traces/openb/openb_pod_list_default.csv.gz').map((row) => ({
      cpuMilli: Number(row.cpu_milli),
      memoryMib: Number(row.memory_mib),
      acceleratorsMilli: Number(row.num_gpu) * Number(row.gpu_milli),
    }))
  const published = (policy: string): number[] => {
    const rows = table('golden/fgd/allocation.csv.gz').filter(
      (row) => row.workload === 'openb_pod_list_default' && row.sc_policy?.endsWith(`-${policy}`),
    )
    expect(rows.length).toBe(10)
    return PERCENTS.map((percent) => mean(rows.map((row) => Number(row[percent]))))
  }

  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const readmeRows = readme.split('\n').map((line) => line.replaceAll(/ +/g, ' '))
  const row = (name: string, values: readonly number[]): string =>
    `| ${[name, ...values.map((value) => value.toFixed(2))].join(' | ')} |`

  // Within twice the standard error of the difference of two means of ten, from the spread of the published seeds.
  it.each([
    ['at random', 'Random', 0.3],
    ['best-fit', 'BestFit', 0.15],
    ['least-fragmentation', 'FGD', 0.1],
    ['tightest', null, 0],
  ] as const)(
    '%s puts as much to use as the table says, and the published %s',
    { timeout: 60_000 },
    (rule, policy, tolerance) => {
      const [allNodes, allPods] = [nodes(), pods()]
      const runs = Array.from({ length: 10 }, (_, seed) => {
        const draw = drawing(seed + 1)
        const cluster = shuffled(allNodes, draw)
        const arriving = arrivals(allPods, cluster, 1.3, draw)
        if (rule === 'at random') return allocation(atRandom(cluster, draw), arriving, cluster)
        const placement = rule === 'least-fragmentation' ? { rule, workload: typical(allPods) } : { rule }
        return allocation(pooled(cluster, placement), arriving, cluster)
      })
      const means = PERCENTS.map((percent) => mean(runs.map((run) => run.get(percent)!)))
      expect(readmeRows).toContain(row(rule, means))
      if (policy === null) return
      const expected = published(policy)
      expect(readmeRows).toContain(row(`published ${policy}`, expected))
      for (const [i, value] of means.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(tolerance)
    },
  )
})

/** Numbers that look random and depend on the seed alone (Mulberry32). */
function drawing(seed: number): Draw {
  let state = seed
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / (0x1_0000_0000 / bound))
  }
}
