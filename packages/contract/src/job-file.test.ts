import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJobFile } from './job-file.ts'
import { type GivenOption, jobFromOptions } from './job-options.ts'

const GIB = 1024
const HOUR = 3_600_000

const script = (...lines: string[]): string => ['#!/bin/bash', ...lines, 'srun python train.py', ''].join('\n')

function jobOf(text: string, options: readonly GivenOption[] = []) {
  const read = readJobFile(text, options)
  if (!read.ok) throw new Error(JSON.stringify(read.findings))
  return read
}

/** What is wrong, as `line: sentence`. */
function wrongIn(text: string): string[] {
  const read = readJobFile(text)
  return read.ok ? [] : read.findings.map(({ line, detail }) => `${line}: ${detail}`)
}

describe('a script with #SBATCH lines', () => {
  it('is read as Slurm reads it', () => {
    const { job, warnings } = jobOf(
      script(
        '#SBATCH --job-name=llm   # a note',
        '#SBATCH -A univ-a -N4',
        '#SBATCH --gpus-per-node=h100:8',
        '#SBATCH --time 2-12:00:00',
        '#SBATCH -p h100,h200',
        '#SBATCH --cpus-per-task=12 --ntasks-per-node=8',
        "#SBATCH --mem=1T --comment='two words'",
        '#SBATCH -H',
        '#SBATCH --output=log-%j.txt --mail-type=END',
        '#DURE --run-time=30h --exit-code=3',
      ),
    )
    expect(job).toEqual({
      name: 'llm',
      account: 'univ-a',
      nodes: 4,
      accelerator: 'gpu',
      model: 'h100',
      accelerators_per_node: 8,
      time_limit_ms: 60 * HOUR,
      pools: ['h100', 'h200'],
      cpus_per_node: 96,
      memory_mib_per_node: 1024 * GIB,
      comment: 'two words',
      hold: true,
      run_time_ms: 30 * HOUR,
      exit_code: 3,
    })
    expect(warnings.map(({ line, detail }) => `${line}: ${detail}`)).toEqual([
      '10: --output has no effect here.',
      '10: --mail-type has no effect here.',
    ])
  })

  it.each<[string, string, object]>([
    ['--gres', '--gres=gpu:4', { accelerator: 'gpu', accelerators_per_node: 4 }],
    ['--gres with a model', '--gres=npu:rngd:2', { accelerator: 'npu', model: 'rngd', accelerators_per_node: 2 }],
    ['--gres of one', '--gres=pim', { accelerator: 'pim', accelerators_per_node: 1 }],
    ['--gres of one of a model', '--gres=gpu:h100', { accelerator: 'gpu', model: 'h100', accelerators_per_node: 1 }],
    ['a total over nodes', '--gpus=16 --nodes=2', { nodes: 2, accelerators_per_node: 8 }],
    ['a total on one node', '-G 4', { nodes: 1, accelerators_per_node: 4 }],
    ['a total number of tasks', '-N2 -n16 -c4', { cpus_per_node: 32 }],
    ['memory per CPU', '--mem-per-cpu=2G -c 8', { cpus_per_node: 8, memory_mib_per_node: 16 * GIB }],
    ['memory per GPU', '--mem-per-gpu=100G --gpus-per-node=4', { memory_mib_per_node: 400 * GIB }],
    ['minutes', '-t 90', { time_limit_ms: 1.5 * HOUR }],
    ['the last of two', '-N2 -N3', { nodes: 3 }],
  ])('%s', (_, options, expected) => expect(jobOf(script(`#SBATCH ${options}`)).job).toMatchObject(expected))

  it.each<[string, string[], string[]]>([
    ['an unknown option', ['#SBATCH --nodez=2'], ['2: --nodez is not an option. Did you mean --nodes?']],
    ['a bad number', ['', '#SBATCH --nodes=two'], ['3: --nodes must be a whole number of at least 1; it is "two".']],
    ['a range of nodes', ['#SBATCH -N 2-4'], ['2: -N must be a whole number of at least 1; it is "2-4".']],
    ['a negative number', ['#SBATCH --nodes=-2'], ['2: --nodes must be a whole number of at least 1; it is "-2".']],
    ['a missing value', ['#SBATCH --nodes --hold'], ['2: --nodes needs a value: --nodes COUNT.']],
    ['a value too much', ['#SBATCH --hold=yes'], ['2: --hold takes no value.']],
    [
      'an endless limit',
      ['#SBATCH -t UNLIMITED'],
      ['2: -t must be finite: say the longest it may take; it is "UNLIMITED".'],
    ],
    ['an open quote', ['#SBATCH --comment="half'], ['2: A quotation mark is not closed.']],
    ['an empty line', ['#SBATCH'], ['2: There is no option on this #SBATCH line.']],
    ['a stray word', ['#SBATCH train.py'], ['2: "train.py" is not an option; options start with - or --.']],
    [
      'our option on their line',
      ['#SBATCH --npu=2'],
      ['2: --npu is not an option of Slurm: write it on a #DURE line, so that Slurm still reads the script.'],
    ],
    [
      'two kinds',
      ['#SBATCH --gpus-per-node=1', '#DURE --npu=1'],
      ['3: --npu asks for another kind of accelerator than before (gpu): a job runs on one kind.'],
    ],
    [
      'an uneven total',
      ['#SBATCH --nodes=3', '#SBATCH --gpus=8'],
      ['3: --gpus 8 cannot be spread evenly over 3 nodes; make it a multiple of 3.'],
    ],
    [
      'a total without nodes',
      ['#SBATCH --gpus=16'],
      ['2: --gpus 16 needs --nodes, to say over how many nodes it is spread.'],
    ],
    [
      'too many on a node',
      ['#SBATCH --gpus-per-node=17'],
      ['2: `accelerators_per_node` must be at most 16, but is 17.'],
    ],
    ['absurd nodes', ['#SBATCH -N 1000000'], ['2: `nodes` must be at most 65536, but is 1000000.']],
    [
      'a bad name',
      ['#SBATCH -A a/b'],
      ['2: `account` must match /^[\\p{L}\\p{N}][\\p{L}\\p{N}._@-]*$/u, but is "a/b".'],
    ],
    [
      'all of them at once',
      ['#SBATCH -N 0', 'echo', '#SBATCH -t x'],
      ['2: -N must be a whole number of at least 1; it is "0".'],
    ],
  ])('%s', (_, lines, findings) => expect(wrongIn(script(...lines))).toEqual(findings))

  it('names everything supported where nothing is near', () => {
    expect(wrongIn(script('#SBATCH --array=1-10'))[0]).toMatch(
      /^2: --array is not supported. Supported are --job-name, --account, /,
    )
  })

  it('stops at the first command as Slurm does, and says so', () => {
    const { job, warnings } = jobOf('#!/bin/sh\n#SBATCH -N 2\n\necho hi\n#SBATCH -N 9\n')
    expect(job.nodes).toBe(2)
    expect(warnings).toEqual([
      {
        pointer: '',
        code: 'no_effect',
        detail: '#SBATCH after the first command has no effect, as in Slurm.',
        line: 5,
      },
    ])
  })

  it('does not mind Windows line ends, nor comments that only look like directives', () => {
    expect(jobOf('#!/bin/sh\r\n#SBATCH -N 2\r\n#SBATCHED --x\r\n##SBATCH --y\r\n# SBATCH --z\r\n').job.nodes).toBe(2)
  })

  it('gives way to the command line', () => {
    const options: GivenOption[] = [
      { name: '--nodes', value: '1', from: 'command-line' },
      { name: '--npu', value: '4', from: 'command-line' },
    ]
    const { job } = jobOf(script('#SBATCH -N 2 --gpus-per-node=8 -J big'), options)
    expect(job).toMatchObject({ name: 'big', nodes: 1, accelerator: 'npu', accelerators_per_node: 4 })
  })
})

