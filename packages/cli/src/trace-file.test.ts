import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Ended, openDesk } from '../testing/desk.ts'

const desk = openDesk()
const { folder, write } = desk

const dure = (...args: string[]): Ended => desk.dure(args)

const lines = (text: string): string[] => text.trimEnd().split('\n')
const said = (...args: readonly string[]): unknown => JSON.parse(dure(...args, '--json').stdout)

const sacct = [
  'JobID|User|Account|Partition|QOS|State|Submit|Start|End|Elapsed|Timelimit|NNodes|AllocCPUS|AllocTRES',
  '17|ada|chem|gpu|normal|COMPLETED|2024-01-01T00:00:00|2024-01-01T00:01:00|2024-01-01T01:01:00|01:00:00|02:00:00|2|32|cpu=32,gres/gpu=16,node=2',
  '17.batch||chem|||COMPLETED|2024-01-01T00:01:00|2024-01-01T00:01:00|2024-01-01T01:01:00|01:00:00||1|16|cpu=16',
  '18|bob|bio|gpu|normal|FAILED|2024-01-01T00:00:30|2024-01-01T00:00:40|2024-01-01T00:00:50|00:00:10|1-00:00:00|1|8|cpu=8,gres/gpu=1,node=1',
  '19|bob|bio|old|normal|COMPLETED|2024-01-01T00:10:00|2024-01-01T00:10:00|2024-01-01T00:20:00|00:10:00|01:00:00|1|8|cpu=8,gres/gpu=4,node=1',
  '',
].join('\n')
write('slurm.txt', sacct)
write('slurm.txt.gz', gzipSync(sacct))

const philly = `timestamp,duration,num_gpus,gpu_time,cluster
2017-10-09 07:01:55,66.0,1,66.0,11cb48
2017-10-09 07:01:00,10.0,8,80.0,6214e9
2017-10-09 07:02:00,0.0,1,0.0,6214e9
`
write('philly.csv', philly)

const podNames =
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time'
write(
  'pods.csv',
  `${podNames}
a,4000,8192,1,1000,T4,LS,Running,0,100,0
b,4000,8192,1,500,,BE,Running,1,101,1
c,4000,8192,0,0,,BE,Running,2,102,2
d,4000,8192,8,1000,,LS,Running,3,103,3
`,
)
write(
  'nodes.csv',
  'sn,cpu_milli,memory_mib,gpu,model\nn0,64000,262144,2,T4\nn1,32000,65536,0,\nn2,64000,262144,2,P100\n',
)

const centerFile = `name: two-pools
pools:
  - { name: gpu, kind: gpu, model: H100, nodes: 2, accelerators_per_node: 8, cpus_per_node: 64, memory_per_node: 1TiB }
  - { name: a100, kind: gpu, model: A100, nodes: 1, accelerators_per_node: 4, cpus_per_node: 32, memory_per_node: 512GiB }
accounts:
  - { name: chem, shares: 3, users: [ada] }
`
write('center.yaml', centerFile)

