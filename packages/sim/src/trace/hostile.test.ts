// Logs that are broken in every way: nothing may crash, every line is a job, a step, or counted, and memory is that of the jobs kept.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Trace, type TraceFormat, traceFormats, UnreadableTrace } from './trace.ts'
import { readTrace } from './trace-reader.ts'

const heads = {
  swf: '; MaxProcs: 8',
  sacct: 'JobID|User|Account|Partition|State|Submit|Start|End|Elapsed|Timelimit|NNodes|AllocCPUS|AllocTRES',
  philly: 'timestamp,duration,num_gpus,gpu_time,cluster',
  openb:
    'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time',
  helios: 'job_id,user,vc,jobname,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue',
  acme: 'job_id,user,node_num,gpu_num,cpu_num,type,state,submit_time,start_time,end_time,duration,queue,gpu_time',
} as const

const cellText = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    '8',
    '-1',
    '60',
    '1.5',
    '1e9',
    '99999999999999',
    'Unknown',
    'NaN',
    'Infinity',
    '"',
    '"a,b"',
  ),
  fc.constantFrom(
    '2020-04-01 00:00:34',
    '2020-04-01T00:10:00',
    '01:00:00',
    '1-00:00:00',
    'UNLIMITED',
    '17.batch',
    '9_1',
  ),
  fc.constantFrom('cpu=4,gres/gpu=2,mem=4G,node=1', 'COMPLETED', 'T4|P100', '작업', '\u0000', '__proto__'),
  fc.string({ maxLength: 4 }),
)

describe('hostile logs', () => {
  it.each(traceFormats)('%s: every line is a job, a step, or counted by a reason', async (format) => {
    const separator = { swf: ' ', sacct: '|' }[format as string] ?? ','
    const width = format === 'swf' ? 18 : heads[format].split(separator).length
    const line = fc
      .array(cellText, { minLength: width - 1, maxLength: width + 1 })
      .map((cells) => cells.join(separator).replaceAll(/[\n\r]/g, ''))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const text = `${heads[format]}\n${lines.join('\n')}\n`
        const trace = await readTrace([new TextEncoder().encode(text)], format).catch(binaryOnly)
        if (trace === null) return
        const counted = trace.rejections.reduce((sum, { count }) => sum + count, 0)
        expect(counted).toBe(trace.rejected)
        expect(trace.jobs.count + trace.steps + trace.rejected).toBe(trace.lines)
        for (let i = 0; i < trace.jobs.count; i++) {
          const { job, submitS, runS, estimateS, processors } = trace.jobs
          for (const column of [job, runS, estimateS, processors]) expect(column[i]).toBeGreaterThan(0)
          expect(submitS[i]).toBeGreaterThanOrEqual(submitS[i - 1] ?? 0)
        }
        expect(new Set(trace.jobs.job).size).toBe(trace.jobs.count)
      }),
      { numRuns: 300 },
    )
  })

  it('bytes of any kind give a trace, or one sentence', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(undefined, ...traceFormats),
        async (bytes, format) => {
          const trace = await readTrace([bytes], format).catch((error: unknown) => {
            expect(error).toBeInstanceOf(UnreadableTrace)
            return null
          })
          expect(trace === null || trace.jobs.count <= trace.lines).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  function binaryOnly(error: unknown): null {
    expect(error).toBeInstanceOf(UnreadableTrace)
    return null
  }
})

/** Heap and buffers in use, MB. */
function memoryMb(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 1024 / 1024
}

/** Reads so many bytes of chunks that are made as they are asked for, and tells how far memory rose meanwhile. */
async function readLong(
  format: TraceFormat,
  sizeMb: number,
  chunkOf: (nth: number) => string,
): Promise<{ trace: Trace; riseMb: number }> {
  const before = memoryMb()
  let most = before
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(`${heads[format]}\n`)
    for (let sent = 0, nth = 0; sent < sizeMb * 1024 * 1024; nth++) {
      const chunk = new TextEncoder().encode(chunkOf(nth))
      sent += chunk.length
      yield chunk
      if (nth % 64 === 0) most = Math.max(most, memoryMb())
    }
  }
  const trace = await readTrace(chunks(), format)
  return { trace, riseMb: Math.max(most, memoryMb()) - before }
}

/** Garbage that waits to be collected; far less than what is read. */
const GARBAGE_MB = 120

describe('logs larger than memory', () => {
  it.each<[TraceFormat, string, string]>([
    ['swf', 'lines of seventeen fields', '7 12 3 34 5 33 1000 6 99 2000 1 21 8 4 2 9 6\n'],
    ['sacct', 'steps', '17.batch||chem|||1970-01-01T00:01:00|Unknown|Unknown|00:00:00||1|4|cpu=4\n'],
    ['helios', 'broken lines', '1,"a, b",vc,x,0,1,1,COMPLETED,2020-04-01 00:00:34,,,60\n'],
    ['philly', 'one line without an end', '2020-04-01 00:00:34,60,'],
  ])('%s: 160 MB of %s pass through', async (format, _, line) => {
    const block = line.repeat(1000)
    const { trace, riseMb } = await readLong(format, 160, () => block)
    expect(trace.jobs.count).toBe(0)
    expect(trace.rejected + trace.steps).toBe(trace.lines)
    expect(riseMb).toBeLessThan(GARBAGE_MB)
  })

  it('keeps of a line what it needs, and not the line', async () => {
    const remark = 'x'.repeat(2000)
    const { trace, riseMb } = await readLong('helios', 300, (nth) =>
      Array.from({ length: 20 }, (_, i) => {
        const job = `job-of-the-year-2020-${nth}-${i}`
        return `${job},user-with-a-name-of-some-length-${nth % 50},vc,${remark},1,1,1,COMPLETED,2020-04-01 00:00:34,,,60,1\n`
      }).join(''),
    )
    expect(trace.jobs.count).toBeGreaterThan(140_000)
    expect(trace.names.users.size).toBe(51)
    // Some 500 bytes a job, names and all, of 2,100 read.
    expect(riseMb).toBeLessThan(GARBAGE_MB + 75)
  })
})
