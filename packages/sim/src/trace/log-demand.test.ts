import { type CenterConfig, fairshare } from '@dure/core'
import { expect, it } from 'vitest'
import { type LogUse, logAccelerators, logDemand, logLengthS } from './log-demand.ts'
import { parseSwf } from './swf.ts'
import type { Trace } from './trace.ts'

/** Jobs that ask for twice as long as they run. */
const logOf = (
  rows: readonly (readonly [submitS: number, runS: number, size: number, user: number, queue?: number])[],
) =>
  parseSwf(
    new TextEncoder().encode(
      rows
        .map(([submitS, runS, size, user, queue = 1], i) => {
          return `${10 + i} ${submitS} -1 ${runS} ${size} -1 -1 ${size} ${2 * runS} -1 1 ${user} 1 -1 ${queue} -1 -1 -1`
        })
        .join('\n'),
    ),
  )

/** One job an hour: of user 7, of user 3, of user 7. */
const log: Trace = logOf([
  [1000, 60, 2, 7],
  [4600, 60, 8, 3, 2],
  [8200, 30, 1, 7],
])

const pool = (name: string, nodes: number) => ({
  name,
  kind: 'gpu' as const,
  model: name,
  nodes,
  perNode: { cpuMilli: 96_000, memoryMib: 1_048_576, accelerators: 8 },
})
const config: CenterConfig = {
  name: 'small',
  pools: [pool('h100', 4), pool('b200', 2), pool('others', 99)],
  accounts: [{ name: 'lab', parent: null, shares: 1 }],
  associations: ['kim', 'lee', 'park'].map((user) => ({ account: 'lab', user, shares: 1 })),
  policy: fairshare,
}
const use: LogUse = {
  config,
  users: [1, 2],
  speeds: [
    { pool: 'h100', mille: 1000 },
    { pool: 'b200', mille: 2500 },
  ],
  offsetS: 0,
  lastsS: 86_400,
  rate: 1,
  repeats: false,
  acceleratorsPerProcessor: 1,
  pools: new Map(),
}
const taken = (more: Partial<LogUse>, from = log) => {
  const { demand, ...left } = logDemand(from, { ...use, ...more })
  return {
    ...left,
    submitS: [...demand.submitMs].map((ms) => ms / 1000),
    users: [...demand.association],
    sizes: [...demand.request].map((r) => {
      const { nodes, acceleratorsMilli } = demand.requests[r]!
      return (nodes * acceleratorsMilli) / 1000
    }),
    demand,
  }
}

it('begins with its first job, and gives its users to users of the center in order of appearance', () => {
  const { submitS, users, sizes, demand, rejected } = taken({})
  expect({ submitS, users, sizes, rejected }).toEqual({
    submitS: [0, 3600, 7200],
    users: [1, 2, 1],
    sizes: [2, 8, 1],
    rejected: 0,
  })
  expect([...demand.runMs]).toEqual([60_000, 60_000, 30_000])
  expect([...demand.limitMs]).toEqual([120_000, 120_000, 60_000])
  // Numbers are those of the log, whatever the pools; `others` is not one that its work runs in.
  expect([...demand.job]).toEqual([10, 11, 12])
  expect(demand.requests[0]).toMatchObject({ pools: ['h100', 'b200'], speedsMille: [1000, 2500] })
})

it('says no speeds where all are that of the log', () => {
  const { demand } = taken({ speeds: [{ pool: 'h100', mille: 1000 }] })
  expect(demand.requests[0]).toEqual({
    pools: ['h100'],
    nodes: 1,
    acceleratorsMilli: 2000,
    cpuMilli: 24_000,
    memoryMib: 262_144,
  })
})

it.each<[string, Partial<LogUse>, number[], number[]]>([
  ['from an offset on', { offsetS: 3600 }, [0, 3600], [1, 2]],
  ['until the days are over', { lastsS: 3601 }, [0, 3600], [1, 2]],
  // At 0, 30 and 60 minutes; the offset of an hour is half an hour then.
  ['twice as fast', { rate: 2 }, [0, 1800, 3600], [1, 2, 1]],
  ['twice as fast from an offset on', { rate: 2, offsetS: 3600, lastsS: 1800 }, [0], [1]],
  ['half as fast', { rate: 0.5, lastsS: 10_000 }, [0, 7200], [1, 2]],
  // Its day is over at 86,400 s.
  ['anew', { repeats: true, lastsS: 90_000 }, [0, 3600, 7200, 86_400], [1, 2, 1, 1]],
  ['anew from an offset beyond its end', { repeats: true, offsetS: 172_800, lastsS: 7200 }, [0, 3600], [1, 2]],
  // At the same speed twice over: two days of the log in one.
  ['anew and twice as fast', { repeats: true, rate: 2 }, [0, 1800, 3600, 43_200, 45_000, 46_800], [1, 2, 1, 1, 2, 1]],
])('comes %s', (_, more, submitS, users) => expect(taken(more)).toMatchObject({ submitS, users }))

it('has whole accelerators for parts of them', () => {
  expect(taken({ acceleratorsPerProcessor: 0.25 }).sizes).toEqual([1, 2, 1])
  expect(taken({ acceleratorsPerProcessor: 4 }).sizes).toEqual([8, 32, 4])
})

it('goes where its queues are sent', () => {
  const { demand } = taken({ pools: new Map([['2', 'b200']]) })
  expect([...demand.request].map((r) => demand.requests[r]!.pools)).toEqual([
    ['h100', 'b200'],
    ['b200'],
    ['h100', 'b200'],
  ])
})

it('leaves out what no pool could ever run, and makes nobody another user for that', () => {
  const large = logOf([
    [0, 60, 33, 5],
    [60, 60, 32, 6],
  ])
  expect(taken({}, large)).toMatchObject({
    submitS: [60],
    users: [2],
    rejected: 1,
    rejections: [{ reason: 'fits-no-pool', count: 1, firstLines: [1] }],
  })
})

it('is as long as the days that it has submissions on, and as busy as its work', () => {
  expect(logLengthS(log)).toBe(86_400)
  expect(logLengthS(logOf([[5, 1, 1, 1], [86_404, 1, 1, 1]]))).toBe(86_400) // biome-ignore format: two jobs
  expect(logLengthS(logOf([[5, 1, 1, 1], [86_405, 1, 1, 1]]))).toBe(172_800) // biome-ignore format: two jobs
  // 2 × 60 + 8 × 60 + 30 = 630 accelerator-seconds of a day.
  expect(logAccelerators(log, 1)).toBe(630 / 86_400)
  // Halves: 1 × 60 + 4 × 60 + 1 × 30.
  expect(logAccelerators(log, 0.5)).toBe(330 / 86_400)
})