describe('a YAML job', () => {
  it('has the fields of a submit, with units where people want them', () => {
    const { job } = jobOf(
      [
        '# nightly',
        'name: 야간 평가',
        'account: univ-a',
        'accelerator: npu',
        'nodes: 2',
        'accelerators_per_node: 4',
        'time_limit: 2h',
        'run_time: 1:30:00',
        'memory_per_node: 64GiB',
        'comment:',
        '',
      ].join('\n'),
    )
    expect(job).toEqual({
      name: '야간 평가',
      account: 'univ-a',
      accelerator: 'npu',
      nodes: 2,
      accelerators_per_node: 4,
      time_limit_ms: 2 * HOUR,
      run_time_ms: 1.5 * HOUR,
      memory_mib_per_node: 64 * GIB,
      hold: false,
      exit_code: 0,
    })
  })

  it('says how fast it runs in each pool, in a file or on a #DURE line', () => {
    expect(jobOf('pools: [h100, rngd]\nspeeds: [1, 0.3]\n').job.speeds).toEqual([1, 0.3])
    expect(jobOf(script('#DURE --pools=h100,rngd --speeds=1,0.3')).job.speeds).toEqual([1, 0.3])
    expect(readJobFile('pools: [h100]\nspeeds: [0]\n')).toMatchObject({ ok: false, findings: [{ line: 2 }] })
    expect(readJobFile(script('#DURE --speeds=1,fast'))).toMatchObject({
      ok: false,
      findings: [
        {
          line: 2,
          detail: '--speeds must be numbers from 0.001 to 1000 separated by commas, one for each pool; it is "1,fast".',
        },
      ],
    })
  })

  it('may be JSON, which is YAML', () => expect(jobOf('{"nodes": 2}').job.nodes).toBe(2))

  it('gives way to the command line', () => {
    const { job } = jobOf('accelerator: npu\nmodel: RNGD\nnodes: 2\n', [
      { name: '--gpus', value: '8', from: 'command-line' },
    ])
    expect(job).toMatchObject({ accelerator: 'gpu', nodes: 2, accelerators_per_node: 4 })
    expect(job.model).toBeUndefined()
  })

  it.each<[string, string, string[]]>([
    ['an unknown field', 'name: a\nnode: 2\n', ['2: `node` is not a field here. Did you mean `nodes`?']],
    [
      'several mistakes',
      'nodes: -1\n\nhold: maybe\n',
      ['1: `nodes` must be at least 1, but is -1.', '3: `hold` must be true or false, but is "maybe".'],
    ],
    ['a part of a node', 'nodes: 1.5\n', ['1: `nodes` must be a whole number, but is 1.5.']],
    ['an unknown kind', 'accelerator: tpu\n', ['1: `accelerator` must be one of gpu, npu, pim, but is "tpu".']],
    [
      'a bad item of a list',
      'pools:\n  - h100\n  - a b\n',
      ['3: `pools[1]` must match /^[\\p{L}\\p{N}][\\p{L}\\p{N}._@-]*$/u, but is "a b".'],
    ],
    [
      'a bad duration',
      'time_limit: soon\n',
      [
        '1: `time_limit` must be a duration: minutes (90), MM:SS, HH:MM:SS, D-HH, D-HH:MM, D-HH:MM:SS, or with units (90s, 30m, 2h, 1d12h); it is "soon".',
      ],
    ],
    [
      'an absurd duration',
      '\ntime_limit: 9999d\n',
      ['2: `time_limit_ms` must be at most 31622400000, but is 863913600000.'],
    ],
    [
      'the same thing twice',
      'time_limit: 1h\ntime_limit_ms: 5000\n',
      ['1: `time_limit` and `time_limit_ms` say the same thing; keep one.'],
    ],
    ['a repeated key', 'nodes: 1\nnodes: 2\n', ['2: The YAML cannot be read: Map keys must be unique.']],
    ['two documents', 'nodes: 1\n---\nnodes: 2\n', ['2: The file has more than one YAML document; keep one.']],
    ['a list', '- nodes: 1\n', ['1: A job file is a list of `field: value` lines, such as `nodes: 2`.']],
    ['prose', 'hello there\n', ['1: A job file is a list of `field: value` lines, such as `nodes: 2`.']],
    ['nothing', ' \n', ['1: The file is empty.']],
    ['only a comment', '# nothing\n', ['1: The file is empty.']],
    ['bytes', 'nodes: \0', ['1: The file is binary; a job file is YAML or a script with #SBATCH lines.']],
  ])('%s', (_, text, findings) => expect(wrongIn(text)).toEqual(findings))

  it('names the line where the YAML breaks', () => {
    const [first] = wrongIn('name: a\nnodes: [1, 2\nhold: true\n')
    expect(first).toMatch(/^[23]: The YAML cannot be read: /)
  })

  it('does not let a small file grow into a huge one', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) =>
        `a${i}: &a${i} [${Array(10)
          .fill(i === 0 ? 'x' : `*a${i - 1}`)
          .join(', ')}]`,
    )
    expect(wrongIn(`${levels.join('\n')}\n`)[0]).toMatch(/^1: The YAML cannot be read: Excessive alias count/)
  })
})

it('reads the options of a command line without a file', () => {
  const read = jobFromOptions([
    { name: '-N', value: '2', from: 'command-line' },
    { name: '--wrap', value: 'x', from: 'command-line' },
  ])
  expect(read.ok ? [] : read.findings).toEqual([
    { pointer: '', code: 'unknown_option', detail: expect.stringMatching(/^--wrap is not supported/) },
  ])
})

it('answers whatever it is given, with a sentence and a line', () => {
  const piece = fc.constantFrom(
    '#!/bin/sh',
    '#SBATCH',
    '#DURE',
    '--nodes',
    '-N',
    '=',
    ' ',
    '\n',
    '"',
    ':',
    '- ',
    '{',
    '[',
    '&a',
    '*a',
    '|',
    '0',
    '__proto__',
  )
  const text = fc
    .array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 20 })
    .map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, (source) => {
      const read = readJobFile(source)
      if (read.ok) return
      expect(read.findings.length).toBeGreaterThan(0)
      for (const { detail, line } of read.findings) {
        expect(detail).not.toBe('')
        expect(line).toBeGreaterThan(0)
      }
    }),
    { numRuns: 2_000 },
  )
})
