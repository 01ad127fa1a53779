import { easy } from '@dure/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasReference, logs, readGzipped, withReference } from '../../testing/reference.ts'
import { parseSwf } from './swf.ts'
import { writeSwf } from './swf-writer.ts'
import type { Trace, TraceOptions } from './trace.ts'
import { traceCenter } from './trace-center.ts'
import { readTrace } from './trace-reader.ts'
import { queuesOf, type Transformation, transformed } from './transformation.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const swf = (text: string, options: TraceOptions = {}): Trace => parseSwf(bytes(text), { everyField: true, ...options })
const written = (trace: Trace, notes: readonly string[] = []): string => [...writeSwf(trace, notes)].join('')

/** Submitted every 100 s by users 1, 2, 1, 2, … in queues 1, 2, 3, 1, …; each follows the one before. */
const log = (count: number): string =>
  Array.from({ length: count }, (_, i) => {
    const fields = [10 + i, 1000 + 100 * i, 5, 60, 4, 1, 2, 4, 120, 3, 1, 1 + (i % 2), 7, 9, 1 + (i % 3), -1, 9 + i, 8]
    return `${fields.join(' ')}\n`
  }).join('')

const after = (transformations: readonly Transformation[], count = 6): Trace =>
  transformed(swf(log(count)), transformations)

describe('what is done to a trace', () => {
  it.each<[string, Transformation[], number[], number[]]>([
    ['nothing', [], [10, 11, 12, 13, 14, 15], [1000, 1100, 1200, 1300, 1400, 1500]],
    [
      'from and until, from the first submission on',
      [{ kind: 'cut', fromS: 100, untilS: 300 }],
      [11, 12],
      [1100, 1200],
    ],
    ['users by number', [{ kind: 'users', users: ['2'] }], [11, 13, 15], [1100, 1300, 1500]],
    ['users by name', [{ kind: 'users', users: ['user1'] }], [10, 12, 14], [1000, 1200, 1400]],
    ['the first few', [{ kind: 'first', jobs: 2 }], [10, 11], [1000, 1100]],
    ['twice the load', [{ kind: 'load', factor: 2 }], [10, 11, 12, 13, 14, 15], [1000, 1050, 1100, 1150, 1200, 1250]],
    [
      'half the load',
      [
        { kind: 'load', factor: 0.5 },
        { kind: 'first', jobs: 3 },
      ],
      [10, 11, 12],
      [1000, 1200, 1400],
    ],
    [
      'again every hour',
      [{ kind: 'repeat', everyS: 3600, untilS: 3701 }],
      [1, 2, 3, 4, 5, 6, 7, 8],
      [1000, 1100, 1200, 1300, 1400, 1500, 4600, 4700],
    ],
    ['not again before it is time', [{ kind: 'repeat', everyS: 3600, untilS: 300 }], [1, 2, 3], [1000, 1100, 1200]],
    ['numbers from 1', [{ kind: 'first', jobs: 2 }, { kind: 'renumber' }], [1, 2], [1000, 1100]],
    [
      'several in their order',
      [
        { kind: 'users', users: ['2'] },
        { kind: 'first', jobs: 1 },
        { kind: 'cut', fromS: 0, untilS: 1 },
      ],
      [11],
      [1100],
    ],
  ])('%s', (_, transformations, job, submitS) => {
    const { jobs } = after(transformations)
    expect([...jobs.job]).toEqual(job)
    expect([...jobs.submitS]).toEqual(submitS)
    expect([...jobs.runS]).toEqual(job.map(() => 60))
  })

  it('renumbers whom a job follows, as far as it is there', () => {
    const { jobs } = after([{ kind: 'cut', fromS: 100, untilS: 300 }, { kind: 'renumber' }])
    expect([...jobs.rest!.precedingJob]).toEqual([-1, 1])
  })

  it('maps queues to partitions, and leaves the others', () => {
    const trace = after([
      {
        kind: 'map',
        to: new Map([
          ['1', 'h100'],
          ['2', 'rngd'],
        ]),
      },
    ])
    expect([...queuesOf(trace)]).toEqual(['h100', '1', 'rngd', '2', '3'])
    const config = {
      name: 'two',
      pools: [
        { name: 'h100', kind: 'cpu', processors: 8 },
        { name: 'rngd', kind: 'cpu', processors: 8 },
      ],
      accounts: [],
      associations: [],
      policy: easy,
    } as const
    const { demand, unmatched } = traceCenter(trace, { kind: 'center', config }, easy)
    const poolsOf = Array.from(demand.request, (request) => demand.requests[request]!.pools)
    expect(poolsOf).toEqual([['h100'], ['rngd'], ['h100', 'rngd'], ['h100'], ['rngd'], ['h100', 'rngd']])
    expect(unmatched).toEqual(['3'])
  })

  it('chooses among alternatives', async () => {
    const pods = await readTrace([
      bytes(
        'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\na,1,1,1,1000,T4|A10,LS,Running,0,10,0\nb,1,1,1,1000,P100,LS,Running,1,10,1\n',
      ),
    ])
    expect([...queuesOf(pods)]).toEqual(['T4', 'A10', 'P100'])
    expect([...queuesOf(transformed(pods, [{ kind: 'map', to: new Map([['A10', 'big']]) }]))]).toEqual(['big', 'P100'])
  })
})

