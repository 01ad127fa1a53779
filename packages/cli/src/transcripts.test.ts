// `dure` as people meet it: the real command in a process of its own, what it prints and how it ends.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { policies } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { command, type Ended, openDesk } from '../testing/desk.ts'

const { folder, write, dure } = openDesk()

const lines = (text: string): string[] => text.trimEnd().split('\n')

/** A line of a log; fields that nobody asks for are -1. */
const swf = (job: number, submit: number, run: number, processors: number, estimate: number, user = 1): string =>
  [job, submit, -1, run, processors, -1, -1, processors, estimate, -1, 1, user, 1, -1, 1, -1, -1, -1].join(' ')

// Ten processors. Job 1 takes six until second 10; 2 wants eight, 3 all ten, 4 two for a long time: EASY lets 4 pass,
// because two remain beside job 2, and job 3 has to wait for it.
const header = '; Computer: Ten\n; MaxProcs: 10\n'
const jobs = [swf(1, 0, 10, 6, 10), swf(2, 0, 10, 8, 10), swf(3, 0, 5, 10, 5, 2), swf(4, 0, 25, 2, 25, 3)]
write('ten.swf', `${header}${jobs.join('\n')}\n`)

describe('dure', () => {
  it('says its version', () => expect(dure('--version')).toEqual({ stdout: '0.1.0\n', stderr: '', code: 0 }))

  it('lists its commands, but not the hidden one, in the language of the locale', () => {
    const english = dure('--help')
    expect(english.code).toBe(0)
    expect(english.stdout).toContain('explain         why a job waits, and what would help')
    expect(english.stdout).not.toContain('demo')
    expect(dure('--help', { env: { LANG: 'ko_KR.UTF-8' } }).stdout).toContain('왜 기다리는지, 무엇이 도움이 되는지')
    expect(dure('--help --lang ko').stdout).toContain('왜 기다리는지, 무엇이 도움이 되는지')
  })

  it.each([
    ['', 'a command is missing'],
    ['quee', "dure: unknown command 'quee' (Did you mean queue?)"],
    ['sim --trace ten.swf --polcy easy', "dure: unknown option '--polcy' (Did you mean --policy?)"],
    ['fairtree', "dure: missing required argument 'FILE'"],
    ['conform extra', "dure: too many arguments for 'conform'"],
    ['sim', 'dure: nothing says what to simulate: give a SCENARIO, --trace FILE or --model FIT.yaml'],
    ['sim --trace ten.swf --pass-per year', "'year' is invalid. Allowed choices are instant, event."],
    ['sim --trace ten.swf --procs 0', 'dure: --procs must be a whole number of at least 1; it is "0"'],
    ['conform --lang fr', 'dure: --lang must be ko or en'],
    ['show seven', 'dure: a job is named by its number, such as 42; "seven" is none'],
    ['power-cap 25V', 'dure: a power cap is none, megawatts (25), or a power with its unit'],
    ['queue --watch --json', '--watch has no end'],
    ['queue --url localhost', 'dure: --url must be an address such as http://127.0.0.1:8080; it is "localhost"'],
    ['queue --url http://me:secret@localhost', 'dure: --url must not hold a password'],
  ])('%s is a mistake of the command line', (args, sentence) => {
    const { stdout, stderr, code } = dure(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(sentence)
    expect(stderr).not.toContain('    at ')
  })

  it('gives errors as problem documents where JSON is asked for', () => {
    const { stdout, stderr, code } = dure('sim --trace ten.swf --policy lottery --json')
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'ERR_UNKNOWN_POLICY',
      detail: `there is no policy lottery; there are ${policies.map(({ name }) => name).join(', ')}`,
    })
  })

  it('ends quietly when its reader has seen enough', () => {
    const shell = spawnSync('sh', ['-c', `"${process.execPath}" "${command}" conform --all | head -1; echo done`], {
      encoding: 'utf8',
    })
    expect(shell.stderr).not.toContain('EPIPE')
    expect(lines(shell.stdout)).toHaveLength(2)
  })

  it('runs wherever it is linked from', () => {
    symlinkSync(command, join(folder, 'linked'))
    const { stdout } = spawnSync(process.execPath, [join(folder, 'linked'), '--version'], { encoding: 'utf8' })
    expect(stdout).toBe('0.1.0\n')
  })
})

