// Every format on a few lines of our own making, and on the public logs where they are at hand.

import { describe, expect, it } from 'vitest'
import { hasReference, readGzipped, withReference } from '../../testing/reference.ts'
import { UNLIMITED_S } from './moments.ts'
import { readOpenbNodes } from './openb.ts'
import {
  groupName,
  partitionName,
  queueName,
  type Trace,
  type TraceFormat,
  type TraceOptions,
  userName,
} from './trace.ts'
import { readTrace } from './trace-reader.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (text: string, options: TraceOptions = {}, format?: TraceFormat): Promise<Trace> =>
  readTrace([bytes(text)], format, options)

/** What most tests look at, a row a job. */
const rows = ({ jobs, names, ids }: Trace): unknown[] =>
  Array.from(jobs.job, (job, i) => ({
    job,
    ...(ids !== null && { id: ids[i] }),
    line: jobs.line[i],
    submitS: jobs.submitS[i],
    runS: jobs.runS[i],
    estimateS: jobs.estimateS[i],
    size: jobs.processors[i],
    nodes: jobs.shape?.nodes[i],
    owner: `${groupName(names, jobs.group[i]!)}/${userName(names, jobs.user[i]!)}`,
    status: jobs.status[i],
  }))

const reasons = (trace: Trace): Record<string, readonly number[]> =>
  Object.fromEntries(trace.rejections.map(({ reason, firstLines }) => [reason, firstLines]))

describe('a byte order mark', () => {
  const mark = Uint8Array.of(0xef, 0xbb, 0xbf)
  const log = bytes(`; MaxProcs: 4\n1 0 -1 10 2 -1 -1 2 20${' -1'.repeat(9)}\n`)

  it.each([1, 2, 3, log.length])('is no part of the first line, in chunks of %d bytes', async (size) => {
    const marked = Uint8Array.of(...mark, ...log)
    const chunks = Array.from({ length: Math.ceil(marked.length / size) }, (_, i) =>
      marked.subarray(i * size, (i + 1) * size),
    )
    const trace = await readTrace(chunks)
    expect(trace).toMatchObject({ processors: 4, lines: 1, rejected: 0 })
  })
})