describe('writing a trace back', () => {
  it('writes eighteen fields and the header, with what was done to it', () => {
    const header =
      '; Computer: Ten\n; a remark\n; MaxProcs: 10\n; MaxJobs: 99\n; Queue: 1 night (long)\n; Note: first\n; Note: second\n'
    const trace = transformed(swf(header + log(2)), [{ kind: 'map', to: new Map([['night', 'h100']]) }])
    expect(written(trace, ['mapped'])).toBe(
      [
        '; Version: 2.2',
        '; Computer: Ten',
        '; a remark',
        '; Queue: 1 night (long)',
        '; Note: first',
        '; Note: second',
        '; MaxJobs: 2',
        '; MaxRecords: 2',
        '; MaxProcs: 10',
        '; Note: mapped',
        '; Partition: 1 h100',
        '10 1000 5 60 4 1 2 4 120 3 1 1 7 9 1 1 9 8',
        '11 1100 5 60 4 1 2 4 120 3 1 2 7 9 2 -1 10 8',
        '',
      ].join('\n'),
    )
  })

  it('asks for every field to be read', () => {
    expect(() => written(swf(log(1), { everyField: false }))).toThrow('only where every field of it was read')
  })

  const value = fc.oneof(fc.integer({ min: -1, max: 50 }), fc.integer({ min: -1, max: 9_000_000_000_000 }))
  const job = fc.tuple(...Array.from({ length: 18 }, () => value))

  it('gives the same jobs when it is read again', () => {
    fc.assert(
      fc.property(fc.array(job, { maxLength: 12 }), fc.boolean(), (fields, hasEstimates) => {
        const text = fields.map((one) => `${(hasEstimates ? one : one.with(8, -1)).join(' ')}\n`).join('')
        const once = swf(text)
        const again = swf(written(once))
        const { line: _, ...jobs } = once.jobs
        expect(again.jobs).toMatchObject(jobs)
        expect(again.rejected).toBe(0)
        expect(written(again)).toBe(written(once))
      }),
    )
  })

  it('keeps the owners, queues and start of a log that was none', async () => {
    const text =
      'JobID|User|Account|Partition|QOS|Submit|Elapsed|Timelimit|AllocTRES\n1_1|ada|chem lab|gpu|hi|1700000000|00:10:00|60|cpu=4,gres/gpu=2\n1_2|bob|bio|cpu|lo|1700000050|00:10:00|60|cpu=4,gres/gpu=1\n'
    const once = await readTrace([bytes(text)], undefined, { everyField: true })
    const again = await readTrace([bytes(written(once))])
    for (const column of [
      'job',
      'submitS',
      'runS',
      'estimateS',
      'processors',
      'user',
      'group',
      'queue',
      'partition',
    ] as const) {
      expect([column, ...again.jobs[column]]).toEqual([column, ...once.jobs[column]])
    }
    expect(again.startUnixS).toBe(1_700_000_000)
    expect([...again.names.users.values()]).toEqual(['ada', 'bob'])
    expect([...again.names.groups.values()]).toEqual(['chem_lab', 'bio'])
    expect([...queuesOf(again)]).toEqual(['gpu', 'hi', 'cpu', 'lo'])
  })
})

describe.skipIf(!hasReference)(withReference, () => {
  it.each(['kth-sp2', 'sdsc-sp2', 'lublin256'] as const)('%s read again is %s', (name) => {
    const once = parseSwf(readGzipped(logs[name]), { everyField: true })
    const again = swf(written(once))
    const { line: _, ...jobs } = once.jobs
    expect(again.jobs).toMatchObject(jobs)
    expect(again).toMatchObject({ processors: once.processors, estimated: once.estimated, rejected: 0 })
    expect(again.header.get('Acknowledge')).toBe(once.header.get('Acknowledge'))
  })
})

it('lets each job of a repeated log follow the one before it in its own round', () => {
  // In the log each follows the one with a number less; the first of a round follows none that is there.
  const { rest } = after([{ kind: 'repeat', everyS: 600, untilS: 800 }], 3).jobs
  expect([...rest!.precedingJob]).toEqual([-1, 1, 2, -1, 4])
})

it('does not begin a log anew before it is over', () => {
  expect(() => after([{ kind: 'repeat', everyS: 500, untilS: 600 }])).toThrow('500 s cannot come again every 500 s')
})

it('counts parts of accelerators as whole ones', () => {
  // 4 processors each: 1.2 accelerators, and 4.8.
  expect([...after([{ kind: 'sizes', factor: 0.3 }], 2).jobs.processors]).toEqual([2, 2])
  expect([...after([{ kind: 'sizes', factor: 1.2 }], 2).jobs.processors]).toEqual([5, 5])
})