describe('without a center', () => {
  it.each([
    'queue',
    'pools',
    'show 1',
    'cancel 1',
    'shares',
    'squeue',
    'sinfo',
    'events',
    'submit -t 5',
    'replay ten.swf',
  ])('%s cannot reach it', (args) => {
    const { stdout, stderr, code } = dure(args)
    expect({ stdout, code }).toEqual({ stdout: '', code: 69 })
    expect(stderr).toContain('no center runs here')
    expect(stderr).toContain('npm start')
  })

  it('names the address nobody answers at', () => {
    const { stderr, code } = dure('queue --url http://127.0.0.1:1')
    expect(code).toBe(69)
    expect(stderr).toContain('dure: http://127.0.0.1:1: ')
  })

  it('still knows its own version', () => {
    expect(JSON.parse(dure('version --json').stdout)).toMatchObject({ version: '0.1.0', center: null })
  })
})

describe('dure submit --dry-run', () => {
  it('shows the request that would be sent', () => {
    const { stdout, code } = dure('submit -N 2 --gpus-per-node=8 -t 1-0 -A univ-a -J train --dry-run')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      name: 'train',
      account: 'univ-a',
      accelerator: 'gpu',
      nodes: 2,
      accelerators_per_node: 8,
      time_limit_ms: 86_400_000,
      hold: false,
      exit_code: 0,
    })
  })

  it('reads a script, called as its file, under what the command line says', () => {
    write(
      'train.sh',
      '#!/bin/bash\n#SBATCH -N 4 --gpus-per-node=8\n#SBATCH -o out.txt\n#SBATCH --time=2:00:00\nsrun train\n',
    )
    const { stdout, stderr } = dure('submit train.sh --time 30 --dry-run')
    expect(JSON.parse(stdout)).toMatchObject({ name: 'train.sh', nodes: 4, time_limit_ms: 1_800_000 })
    expect(stderr).toBe('dure: line 3: -o has no effect here.\n')
  })

  it('reads standard input, and Slurm’s habits', () => {
    const { stdout, stderr } = dure('sbatch --test-only -o out.txt --mail-type=END -', {
      input: 'nodes: 3\ntime_limit: 2h\n',
    })
    expect(JSON.parse(stdout)).toMatchObject({ nodes: 3, time_limit_ms: 7_200_000 })
    expect(lines(stderr)).toEqual(['dure: -o has no effect here.', 'dure: --mail-type has no effect here.'])
  })

  it('names every wrong line of a file', () => {
    write('bad.sh', '#!/bin/bash\n#SBATCH --nodes=-1\n#SBATCH --tme=5\n')
    const { stderr, code } = dure('submit bad.sh --dry-run')
    expect(code).toBe(1)
    expect(lines(stderr)).toEqual([
      'dure: bad.sh: not a job that could be submitted',
      '  line 2: --nodes must be a whole number of at least 1; it is "-1".',
      '  line 3: --tme is not an option. Did you mean --time?',
      '  Correct the lines named and submit it again.',
    ])
  })

  it('says broken YAML by its line, in the language asked for', () => {
    write('bad.yaml', 'nodes: 2\nnode: 3\n')
    const { stderr, code } = dure('submit bad.yaml --dry-run --lang ko')
    expect(code).toBe(1)
    expect(stderr).toContain('2번째 줄: `node` 항목은 여기에 없습니다. `nodes`을(를) 쓰려고 하셨습니까?')
    expect(stderr).toContain('적힌 줄을 고쳐 다시 제출하십시오.')
  })

  it.each([
    ['submit --tme 5 --dry-run', 2, 'dure: --tme is not an option. Did you mean --time?'],
    ['submit -N 0 --dry-run', 2, 'dure: --nodes must be a whole number of at least 1; it is "0".'],
    ['submit -N 99999999 --dry-run', 2, 'dure: `nodes` must be at most 65536'],
    ['submit a.yaml b.yaml --dry-run', 2, 'dure: one job at a time'],
    ['submit missing.sh --dry-run', 1, 'dure: missing.sh: there is no such file'],
    ['submit . --dry-run', 1, 'dure: .: it is a directory'],
  ])('%s ends with %i', (args, code, sentence) => {
    const ended = dure(args)
    expect(ended.code).toBe(code)
    expect(ended.stderr).toContain(sentence)
  })
})