describe('sacct -P', () => {
  const head =
    'JobID|User|Account|Partition|QOS|State|Submit|Start|End|Elapsed|Timelimit|NNodes|AllocCPUS|ReqTRES|AllocTRES'
  const gpus = (count: number, nodes = 1): string =>
    `cpu=${8 * count},gres/gpu=${count},mem=${64 * count}G,node=${nodes}`

  it('reads jobs and counts their steps', async () => {
    const trace = await read(
      [
        head,
        `17|ada|chem|gpu|normal|COMPLETED|2024-01-01T00:00:00|2024-01-01T00:01:00|2024-01-01T01:01:00|01:00:00|02:00:00|2|32|${gpus(4, 2)}|${gpus(4, 2)}`,
        '17.batch||chem|||COMPLETED|2024-01-01T00:01:00|2024-01-01T00:01:00|2024-01-01T01:01:00|01:00:00||1|16||cpu=16',
        '17.0||chem|||COMPLETED|2024-01-01T00:01:00|2024-01-01T00:01:00|2024-01-01T01:01:00|01:00:00||2|32||cpu=32',
        `18|bob|bio|gpu|high|CANCELLED by 1000|2024-01-01T00:00:30|2024-01-01T00:00:40|2024-01-01T00:00:50|00:00:10|1-00:00:00|1|8|${gpus(1)}|${gpus(1)}`,
      ].join('\n'),
    )
    expect(trace).toMatchObject({
      format: 'sacct',
      unit: 'accelerators',
      lines: 4,
      steps: 2,
      rejected: 0,
      estimated: false,
    })
    expect(trace.startUnixS).toBe(Date.UTC(2023, 11, 31, 15) / 1000)
    expect(rows(trace)).toEqual([
      { job: 17, line: 2, submitS: 0, runS: 3600, estimateS: 7200, size: 4, nodes: 2, owner: 'chem/ada', status: 1 },
      { job: 18, line: 5, submitS: 30, runS: 10, estimateS: 86_400, size: 1, nodes: 1, owner: 'bio/bob', status: 5 },
    ])
    expect(partitionName(trace.names, trace.jobs.partition[0]!)).toBe('gpu')
    expect(queueName(trace.names, trace.jobs.queue[1]!)).toBe('high')
    expect([...trace.jobs.shape!.cpuMilli]).toEqual([16_000, 8000])
    expect([...trace.jobs.shape!.memoryMib]).toEqual([131_072, 65_536])
  })

  it('takes any columns in any order, raw seconds, Unix times and trailing bars', async () => {
    const trace = await read(
      'NCPUS|Submit|TimelimitRaw|ElapsedRaw|JobIDRaw|\n4|1700000100|60|90|5|\n8|1700000000|UNLIMITED|80|4|\n',
    )
    expect(trace).toMatchObject({ unit: 'processors', outOfOrder: 1, startUnixS: 1_700_000_000 })
    expect(rows(trace)).toEqual([
      {
        job: 4,
        line: 3,
        submitS: 0,
        runS: 80,
        estimateS: UNLIMITED_S,
        size: 8,
        nodes: -1,
        owner: 'unknown/unknown',
        status: -1,
      },
      {
        job: 5,
        line: 2,
        submitS: 100,
        runS: 90,
        estimateS: 3600,
        size: 4,
        nodes: -1,
        owner: 'unknown/unknown',
        status: -1,
      },
    ])
  })

  it('takes array elements and components of heterogeneous jobs for jobs, numbered by place', async () => {
    const trace = await read(
      'JobID|Submit|Elapsed|AllocCPUS\n9_1|100|00:01:00|1\n9_2|101|00:01:00|1\n10+0|102|00:01:00|1\n10+1|102|00:01:00|1\n',
    )
    expect(trace.ids).toEqual(['9_1', '9_2', '10+0', '10+1'])
    expect([...trace.jobs.job]).toEqual([1, 2, 3, 4])
  })

  it('rejects by reason, with line numbers', async () => {
    const trace = await read(
      [
        'JobID|State|Submit|Start|End|Elapsed|Timelimit|AllocCPUS',
        '1|COMPLETED|100|101|161|00:01:00|5|4',
        '2|PENDING|100|Unknown|Unknown|00:00:00|5|4',
        '3|COMPLETED|Unknown|101|161|00:01:00|5|4',
        '4|COMPLETED|100|101|161|soon|5|4',
        '5|COMPLETED|100|101|161|00:01:00|5|0',
        '1|COMPLETED|100|101|161|00:01:00|5|4',
        '7|COMPLETED|100|101|161|00:01:00|Partition_Limit|4',
        '8|COMPLETED|100|101|161|00:01:00||4',
        '9|a name|with bars|100|101|161|00:01:00|5|4',
        '|COMPLETED|100|101|161|00:01:00|5|4',
      ].join('\n'),
    )
    expect(reasons(trace)).toEqual({
      'no-run-time': [3],
      'not-a-time': [4],
      'not-a-number': [5],
      'no-processors': [6],
      'duplicate-job': [7],
      'no-estimate': [9],
      'wrong-number-of-fields': [10],
      'bad-job-number': [11],
    })
    expect([...trace.jobs.job]).toEqual([1, 7])
  })

  it('counts processors of a log with accelerators where it is asked to', async () => {
    const text = `JobID|Submit|Elapsed|AllocTRES\n1|0|00:01:00|${gpus(2)}\n2|0|00:01:00|cpu=4\n3|0|00:01:00|cpu=8,gres/gpu:a100=3,gres/gpu:v100=1\n`
    expect([...(await read(text)).jobs.processors]).toEqual([2, 4])
    expect(reasons(await read(text))).toEqual({ 'no-processors': [3] })
    expect([...(await read(text, { unit: 'processors' })).jobs.processors]).toEqual([16, 4, 8])
    expect(reasons(await read(text, { processors: 3 }))).toEqual({ 'no-processors': [3], 'larger-than-machine': [4] })
  })

  it('names the columns that an export lacks', async () => {
    await expect(
      read('JobID|JobName|Partition|Account|AllocCPUS|State|ExitCode\n1|a|b|c|4|COMPLETED|0:0\n'),
    ).rejects.toThrow('it lacks the column submit, elapsedraw or elapsed or end: export it with `sacct')
  })
})

