// The report of `dure sim` and the files beside it, through the real command where a process matters.

import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { easy } from '@dure/core'
import { width } from '@dure/report'
import { jobTable, measure, parseSwf, simulate, summaryOf, swfCenter } from '@dure/sim'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { command, type Ended, openDesk } from '../testing/desk.ts'
import { isAscii, type SimReport, simReport } from './sim-report.ts'
import { openTableFile } from './table-file.ts'

const desk = openDesk()
const { folder } = desk

const environment = { PATH: process.env.PATH, LANG: 'C' }

const dure = (...args: string[]): Ended => desk.dure(['sim', ...args])

const swf = (job: number, submit: number, run: number, processors: number, estimate: number, group: number): string =>
  [job, submit, -1, run, processors, -1, -1, processors, estimate, -1, 1, group, group, -1, 1, -1, -1, -1].join(' ')

// Two days on 64 processors: a job a quarter of an hour, every ninth of them all processors, every seventh past its limit.
const rows = Array.from({ length: 192 }, (_, i) =>
  swf(i + 1, 900 * i, 600 + 300 * (i % 5), i % 9 === 0 ? 64 : 1 << (i % 6), i % 7 === 0 ? 900 : 3000, 1 + (i % 3)),
)
const log = `; MaxProcs: 64\n; UnixStartTime: 1700000000\n${rows.join('\n')}\n`
writeFileSync(join(folder, 'two-days.swf'), log)

function simulated() {
  const { config, demand } = swfCenter(parseSwf(new TextEncoder().encode(log)).jobs, 64, easy)
  return { config, demand, simulation: simulate(config, demand) }
}

describe('the report', () => {
  const { config, demand, simulation } = simulated()
  const measures = measure(config, demand, simulation)
  const report: SimReport = {
    policy: 'easy',
    unit: 'processors',
    measures,
    summary: summaryOf(measures, demand, simulation),
    startUnixMs: 1_700_000_000_000,
  }
  const paper = { language: 'en', width: 80, emphasis: (text: string) => `<${text}>`, ascii: false } as const

  it('begins with what was simulated, and how busy it was when', () => {
    const [headline, blank, busy, waiting, axis] = simReport(report, paper).split('\n')
    expect(headline).toMatch(/^<easy: 192 jobs on 64 processors in 2 days?( \d+ (hours?|minutes?))?>$/)
    expect(blank).toBe('')
    expect(busy).toMatch(/^in use {3}[·▁▂▃▄▅▆▇█]{50,} {2}[\d.]+ %$/)
    expect(waiting).toMatch(/^waiting {2}[·▁▂▃▄▅▆▇█]{50,} {2}at most \d+$/)
    // The log begins at 2023-11-14 22:13:20 UTC, a quarter past seven of the next morning in Korea.
    expect(axis).toMatch(/└12:00 +└18:00 +└00:00 +└06:00|└00:00 +└12:00/)
  })

  it('has the waits by size, whom it served, and how jobs ended', () => {
    const text = simReport(report, paper)
    expect(text).toContain('<Waits by size>')
    expect(text).toMatch(/\n +2–8 +\d+ +\d\d:\d\d:\d\d/)
    expect(text).toMatch(/\ngroup1 +\d+ +\d+\.\d % +33\.3 % +64 /)
    expect(text).toMatch(/\nCOMPLETED +\d+ +\d+\.\d %\nTIMEOUT +\d+ /)
    expect(text).toContain(`facts_hash          ${simulation.factsHash}`)
  })

  it.each([40, 60, 80, 110, 300])('fits into %i columns, in both languages', (columns) => {
    for (const language of ['en', 'ko'] as const) {
      for (const startUnixMs of [null, 1_700_000_000_000]) {
        const text = simReport({ ...report, startUnixMs }, { ...paper, language, width: columns, emphasis: String })
        // Sentences may wrap; pictures and tables must not.
        const [, strips = '', , ...tables] = text.split('\n\n')
        const tooWide = [strips, ...tables]
          .join('\n')
          .split('\n')
          .filter((line) => width(line) > columns)
        expect(tables).toHaveLength(4)
        expect(tooWide).toEqual([])
      }
    }
  })

  it('in ASCII is ASCII', () => {
    const text = simReport(report, { ...paper, ascii: true })
    expect([...text].filter((letter) => letter > '~')).toEqual([])
    expect(text).toMatch(/in use {3}[-.:=+*#%@]{50,} {2}/)
  })

  it('of nothing says so', () => {
    const none = simulate(config, { ...demand, count: 0 })
    const nothing = measure(config, { ...demand, count: 0 }, none)
    const text = simReport({ ...report, measures: nothing, summary: summaryOf(nothing, demand, none) }, paper)
    expect(text).toMatch(/^<easy: 0 jobs on 64 processors in no time>\n\npolicy/)
  })
})

it.each([
  [{}, false],
  [{ LANG: 'C' }, false],
  [{ LANG: 'ko_KR.UTF-8' }, false],
  [{ LANG: 'en_US.utf8' }, false],
  [{ LANG: 'ko_KR.eucKR' }, true],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'en_US.ISO-8859-1' }, true],
])('%j has only ASCII: %s', (given, expected) => expect(isAscii(given)).toBe(expected))