describe('dure sim', () => {
  it('writes when every job starts and ends', () => {
    const { code, stdout } = dure('sim --trace ten.swf --policy easy --jobs out.csv --json')
    expect(code).toBe(0)
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toBe(
      [
        'job,submit,start,end,procs,state,account,user,pool,wait,limit,attempts',
        '1,0,0,10,6,COMPLETED,group1,user1,processors,0,10,1',
        '2,0,10,20,8,COMPLETED,group1,user1,processors,10,10,1',
        '3,0,25,30,10,COMPLETED,group1,user2,processors,25,5,1',
        '4,0,0,25,2,COMPLETED,group1,user3,processors,0,25,1',
        '',
      ].join('\n'),
    )
    // Waits 0, 10, 25, 0; 60 + 80 + 50 + 50 processor-seconds of 10 × 30; slowdowns 1, 20/10, 30/10, 1.
    expect(JSON.parse(stdout)).toMatchObject({
      policy: 'easy',
      processors: 10,
      jobs: 4,
      rejected: 0,
      makespan_s: 30,
      utilization: 0.8,
      wait_mean_s: 8.75,
      wait_p50_s: 0,
      wait_p95_s: 25,
      bounded_slowdown_mean: 1.75,
      facts_hash: expect.stringMatching(/^[0-9a-f]{32}$/),
      jobs_per_second: expect.any(Number),
    })
  })

  it('gives the same facts for the same trace, gzipped or from standard input', () => {
    write('ten.swf.gz', gzipSync(readFileSync(join(folder, 'ten.swf'))))
    const hashOf = ({ stdout }: Ended): string => JSON.parse(stdout).facts_hash
    const hash = hashOf(dure('sim --trace ten.swf --policy conservative --json'))
    expect(hashOf(dure('sim --trace ten.swf.gz --policy conservative --json'))).toBe(hash)
    const input = readFileSync(join(folder, 'ten.swf'), 'utf8')
    expect(hashOf(dure('sim --trace - --policy conservative --json', { input }))).toBe(hash)
    expect(hashOf(dure('sim --trace ten.swf --policy easy --json'))).not.toBe(hash)
  })

  it('goes on without broken lines, says which, and fails only where it is asked to be strict', () => {
    write(
      'broken.swf',
      `${header}${jobs[0]}\nthis is no job\n${swf(9, 1, 0, 1, 5)}\n${swf(10, 1, 5, 11, 5)}\n${jobs[0]}\n`,
    )
    const easy = dure('sim --trace broken.swf --policy easy --json')
    expect(easy.code).toBe(0)
    expect(JSON.parse(easy.stdout)).toMatchObject({ jobs: 1, rejected: 4 })
    expect(lines(easy.stderr)).toEqual([
      '4 of 5 lines are rejected:',
      '  a field is not a number: 1 line (4)',
      '  larger than the machine: 1 line (6)',
      '  no run time: 1 line (5)',
      '  a job with this number came before: 1 line (7)',
    ])
    expect(dure('sim --trace broken.swf --strict').code).toBe(1)
    expect(dure('sim --trace broken.swf --quiet').stderr).toBe('')
  })

  it('sorts a log that is not in order, and says so', () => {
    write('unsorted.swf', `${header}${swf(1, 50, 5, 1, 5)}\n${swf(2, 10, 5, 1, 5)}\n`)
    const { stdout, stderr } = dure('sim --trace unsorted.swf --jobs - --json')
    expect(JSON.parse(stdout)).toMatchObject({ jobs: 2, makespan_s: 45 })
    expect(stderr).toContain('dure: 1 line was not in order of submission, and sorted in.')
    rmSync(join(folder, '-'))
  })

  it('asks for the size of a machine that the log does not state', () => {
    write('sizeless.swf', `${jobs[0]}\n`)
    const { stderr, code } = dure('sim --trace sizeless.swf')
    expect(code).toBe(2)
    expect(stderr).toContain('dure: sizeless.swf: the log does not state MaxProcs or MaxNodes: give --procs')
    expect(dure('sim --trace sizeless.swf --procs 6').code).toBe(0)
  })

  it.each<[string, string | Uint8Array, string]>([
    ['an empty log', '', 'there is no job line in it'],
    ['a log of headers', header, 'there is no job line in it'],
    ['a binary file', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251), 'it is a binary file'],
    ['a log that breaks off', `${header}${jobs[0]}\n2 0 -1 1`, 'line 4, the last, breaks off in the middle'],
    ['a log of which nothing is left', `${header}1 2 3\n`, 'its only line is rejected'],
    [
      'a gzip file that is cut off',
      gzipSync('x'.repeat(10_000)).subarray(0, 30),
      'the gzip file is damaged or cut off',
    ],
  ])('refuses %s', (_, content, sentence) => {
    write('bad.swf', content)
    for (const verb of ['sim --trace', 'trace']) {
      const { stderr, code, stdout } = dure(`${verb} bad.swf`)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(`dure: bad.swf: `)
      expect(stderr).toContain(sentence)
      expect(stderr).not.toContain('dure trace FILE')
    }
  })

  it.each(['ten.swf', './ten.swf', 'ten-link.swf'])('does not put the jobs in place of the log, called %s', (name) => {
    rmSync(join(folder, 'ten-link.swf'), { force: true })
    symlinkSync('ten.swf', join(folder, 'ten-link.swf'))
    const before = readFileSync(join(folder, 'ten.swf'), 'utf8')
    const { stderr, code } = dure(`sim --trace ten.swf --jobs ${name}`)
    expect(code).toBe(2)
    expect(stderr).toContain(`dure: --jobs ${name} is the file that --trace reads: give another name`)
    expect(readFileSync(join(folder, 'ten.swf'), 'utf8')).toBe(before)
  })

  it.each(['sim --trace ten.swf', 'trace ten.swf', 'conform'])('%s says in one line that the disk is full', (args) => {
    const shell = spawnSync('sh', ['-c', `"${process.execPath}" "${command}" ${args} -q > /dev/full`], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(shell.stderr).toMatch(/^dure: the output cannot be written: ENOSPC[^\n]*\n$/)
    expect(shell.status).toBe(1)
  })

  it('rejects a job of a size that no center counts', () => {
    write('huge.swf', `; MaxProcs: 100000000000\n${swf(1, 0, 10, 1e11, 10)}\n${swf(2, 0, 10, 4_294_967, 10)}\n`)
    const { stdout, stderr } = dure('sim --trace huge.swf --json --jobs huge.csv')
    expect(JSON.parse(stdout)).toMatchObject({ jobs: 1, rejected: 1 })
    expect(lines(stderr)).toEqual(['1 of 2 lines is rejected:', '  larger than the machine: 1 line (2)'])
    expect(readFileSync(join(folder, 'huge.csv'), 'utf8')).not.toContain('refused')
  })

  it('refuses an output that cannot be written before it begins', () => {
    const { stderr, code } = dure('sim --trace ten.swf --jobs nowhere/out.csv')
    expect(code).toBe(1)
    expect(stderr).toContain('dure: nowhere/out.csv: it cannot be written')
  })
})