describe('logs of GPU clusters', () => {
  it('reads Philly', async () => {
    const trace = await read(
      'timestamp,duration,num_gpus,gpu_time,cluster\n2017-10-09 07:01:55,66.0,1,66.0,11cb48\n2017-10-09 07:01:00,10.9,8,80.0,6214e9\n2017-10-09 07:02:00,0.5,1,0.5,6214e9\n',
    )
    expect(trace).toMatchObject({
      format: 'philly',
      unit: 'accelerators',
      estimated: true,
      outOfOrder: 1,
      processors: null,
    })
    expect(rows(trace)).toEqual([
      { job: 2, line: 3, submitS: 0, runS: 10, estimateS: 10, size: 8, nodes: -1, owner: '6214e9/unknown', status: -1 },
      {
        job: 1,
        line: 2,
        submitS: 55,
        runS: 66,
        estimateS: 66,
        size: 1,
        nodes: -1,
        owner: '11cb48/unknown',
        status: -1,
      },
    ])
    expect(reasons(trace)).toEqual({ 'no-run-time': [4] })
  })

  it('reads Helios', async () => {
    const trace = await read(
      [
        'job_id,user,vc,jobname,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue',
        '431,u1,vcA,"train, again",16,64,2,COMPLETED,2020-04-01 00:00:34,2020-04-01 00:01:34,2020-04-01 02:01:34,7200,60',
        '432,u2,vcB,x,0,4,1,COMPLETED,2020-04-01 00:00:35,2020-04-01 00:00:36,2020-04-01 00:00:40,4,1',
        '433,u2,vcB,x,1,4,1,FAILED,2020-04-01 00:00:36,2020-04-01 00:00:37,2020-04-01 00:00:40,3,1',
      ].join('\n'),
      { everyField: true },
    )
    expect(trace.format).toBe('helios')
    expect(rows(trace)).toEqual([
      { job: 431, line: 2, submitS: 0, runS: 7200, estimateS: 7200, size: 16, nodes: 2, owner: 'vcA/u1', status: 1 },
      { job: 433, line: 4, submitS: 2, runS: 3, estimateS: 3, size: 1, nodes: 1, owner: 'vcB/u2', status: 0 },
    ])
    expect([...trace.jobs.rest!.waitS]).toEqual([60, 1])
    expect([...trace.jobs.shape!.cpuMilli]).toEqual([32_000, 4000])
    expect(reasons(trace)).toEqual({ 'no-processors': [3] })
  })

  it('reads AcmeTrace, with time zones and empty fields', async () => {
    const trace = await read(
      [
        'job_id,user,node_num,gpu_num,cpu_num,type,state,submit_time,start_time,end_time,duration,queue,gpu_time',
        'dlc1,u3,1,8.0,96,Pretrain,CANCELLED,2023-03-01 00:12:54+08:00,2023-03-01 00:13:54+08:00,2023-03-01 01:13:54+08:00,3600,60,28800',
        'dlc2,,,1,,Evaluation,COMPLETED,2023-02-28 16:12:59+00:00,2023-02-28 16:12:59+00:00,2023-02-28 16:13:59+00:00,,0,60',
        'dlc3,u3,1,1,12,Debug,PENDING,2023-03-01 00:13:00+08:00,,,,,',
      ].join('\n'),
    )
    expect(trace).toMatchObject({ format: 'acme', startUnixS: Date.UTC(2023, 1, 28, 16, 12, 54) / 1000 })
    expect(trace.ids).toEqual(['dlc1', 'dlc2'])
    expect(rows(trace)).toMatchObject([
      { submitS: 0, runS: 3600, size: 8, nodes: 1, owner: 'unknown/u3', status: 5 },
      { submitS: 5, runS: 60, size: 1, nodes: -1, owner: 'unknown/unknown', status: 1 },
    ])
    expect(queueName(trace.names, trace.jobs.queue[0]!)).toBe('Pretrain')
    expect(reasons(trace)).toEqual({ 'no-run-time': [4] })
  })

  it('reads the pods of openb, and parts of accelerators with them', async () => {
    const trace = await read(
      [
        'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time',
        'pod-1,12000,16384,1,1000,,LS,Running,0,1000,10',
        'pod-2,6000,12288,1,460,T4,BE,Failed,5,105,5',
        'pod-3,32000,65536,8,1000,V100M16|V100M32,LS,Succeeded,7,107,7',
        'pod-4,4000,8192,0,0,,LS,Running,8,108,8',
        'pod-5,4000,8192,1,1000,,BE,Pending,9,109,',
      ].join('\n'),
    )
    expect(trace).toMatchObject({ format: 'openb', unit: 'accelerators', startUnixS: null })
    expect(rows(trace)).toMatchObject([
      { job: 1, id: 'pod-1', submitS: 0, runS: 990, size: 1, owner: 'LS/unknown', status: 1 },
      { job: 2, id: 'pod-2', submitS: 5, runS: 100, size: 1, owner: 'BE/unknown', status: 0 },
      { job: 3, id: 'pod-3', submitS: 7, runS: 100, size: 8, owner: 'LS/unknown', status: 1 },
    ])
    expect([...trace.jobs.shape!.sliceMilli]).toEqual([-1, 460, -1])
    expect(reasons(trace)).toEqual({ 'no-processors': [5], 'no-run-time': [6] })
  })

  it('makes pools of the nodes of openb', async () => {
    const { pools, withoutAccelerators, rejections } = await readOpenbNodes([
      bytes(
        'sn,cpu_milli,memory_mib,gpu,model\nn0,64000,262144,2,P100\nn1,96000,393216,8,G2\nn2,64000,262144,2,P100\nn3,16000,122880,2,P100\nn4,32000,65536,0,\nn5,x,1,1,T4\n',
      ),
    ])
    expect(pools.map(({ name, model, nodes, perNode }) => [name, model, nodes, ...Object.values(perNode)])).toEqual([
      ['p100-2', 'P100', 2, 64_000, 262_144, 2],
      ['p100-2-b', 'P100', 1, 16_000, 122_880, 2],
      ['g2-8', 'G2', 1, 96_000, 393_216, 8],
    ])
    expect(withoutAccelerators).toBe(1)
    expect(rejections).toEqual([{ reason: 'not-a-number', count: 1, firstLines: [7] }])
  })
})