describe('dure sim', () => {
  it('reports to people, briefly where it is asked to be quiet', () => {
    const full = dure('--trace', 'two-days.swf', '--policy', 'easy')
    expect(full).toMatchObject({ code: 0, stderr: '' })
    expect(full.stdout).toContain('\nLongest waits\n')
    const quiet = dure('--trace', 'two-days.swf', '--policy', 'easy', '--quiet')
    expect(quiet.stdout.split('\n')[0]).toBe('policy              easy')
    expect(quiet.stdout).not.toContain('Longest waits')
    expect(dure('--trace', 'two-days.swf', '--lang', 'ko').stdout).toContain('\n크기별 대기\n')
  })

  it('leaves a warm-up out', () => {
    const all = JSON.parse(dure('--trace', 'two-days.swf', '--json').stdout)
    const later = JSON.parse(dure('--trace', 'two-days.swf', '--json', '--warmup', '1d').stdout)
    // Every quarter of an hour one, the 97th of them after just a day.
    expect(later).toMatchObject({ jobs: 96, warmup_s: 86_400, makespan_s: all.makespan_s, facts_hash: all.facts_hash })
    expect(all).toMatchObject({ jobs: 192, warmup_s: 0, unit: 'processors' })
    expect(later.utilization).not.toBe(all.utilization)
  })

  it.each([
    ['3d', '--warmup 3d leaves no job to measure: the last is submitted 1d23h45m after the first'],
    ['soon', '--warmup must be a duration: '],
  ])('refuses a warm-up of %s', (warmup, sentence) => {
    const { code, stdout, stderr } = dure('--trace', 'two-days.swf', '--warmup', warmup)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(sentence)
  })

  it('writes the same rows as CSV and as Parquet', async () => {
    expect(dure('--trace', 'two-days.swf', '--jobs', 'jobs.csv').code).toBe(0)
    expect(dure('--trace', 'two-days.swf', '--jobs', 'jobs.parquet').code).toBe(0)
    const [head = '', ...lines] = readFileSync(join(folder, 'jobs.csv'), 'utf8').trimEnd().split('\n')
    expect(head).toBe('job,submit,start,end,procs,state,account,user,pool,wait,limit,attempts')
    expect(lines).toHaveLength(192)
    const table = await parquetReadObjects({ file: await asyncBufferFromFile(join(folder, 'jobs.parquet')) })
    expect(Object.keys(table[0]!)).toEqual(head.split(','))
    expect(table.map((row) => Object.values(row).join(','))).toEqual(lines)
    expect(table[0]).toMatchObject({ job: 1n, submit: 0n, state: 'COMPLETED', account: 'group1' })
  })

  it.each([
    ['nowhere/jobs.parquet', 'there is no folder nowhere'],
    ['folder.csv', 'it is a folder'],
  ])('says before it begins that it cannot write %s', (file, sentence) => {
    mkdirSync(join(folder, 'folder.csv'), { recursive: true })
    const { code, stdout, stderr } = dure('--trace', 'two-days.swf', '--jobs', file)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`dure: ${file}: it cannot be written: ${sentence}`)
  })

  it('ends at Ctrl-C, and leaves no file behind', async () => {
    // So much to plan at once that it goes on for minutes. The rejected line is spoken of just before it begins.
    const crowd = Array.from({ length: 60_000 }, (_, i) =>
      swf(i + 1, 0, 100 + ((i * 7919) % 5000), 1 + (i % 50), 9000, 1),
    )
    writeFileSync(join(folder, 'crowd.swf'), `; MaxProcs: 64\n${crowd.join('\n')}\nno job\n`)
    const args = [command, 'sim', '--trace', 'crowd.swf', '--policy', 'conservative', '--jobs', 'crowd.csv']
    const child = spawn(process.execPath, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = new Promise<string>((resolve) => {
      child.on('exit', (code, signal) => resolve(`${code ?? signal}`))
    })
    await new Promise((resolve) => child.stderr.once('data', resolve))
    child.kill('SIGINT')
    // Ended by the signal, which a shell reports as 130.
    expect(await ended).toBe('SIGINT')
    expect(readdirSync(folder).filter((name) => name.startsWith('crowd.'))).toEqual(['crowd.swf'])
  })
})

describe('a file of jobs', () => {
  it.each(['stopped.csv', 'stopped.parquet'])('%s keeps what it was where writing is interrupted', async (name) => {
    const file = join(folder, name)
    writeFileSync(file, 'as it was')
    const { config, demand, simulation } = simulated()
    const order = Uint32Array.from({ length: 200_000 }, (_, i) => i % demand.count)
    const table = { ...jobTable(config, demand, simulation), order }
    expect(await openTableFile(file, '--jobs').write(table, AbortSignal.abort())).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe('as it was')
    expect(readdirSync(folder).filter((one) => one.endsWith('.part'))).toEqual([])
    expect(await openTableFile(file, '--jobs').write(table, new AbortController().signal)).toBe(true)
    expect(readFileSync(file, 'utf8')).not.toBe('as it was')
    expect(readdirSync(folder).filter((one) => one.endsWith('.part'))).toEqual([])
  })
})
