import { type CenterConfig, easy, fairshare } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { simulate } from '../simulate.ts'
import type { Trace } from './trace.ts'
import { swfCenter, traceCenter } from './trace-center.ts'
import { readTrace } from './trace-reader.ts'

const read = (lines: readonly string[]): Promise<Trace> => readTrace([new TextEncoder().encode(lines.join('\n'))])

const gpu = (name: string, model: string, nodes: number, accelerators: number) =>
  ({
    name,
    kind: 'gpu',
    model,
    nodes,
    perNode: { cpuMilli: 8000 * accelerators, memoryMib: 1024 * accelerators, accelerators },
  }) as const

const center = (pools: CenterConfig['pools'], more: Partial<CenterConfig> = {}): CenterConfig => ({
  name: 'test',
  pools,
  accounts: [],
  associations: [],
  policy: fairshare,
  ...more,
})

/** Jobs of a Slurm log, one a second, as `[partition, tres]`. */
const jobsIn = (jobs: readonly (readonly [partition: string, tres: string])[]): Promise<Trace> =>
  read([
    'JobID|User|Account|Partition|Submit|Elapsed|Timelimit|ReqTRES',
    ...jobs.map(([partition, tres], i) => `${i + 1}|ada|chem|${partition}|${i}|00:01:00|5|${tres}`),
  ])

const requestsOf = async (
  jobs: readonly (readonly [string, string])[],
  config: CenterConfig,
): Promise<readonly (string | null)[]> => {
  const trace = await jobsIn(jobs)
  const { demand, jobs: taken } = traceCenter(trace, { kind: 'center', config }, easy)
  const made = new Map(
    Array.from(taken.job, (job, i) => {
      const { pools, nodes, acceleratorsMilli, cpuMilli, memoryMib } = demand.requests[demand.request[i]!]!
      return [job, `${pools.join('+')} ${nodes}x${acceleratorsMilli / 1000} cpu ${cpuMilli} mem ${memoryMib}`]
    }),
  )
  return jobs.map((_, i) => made.get(i + 1) ?? null)
}

