import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasReference, type LogName, logs, readGzipped, withReference } from '../../testing/reference.ts'
import { parseSwf } from './swf.ts'
import type { Trace, TraceOptions } from './trace.ts'
import { readTrace } from './trace-reader.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const parse = (text: string, options?: TraceOptions): Trace => parseSwf(bytes(text), options)

/** A job line; what a test does not name is as ordinary as can be. */
const line = (fields: {
  job?: number | string
  submit?: number | string
  run?: number | string
  allocated?: number
  requested?: number
  estimate?: number
  user?: number
  group?: number
}): string => {
  const { job = 1, submit = 0, run = 60, allocated = 4, requested = 4, estimate = 100, user = 3, group = 2 } = fields
  return `${job} ${submit} -1 ${run} ${allocated} -1 -1 ${requested} ${estimate} -1 1 ${user} ${group} -1 1 -1 -1 -1`
}

const reasons = (trace: Trace): Record<string, readonly number[]> =>
  Object.fromEntries(trace.rejections.map(({ reason, firstLines }) => [reason, firstLines]))

describe('reading a Standard Workload Format log', () => {
  it('takes all eighteen fields of a line', () => {
    const { jobs } = parse('7 12 3 34 5 33 1000 6 99 2000 1 21 8 4 2 9 6 60\n', { everyField: true })
    const { count, shape, rest, ...columns } = jobs
    const first = (named: object): object =>
      Object.fromEntries(Object.entries(named).map(([name, [one]]) => [name, one]))
    expect({ count, shape }).toEqual({ count: 1, shape: null })
    expect(first(columns)).toEqual({
      job: 7,
      line: 1,
      submitS: 12,
      runS: 34,
      processors: 6,
      estimateS: 99,
      status: 1,
      user: 21,
      group: 8,
      queue: 2,
      partition: 9,
    })
    expect(first(rest!)).toEqual({
      waitS: 3,
      allocated: 5,
      cpuUsedS: 33,
      memoryUsedKb: 1000,
      requested: 6,
      memoryRequestedKb: 2000,
      executable: 4,
      precedingJob: 6,
      thinkS: 60,
    })
  })

  it('takes the names of queues and partitions from the header', () => {
    const { names } = parse(
      '; Queue: 1 night (from 20:00)\n;Queue: 12 day\n; Partition: 2 thin\n; Queues: two of them\n',
    )
    expect([...names.queues]).toEqual([
      [1, 'night'],
      [12, 'day'],
    ])
    expect([...names.partitions]).toEqual([[2, 'thin']])
  })

  it.each([
    ['a line that breaks off', `${line({ job: 1 })}\n2 10 -1 6`, 2],
    ['a whole last line without its newline', `${line({ job: 1 })}\n${line({ job: 2 })}`, null],
    ['a short line that is ended', `${line({ job: 1 })}\n2 10 -1 6\n`, null],
    ['words at the end', `${line({ job: 1 })}\nthe end`, null],
  ])('knows whether the file is cut off: %s', (_, text, cutOffAtLine) => {
    expect(parse(text).cutOffAtLine).toBe(cutOffAtLine)
  })

  it('takes header directives, and the size of the machine from MaxProcs, else MaxNodes, unless it is told', () => {
    const header = '; Computer: IBM SP2\r\n;MaxNodes:  100 (thin)\n;   Note: first\n;  Note: second\n; no directive\n'
    expect([...parse(header).header]).toEqual([
      ['Computer', 'IBM SP2'],
      ['MaxNodes', '100 (thin)'],
      ['Note', 'first'],
    ])
    expect(parse(header).processors).toBe(100)
    expect(parse(`${header}; MaxProcs: 128\n`).processors).toBe(128)
    expect(parse(`${header}; MaxProcs: -1\n`).processors).toBe(100)
    expect(parse(header, { processors: 8 }).processors).toBe(8)
    expect(parse(line({})).processors).toBeNull()
  })

  it.each<[string, string, string | null]>([
    ['neither requested nor allocated processors', line({ requested: -1, allocated: 0 }), 'no-processors'],
    ['requested beyond the machine', line({ requested: 65 }), 'larger-than-machine'],
    [
      'allocated beyond the machine though the request fits',
      line({ requested: 4, allocated: 65 }),
      'larger-than-machine',
    ],
    ['as large as the machine', line({ requested: 64, allocated: 64 }), null],
    ['no run time', line({ run: 0 }), 'no-run-time'],
    ['run time unknown', line({ run: -1 }), 'no-run-time'],
    ['submitted before time zero', line({ submit: -1 }), 'negative-submit'],
    ['submitted at time zero', line({ submit: 0 }), null],
    ['a job number of zero', line({ job: 0 }), 'bad-job-number'],
    ['no estimate in a log that has them', line({ estimate: -1 }), 'no-estimate'],
    ['a word for a number', line({ run: 'long' }), 'not-a-number'],
    ['a sign alone', line({ run: '-' }), 'not-a-number'],
    ['a number beyond all time', line({ submit: '99999999999999' }), 'not-a-number'],
    ['a run beyond history', line({ run: '281474976711', estimate: 8_999_999_999_999 }), 'not-a-number'],
    ['a run beyond history that its estimate cuts', line({ run: '8999999999999', estimate: 60 }), null],
    ['seventeen fields', line({}).replace(/ -1$/, ''), 'not-18-fields'],
    ['nineteen fields', `${line({})} -1`, 'not-18-fields'],
    ['a fraction of a second', line({ run: '60.75' }), null],
    ['an earlier job number', line({ job: 900 }), 'duplicate-job'],
  ])('judges a line with %s', (_, tested, expected) => {
    const trace = parse(`; MaxProcs: 64\n${line({ job: 900 })}\n${tested}\n`.replace(/^1 /m, '901 '))
    expect(reasons(trace)).toEqual(expected === null ? {} : { [expected]: [3] })
    expect(trace.jobs.count).toBe(expected === null ? 2 : 1)
    expect(trace.lines).toBe(2)
    expect(trace.rejected).toBe(expected === null ? 0 : 1)
  })

  it('counts a line once, by the first reason that applies', () => {
    expect(reasons(parse(line({ job: 0, submit: -5, run: -1, requested: -1, allocated: -1 })))).toEqual({
      'bad-job-number': [1],
    })
  })

  it('takes allocated processors where none are requested', () => {
    expect(parse(line({ requested: -1, allocated: 9 })).jobs.processors[0]).toBe(9)
  })

  it('takes run times for estimates only where no line of the log has an estimate', () => {
    const none = parse(`${line({ job: 1, estimate: -1 })}\n${line({ job: 2, estimate: 0, run: 7 })}\n`)
    expect([...none.jobs.estimateS]).toEqual([60, 7])
    expect(none.estimated).toBe(true)
    // The estimate stands on a line that is itself rejected: the log knows estimates all the same.
    const one = parse(`${line({ job: 1, estimate: -1 })}\n${line({ job: 2, estimate: 5, run: -1 })}\n`)
    expect(reasons(one)).toEqual({ 'no-estimate': [1], 'no-run-time': [2] })
    expect(one.estimated).toBe(false)
  })

  it('keeps runs past their estimate as logged, and counts them', () => {
    const trace = parse(`${line({ job: 1, run: 101 })}\n${line({ job: 2, run: 100 })}\n`)
    expect([...trace.jobs.runS]).toEqual([101, 100])
    expect(trace.overran).toBe(1)
  })

  it('sorts by submit time, equal times by place, and says how many lines stood too low', () => {
    const trace = parse(
      [
        line({ job: 5, submit: 20 }),
        line({ job: 4, submit: 10 }),
        line({ job: 3, submit: 20 }),
        line({ job: 9, submit: 10 }),
      ].join('\n'),
    )
    expect([...trace.jobs.job]).toEqual([4, 9, 5, 3])
    expect([...trace.jobs.submitS]).toEqual([10, 10, 20, 20])
    expect(trace.outOfOrder).toBe(2)
  })

  it('lets a later line have the number of a rejected one', () => {
    const trace = parse(`${line({ job: 2 })}\n${line({ job: 1, run: -1 })}\n${line({ job: 1 })}\n${line({ job: 1 })}\n`)
    expect([...trace.jobs.job]).toEqual([2, 1])
    expect(reasons(trace)).toEqual({ 'no-run-time': [2], 'duplicate-job': [4] })
  })

  it('passes over tabs, carriage returns and blank lines, and needs no newline at the end', () => {
    const tabbed = line({ job: 2 }).replaceAll(' ', '\t')
    const trace = parse(`\r\n  \t \r\n  ${line({ job: 1 })}  \r\n\n${tabbed}`)
    expect([...trace.jobs.job]).toEqual([1, 2])
    expect(trace.rejections).toEqual([])
    expect(trace.lines).toBe(2)
  })

  it('counts a truncated last line', () => {
    const whole = `${line({ job: 1 })}\n${line({ job: 2 })}`
    const trace = parse(whole.slice(0, -9))
    expect(trace.jobs.count).toBe(1)
    expect(reasons(trace)).toEqual({ 'not-18-fields': [2] })
  })

  it('shows the first ten lines of a reason and counts the rest', () => {
    const trace = parse(Array.from({ length: 25 }, (_, i) => line({ job: i + 1, run: -1 })).join('\n'))
    expect(trace.rejections).toEqual([
      { reason: 'no-run-time', count: 25, firstLines: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
    ])
  })

  it('finds nothing in an empty log', () => {
    const trace = parse('')
    expect(trace).toMatchObject({
      processors: null,
      lines: 0,
      rejected: 0,
      outOfOrder: 0,
      overran: 0,
      estimated: false,
    })
    expect(trace.jobs.count).toBe(0)
  })

  it('never throws on arbitrary bytes, and accounts for every line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (garbage) => {
        const trace = parseSwf(garbage)
        expect(trace.jobs.count + trace.rejected).toBe(trace.lines)
      }),
    )
  })

  it('gives the same trace however the bytes are cut into chunks', async () => {
    const log = bytes(
      `; MaxProcs: 64\n${line({ job: 1, submit: 9 })}\r\n${line({ job: 2, submit: 3, run: -1 })}\nx\n${line({ job: 3, run: '12.5' })}`,
    )
    const whole = parseSwf(log)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 9 }), async (sizes) => {
        const chunks: Uint8Array[] = []
        for (let at = 0, i = 0; at < log.length; i++) {
          const size = sizes[i % sizes.length]!
          chunks.push(log.subarray(at, at + size))
          at += size
        }
        expect(await readTrace(chunks, 'swf')).toEqual(whole)
      }),
    )
    expect(whole.jobs.count).toBe(2)
  })
})

describe.skipIf(!hasReference)(withReference, () => {
  it.each<[LogName, number, number, number, boolean]>([
    ['kth-sp2', 28_489, 28_481, 100, false],
    ['sdsc-sp2', 59_715, 53_999, 128, false],
    ['lublin256', 10_000, 10_000, 256, true],
  ])('%s has the jobs that other simulators keep', (name, lines, kept, processors, estimated) => {
    const trace = parseSwf(readGzipped(logs[name]))
    expect(trace).toMatchObject({ lines, processors, estimated, rejected: lines - kept })
    expect(trace.jobs.count).toBe(kept)
  })
})