describe('telling the format', () => {
  it.each<[string, string, TraceFormat]>([
    ['a header', '; MaxProcs: 4\n', 'swf'],
    ['a line of numbers', '1 0 -1 60 4 -1 -1 4 100 -1 1 3 2 -1 1 -1 -1 -1\n', 'swf'],
    ['numbers below a broken line', 'what\n1 0 -1 60 4 -1 -1 4 100 -1 1 3 2 -1 1 -1 -1 -1\n', 'swf'],
    ['nothing', '', 'swf'],
    ['quoted column names', '"job_id","user","vc","gpu_num","submit_time","duration"\n', 'helios'],
  ])('by %s', async (_, text, format) => expect((await read(text)).format).toBe(format))

  it('says so where it cannot, and believes who says it', async () => {
    await expect(read('name;size\na;4\n')).rejects.toThrow('its first line is that of no format known (swf, sacct')
    expect(await read('name;size\na;4\n', {}, 'swf')).toMatchObject({ lines: 2, rejected: 2 })
    await expect(read('; MaxProcs: 4\n', {}, 'philly')).rejects.toThrow('it lacks the column timestamp')
  })

  it('takes no binary file for a log', async () => {
    const picture = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)
    await expect(readTrace([picture])).rejects.toThrow('it is a binary file')
    await expect(readTrace([picture], 'swf')).rejects.toThrow('it is a binary file')
  })
})

describe.skipIf(!hasReference)(withReference, () => {
  it('reads Philly: 82,247 jobs of 15 virtual clusters', async () => {
    const trace = await readTrace([readGzipped('traces/philly/philly.csv.gz')])
    expect(trace).toMatchObject({ format: 'philly', rejected: 0, estimated: true })
    expect(trace.jobs.count).toBe(82_247)
    expect(new Set(trace.jobs.group).size).toBe(15)
    expect(Math.max(...trace.jobs.processors)).toBe(128)
  })

  it('reads openb: 8,152 pods, 1,213 nodes with 6,212 accelerators of 7 models', async () => {
    const trace = await readTrace([readGzipped('traces/openb/openb_pod_list_default.csv.gz')])
    expect(trace).toMatchObject({ format: 'openb', lines: 8152 })
    // Pods without GPUs, and pods that were never scheduled.
    expect(trace.rejections.map(({ reason, count }) => [reason, count])).toEqual([
      ['no-processors', 1088],
      ['no-run-time', 861],
    ])
    const { pools, withoutAccelerators } = await readOpenbNodes([
      readGzipped('traces/openb/openb_node_list_all_node.csv.gz'),
    ])
    expect(pools.reduce((sum, { nodes }) => sum + nodes, withoutAccelerators)).toBe(1523)
    expect(pools.reduce((sum, { nodes, perNode }) => sum + nodes * perNode.accelerators, 0)).toBe(6212)
    expect(new Set(pools.map(({ model }) => model)).size).toBe(7)
  })
})