describe('a center for a trace', () => {
  const two = center([gpu('big', 'H100', 4, 8), gpu('small', 'A100', 10, 4)])

  it.each<[string, string, string | null]>([
    ['keeps the nodes a job had', 'gres/gpu=4,node=2', 'big+small 2x2 cpu 16000 mem 2048'],
    ['puts it on one node where it had none', 'gres/gpu=4', 'big+small 1x4 cpu 32000 mem 4096'],
    ['or on whole ones where one is too small', 'gres/gpu=12', 'big 2x8 cpu 64000 mem 8192'],
    ['and goes to the pool that has as many', 'gres/gpu=40,node=10', 'small 10x4 cpu 32000 mem 4096'],
    [
      'asks for CPUs and memory as the log tells',
      'cpu=40,gres/gpu=4,mem=2G,node=2',
      'big+small 2x2 cpu 20000 mem 1024',
    ],
    ['which may be more than a pool has', 'cpu=40,gres/gpu=2,node=1', 'big 1x2 cpu 40000 mem 2048'],
    ['or than any', 'cpu=400,gres/gpu=2,node=1', null],
    ['as may be the number of accelerators', 'gres/gpu=100', null],
  ])('%s: %s', async (_, tres, request) => {
    expect(await requestsOf([['', tres]], two)).toEqual([request])
  })

  it('says which lines fit no pool', async () => {
    const trace = await jobsIn([
      ['', 'gres/gpu=1'],
      ['', 'gres/gpu=100'],
      ['', 'gres/gpu=8'],
    ])
    const { demand, rejections, rejected, jobs } = traceCenter(trace, { kind: 'center', config: two }, easy)
    expect(rejections).toEqual([{ reason: 'fits-no-pool', count: 1, firstLines: [3] }])
    expect([rejected, demand.count, ...jobs.job]).toEqual([1, 2, 1, 3])
  })

  it('takes pools by the name of the partition, or by model, else any of GPUs', async () => {
    const npu = { ...gpu('rngd', 'RNGD', 4, 8), kind: 'npu' } as const
    const config = center([...two.pools, npu])
    const pools = (
      await requestsOf(
        [
          ['SMALL', 'gres/gpu=1'],
          ['h100', 'gres/gpu=1'],
          ['rngd', 'gres/gpu=1'],
          ['x', 'gres/gpu=1'],
        ],
        config,
      )
    ).map((request) => request!.split(' ')[0])
    expect(pools).toEqual(['small', 'big', 'rngd', 'big+small'])
    expect(await requestsOf([['', 'gres/gpu=1']], center([npu]))).toEqual(['rngd 1x1 cpu 8000 mem 1024'])
  })

  it('leaves accounts their shares, and adds those that are missing', async () => {
    const trace = await read([
      'JobID|User|Account|Submit|Elapsed|AllocCPUS',
      '1|ada|chem|0|00:01:00|1',
      '2|bob|chem|1|00:01:00|1',
      '3|ada|bio|2|00:01:00|1',
    ])
    const config = center([{ name: 'cpu', kind: 'cpu', processors: 4 }], {
      accounts: [{ name: 'chem', parent: null, shares: 7 }],
      associations: [{ account: 'chem', user: 'ada', shares: 3 }],
    })
    const made = traceCenter(trace, { kind: 'center', config }, easy)
    expect(made.config.accounts).toEqual([
      { name: 'chem', parent: null, shares: 7 },
      { name: 'bio', parent: null, shares: 1 },
    ])
    expect(made.config.associations).toEqual([
      { account: 'chem', user: 'ada', shares: 3 },
      { account: 'chem', user: 'bob', shares: 1 },
      { account: 'bio', user: 'ada', shares: 1 },
    ])
    expect([...made.demand.association]).toEqual([0, 1, 2])
  })

  it('counts where counting is enough, and rejects what is larger than the machine', async () => {
    const trace = await jobsIn([
      ['', 'gres/gpu=3,node=2'],
      ['', 'gres/gpu=5'],
      ['', 'gres/gpu=3'],
    ])
    const { config, demand, rejections } = swfCenter(trace.jobs, 4, easy)
    expect(config.pools).toEqual([{ name: 'processors', kind: 'cpu', processors: 4 }])
    expect(demand.requests.map(({ nodes, acceleratorsMilli }) => [nodes, acceleratorsMilli])).toEqual([[1, 3000]])
    expect(rejections).toEqual([{ reason: 'larger-than-machine', count: 1, firstLines: [3] }])
  })

  it('lets parts of one accelerator share it', async () => {
    const trace = await read([
      'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time',
      'a,1000,512,1,400,,LS,Running,0,100,0',
      'b,1000,512,1,600,,LS,Running,0,100,0',
      'c,1000,512,1,100,,LS,Running,0,100,0',
    ])
    const config = center([gpu('one', 'T4', 1, 1)])
    const made = traceCenter(
      trace,
      {
        kind: 'center',
        config: {
          ...config,
          pools: [{ ...config.pools[0]!, perNode: { cpuMilli: 9000, memoryMib: 9000, accelerators: 1 } } as never],
        },
      },
      easy,
    )
    const { startMs } = simulate(made.config, made.demand)
    expect([...startMs]).toEqual([0, 0, 100_000])
  })

  it('has accounts by the names of root and of a pool without harm', async () => {
    const trace = await read([
      'JobID|User|Account|Submit|Elapsed|AllocCPUS',
      '1|root|root|0|00:01:00|1',
      '2|ada|cpu|1|00:01:00|1',
    ])
    const made = traceCenter(trace, { kind: 'counted', processors: 4 }, fairshare)
    const { state } = simulate(made.config, made.demand)
    expect(new Set(state).size).toBe(1)
    expect([...simulate(made.config, made.demand).endMs]).toEqual([60_000, 61_000])
  })
})