describe('dure trace', () => {
  it('tells what is in a log', () => {
    const { stdout, code } = dure('trace ten.swf --json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      jobs: 4,
      rejected: 0,
      processors: 10,
      users: 3,
      groups: 1,
      span_s: 0,
      work_processor_s: 240,
      run_s: { min: 5, p50: 10, p95: 25, max: 25 },
      sizes: [
        { from: 2, to: 2, jobs: 1 },
        { from: 5, to: 8, jobs: 2 },
        { from: 9, to: 16, jobs: 1 },
      ],
    })
  })

  it('counts work up to the limit of a job everywhere', () => {
    write('over.swf', `${header}${swf(1, 0, 100, 2, 10)}\n`)
    const { work_processor_s, sizes, accounts } = JSON.parse(dure('trace over.swf --json').stdout)
    expect(work_processor_s).toBe(20)
    expect(sizes).toEqual([{ from: 2, to: 2, jobs: 1, work_processor_s: 20 }])
    expect(accounts).toMatchObject([{ work_processor_s: 20 }])
  })

  it('makes a log anew in its own place, and leaves what it cannot make as it was', () => {
    write('own.swf', `${header}${jobs.join('\n')}\n`)
    expect(dure('trace own.swf --first 2 --write-swf own.swf').code).toBe(0)
    expect(JSON.parse(dure('trace own.swf --json').stdout)).toMatchObject({ jobs: 2 })
    const before = readFileSync(join(folder, 'own.swf'), 'utf8')
    expect(dure('trace missing.swf --write-swf own.swf').code).toBe(1)
    expect(readFileSync(join(folder, 'own.swf'), 'utf8')).toBe(before)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it.each(['/dev/full', 'nowhere/out.swf'])('fails where %s takes no log', (file) => {
    const { stderr, code } = dure(`trace ten.swf --write-swf ${file}`)
    expect(code).toBe(1)
    expect(stderr).toContain(`dure: ${file}: it cannot be written: `)
    expect(stderr).toContain('Check the path, that you may write there, and that the disk has room.')
  })

  it('speaks Korean', () => {
    const { stdout } = dure('trace ten.swf --lang ko')
    expect(stdout).toContain('요청 시간')
    expect(stdout).toMatch(/^프로세서 +작업 +작업 % +작업량 %$/m)
    expect(stdout).not.toMatch(/[a-z]{4} /)
  })

  it('for people too', () => {
    const { stdout } = dure('trace ten.swf')
    expect(lines(stdout).slice(-4)).toEqual([
      'PROCESSORS  JOBS  JOBS %  WORK %',
      '2              1    25.0    20.8',
      '5-8            2    50.0    58.3',
      '9-16           1    25.0    20.8',
    ])
  })
})

describe('dure fairtree', () => {
  const tree = {
    type: 'account',
    name: 'root',
    shares: 1,
    children: [
      {
        type: 'account',
        name: 'P',
        shares: 50,
        children: [
          { type: 'user', name: 'p1', shares: 1, usage: 10 },
          { type: 'user', name: 'p2', shares: 1, usage: 40 },
        ],
      },
      {
        type: 'account',
        name: 'Q',
        shares: 50,
        children: [
          { type: 'user', name: 'q1', shares: 1, usage: 20 },
          { type: 'user', name: 'q2', shares: 1, usage: 30 },
        ],
      },
    ],
  }

  it('ranks a tree in file order, in either reading', () => {
    write('tree.json', JSON.stringify(tree))
    // Level of p1: a half of the shares, 10 of 50 of the usage. P and Q are tied, so `exact` merges their users.
    const { stdout, code } = dure('fairtree tree.json')
    expect(code).toBe(0)
    expect(lines(stdout)).toEqual([
      'ACCOUNT  USER   LEVELFS  FAIRSHARE',
      'P              1.000000',
      'P        p1    2.500000   1.000000',
      'P        p2    0.625000   0.250000',
      'Q              1.000000',
      'Q        q1    1.250000   0.750000',
      'Q        q2    0.833333   0.500000',
    ])
    const rows = JSON.parse(dure('fairtree tree.json --mode slurm --json').stdout)
    expect(rows).toHaveLength(6)
    expect(rows[0]).toEqual({ account: 'P', user: null, level_fs: 1, fair_share: null })
    expect(rows.map((row: { fair_share: number | null }) => row.fair_share)).toEqual([null, 1, 0.75, null, 0.75, 0.25])
  })

  it('adds Slurm’s own user where asked, with inf for who used nothing', () => {
    const rows = JSON.parse(dure('fairtree tree.json --slurm-root --json').stdout)
    expect(rows[0]).toEqual({ account: 'root', user: 'root', level_fs: 'inf', fair_share: 1 })
  })

  it.each([
    ['{', 'not valid JSON'],
    ['{"type":"account","name":"root","children":[{"type":"usr","name":"a"}]}', 'type'],
    ['{"type":"account","name":"root","children":[{"type":"user","name":"a","shares":-1}]}', 'shares'],
    [
      '{"type":"account","name":"root","children":[{"type":"account","name":"a","shares":0.5}]}',
      'a: shares must be a whole number',
    ],
  ])('refuses %s', (text, sentence) => {
    write('bad.json', text)
    const { stdout, stderr, code } = dure('fairtree bad.json')
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 })
    expect(stderr).toContain('dure: bad.json: ')
    expect(stderr).toContain(sentence)
  })
})

describe('dure conform', () => {
  it('agrees with every case there is', () => {
    const { stdout, stderr, code } = dure('conform')
    expect(stdout).not.toContain('not at')
    expect(lines(stdout)[0]).toMatch(/^SYSTEM +CASES +PASSED +FAILED +DERIVED +KINDS$/)
    expect(stderr).toMatch(/^All \d+ cases agree\.\n$/)
    expect(code).toBe(0)
  })

  it('names every case and its source in JSON', () => {
    const { cases, passed, failed } = JSON.parse(dure('conform --json').stdout)
    expect(failed).toBe(0)
    expect(passed).toBe(cases.length)
    expect(new Set(cases.map(({ system }: { system: string }) => system))).toContain('Slurm')
    for (const { source } of cases) expect(source.length).toBeGreaterThan(10)
  })

  it('has Korean headings', () =>
    expect(lines(dure('conform --lang ko').stdout)[0]).toMatch(/^시스템 +사례 +일치 +불일치 +유도 +종류$/))
})