describe('dure trace', () => {
  it('tells what is in a Slurm export, gzipped or not', () => {
    const contents = said('trace', 'slurm.txt')
    expect(contents).toMatchObject({
      format: 'sacct',
      unit: 'accelerators',
      jobs: 3,
      lines: 4,
      steps: 1,
      rejected: 0,
      users: 2,
      groups: 2,
      has_estimates: true,
      span_s: 600,
      completed: 2,
      failed: 1,
      work_processor_s: 16 * 3600 + 10 + 4 * 600,
      accounts: [
        { account: 'chem', users: 1, jobs: 1, work_processor_s: 57_600 },
        { account: 'bio', users: 1, jobs: 2, work_processor_s: 2410 },
      ],
    })
    expect(said('trace', 'slurm.txt.gz')).toEqual(contents)
  })

  it('shows it to people, rejected lines with their numbers', () => {
    const { stdout, stderr, code } = dure('trace', 'philly.csv')
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'dure: 1 line was not in order of submission, and sorted in.\n',
    })
    expect(lines(stdout)).toContain('first submit    2017-10-09 07:01:00 KST')
    expect(stdout).toContain('accelerators    not stated: give --procs')
    expect(lines(stdout).slice(-9)).toEqual(
      [
        'ACCOUNT  USERS  JOBS  WORK %',
        '6214e9       1     1    54.8',
        '11cb48       1     1    45.2',
        '',
        'ACCELERATORS  JOBS  JOBS %  WORK %',
        '1                1    50.0    45.2',
        '5-8              1    50.0    54.8',
        '',
        'Rejected lines:',
        '  no run time: 1 line (4)',
      ].slice(-9),
    )
  })

  it('cuts, scales, maps and writes as SWF, which reads back', () => {
    const { code, stderr } = dure(
      ...['trace', 'slurm.txt', '--from', '30s', '--users', 'bob', '--load-factor', '2', '--map', 'old=a100'],
      ...['--renumber', '--write-swf', 'out.swf'],
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '2 of its 3 jobs are taken.\n' })
    expect(lines(readFileSync(join(folder, 'out.swf'), 'utf8'))).toEqual([
      '; Version: 2.2',
      '; MaxJobs: 2',
      '; MaxRecords: 2',
      `; UnixStartTime: ${Date.UTC(2023, 11, 31, 15) / 1000}`,
      '; Note: a processor of this log is an accelerator',
      '; Note: only jobs submitted 30 s after the first or later',
      '; Note: only jobs of bob',
      '; Note: time between submissions divided by 2',
      '; Note: partition a100 for queue old',
      '; Queue: 1 normal',
      '; Partition: 1 gpu',
      '; Partition: 2 old',
      '; Partition: 3 a100',
      '; User: 1 ada',
      '; User: 2 bob',
      '; Group: 1 chem',
      '; Group: 2 bio',
      '1 30 10 10 1 -1 -1 1 86400 -1 0 2 2 -1 1 1 -1 -1',
      '2 315 0 600 4 -1 -1 4 3600 -1 1 2 2 -1 1 3 -1 -1',
    ])
    expect(said('trace', 'out.swf')).toMatchObject({ format: 'swf', jobs: 2, rejected: 0, users: 1, queues: 3 })
  })

  it.each<[string, readonly string[], string]>([
    [
      'a duration that is none',
      ['--from', 'soon'],
      '--from must be seconds or a duration such as 30d or 12h; it is "soon"',
    ],
    ['a load that is none', ['--load-factor', '0'], '--load-factor must be a number above 0, such as 1.5; it is "0"'],
    ['a map that is none', ['--map', 'gpu'], '--map must be of the form QUEUE=POOL; it is "gpu"'],
    ['a queue nobody is in', ['--map', 'cpu=x'], 'no job of the log is in a queue cpu; there are gpu, normal, old'],
    ['users nobody is', ['--users', 'eve'], 'slurm.txt: none of its 3 jobs is left by --from, --until and --users'],
    ['a format that is none', ['--format', 'xml'], "'xml' is invalid"],
  ])('refuses %s', (_, flags, sentence) => {
    const { stdout, stderr, code } = dure('trace', 'slurm.txt', ...flags)
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(stderr).toContain(sentence)
  })

  it('writes nothing where it cannot', () => {
    const { stderr, code } = dure('trace', 'slurm.txt', '--write-swf', 'nowhere/out.swf')
    expect(code).toBe(1)
    expect(stderr).toContain('nowhere/out.swf: it cannot be written')
  })
})

describe('dure sim on any log', () => {
  it('asks how large the machine is, with the ways to say it', () => {
    for (const [file, sentence] of [
      [
        'philly.csv',
        'a log of format philly does not say how large its machine is: give --procs N (accelerators) or --center FILE',
      ],
      ['pods.csv', 'which nodes there are: give --nodes LIST, --procs N or --center FILE'],
    ] as const) {
      const { stdout, stderr, code } = dure('sim', '--trace', file)
      expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
      expect(stderr).toContain(`dure: ${file}: `)
      expect(stderr).toContain(sentence)
    }
    expect(dure('sim', '--trace', 'philly.csv', '--procs', '8', '--center', 'center.yaml').stderr).toContain(
      'give one of --procs and --center: each is a machine',
    )
  })

  it('counts accelerators', () => {
    // Eight of eight until second 10, in which nothing else is submitted; then one for 66 s from second 55 on.
    expect(said('sim', '--trace', 'philly.csv', '--procs', '8', '--policy', 'easy')).toMatchObject({
      jobs: 2,
      rejected: 1,
      makespan_s: 121,
      utilization: (8 * 10 + 66) / (8 * 121),
    })
  })

  it('runs it on the pools of a center, where partitions find theirs by name', () => {
    const { stdout, stderr, code } = dure(
      ...['sim', '--trace', 'slurm.txt', '--center', 'center.yaml', '--policy', 'easy', '--jobs', 'jobs.csv', '--json'],
    )
    expect(code).toBe(0)
    expect(lines(stderr)).toEqual([
      '1 of 4 lines is a step of a job, and no job.',
      'No pool is named like these, so their jobs may run in any: old, normal',
    ])
    expect(JSON.parse(stdout)).toMatchObject({ jobs: 3, rejected: 0 })
    // Job 17 has both nodes of its pool for an hour; 18 is of the same partition and waits; 19 may be anywhere.
    const starts = lines(readFileSync(join(folder, 'jobs.csv'), 'utf8')).map((row) => row.split(',').slice(0, 4).join())
    expect(starts).toEqual(['job,submit,start,end', '17,0,0,3600', '18,30,3600,3610', '19,600,600,1200'])
    expect(
      said('sim', '--trace', 'slurm.txt', '--center', 'center.yaml', '--map', 'gpu=a100', '--policy', 'easy'),
    ).toMatchObject({ jobs: 2, rejected: 1 })
  })

  it('knows pools, presets and what is wrong with a center file', () => {
    const sim = (...flags: readonly string[]): Ended => dure('sim', '--trace', 'slurm.txt', ...flags)
    expect(sim('--center', 'baseline-2024').code).toBe(0)
    expect(sim('--center', 'center.yaml', '--map', 'gpu=h200')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('two-pools has no pool h200; there are gpu, a100'),
    })
    write('bad.yaml', centerFile.replace('nodes: 2', 'nodes: none'))
    expect(sim('--center', 'bad.yaml')).toMatchObject({ code: 1, stderr: expect.stringContaining('line 3') })
    expect(sim('--center', 'nowhere.yaml')).toMatchObject({ code: 1, stderr: expect.stringContaining('no such file') })
  })

  it('runs pods on the nodes of a list, and says what it leaves out', () => {
    const { stdout, stderr, code } = dure('sim', '--trace', 'pods.csv', '--nodes', 'nodes.csv', '--json')
    expect(code).toBe(0)
    expect(lines(stderr)).toEqual([
      'nodes.csv: 1 node without accelerators is left out.',
      '1 of 4 lines is rejected:',
      '  no number of processors or accelerators: 1 line (4)',
      'The log has no requested times; run times stand in for them.',
      '1 of 3 jobs could never run there and is left out:',
      '  fits no pool of the center: 1 line (5)',
    ])
    expect(JSON.parse(stdout)).toMatchObject({ jobs: 2, rejected: 2, processors: 4 })
  })

  it.each<[string, readonly string[]]>([
    ['a line', ['sim', '--trace', 'philly.csv', '--procs', '8', '--strict']],
    ['a job that fits nowhere', ['sim', '--trace', 'pods.csv', '--nodes', 'nodes.csv', '--strict']],
    ['a line that is only looked at', ['trace', 'philly.csv', '--strict']],
  ])('is strict about %s where it is asked to, with the result all the same', (_, args) => {
    const { stdout, stderr, code } = dure(...args)
    expect(code).toBe(1)
    expect(stderr).toMatch(/: (1 line is|[2-9] lines are) rejected, and --strict allows none\n {2}Mend those lines/)
    expect(stdout).not.toBe('')
  })

  it('is strict about nothing where nothing is wrong', () => {
    expect(dure('sim', '--trace', 'slurm.txt', '--procs', '16', '--strict').code).toBe(0)
  })
})

describe('a file that is no log', () => {
  const picture = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)
  it.each<[string, string, string | Uint8Array, string]>([
    ['an empty one', 'bad.csv', '', 'there is no job line in it'],
    ['one of column names', 'bad.csv', `${podNames}\n`, 'there is no job line in it'],
    ['a picture', 'bad.png', picture, 'it is a binary file: give a job log, which is text, gzipped or not'],
    ['a packed picture', 'bad.png.gz', gzipSync(picture), 'it is a binary file'],
    [
      'a table of something else',
      'bad.csv',
      'city,people\nSeoul,9386000\n',
      'its first line is that of no format known',
    ],
    [
      'pods without times',
      'bad.csv',
      'name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1,1,1,1000\n',
      'it lacks the column creation_time',
    ],
    [
      'Slurm’s default columns',
      'bad.txt',
      'JobID|JobName|Partition|Account|AllocCPUS|State|ExitCode\n',
      'it lacks the column submit',
    ],
    [
      'one of which nothing is left',
      'bad.csv',
      `${podNames}\na,1,1,0,0,,LS,Running,0,1,0\n`,
      'its only line is rejected',
    ],
    ['a table that breaks off', 'bad.csv', philly.slice(0, -12), 'line 4, the last, breaks off in the middle'],
    [
      'a gzip file that breaks off',
      'bad.gz',
      gzipSync(philly.repeat(2000)).subarray(0, -200),
      'the gzip file is damaged or cut off',
    ],
  ])('%s is refused in one sentence', (_, name, content, sentence) => {
    write(name, content)
    for (const args of [
      ['trace', name],
      ['sim', '--trace', name, '--procs', '8'],
    ]) {
      const { stdout, stderr, code } = dure(...args)
      expect({ stdout, code }).toEqual({ stdout: '', code: 1 })
      expect(stderr).toContain(`dure: ${name}: `)
      expect(stderr).toContain(sentence)
      expect(stderr).not.toContain('    at ')
    }
  })
})
