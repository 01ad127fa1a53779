// Writes a trace in the Standard Workload Format, whatever it was read from: the header with what has become of it, then a line of 18
// fields a job. Reading it again gives the same jobs. What the format has no field for is lost: parts of an accelerator count as
// one, names stand in the header, and nodes and their memory nowhere.

import { type Directive, directiveIn, type Trace } from './trace.ts'

/** Directives that are written anew, since they depend on the jobs. */
const REPLACED = ['MaxJobs', 'MaxRecords']

/**
 * Lines with their newlines, in pieces of many.
 * @param notes what was done to the trace, each a line of the header
 * @throws {Error} where the trace was read without `everyField`
 */
export function* writeSwf(trace: Trace, notes: readonly string[]): Generator<string> {
  const { jobs, estimated } = trace
  const { rest } = jobs
  if (rest === null) throw new Error('a trace can be written back only where every field of it was read')
  yield `${header(trace, notes).join('\n')}\n`
  const unknownS = new Float64Array(estimated ? jobs.count : 0).fill(-1)
  const columns = [
    jobs.job,
    jobs.submitS,
    rest.waitS,
    jobs.runS,
    rest.allocated,
    rest.cpuUsedS,
    rest.memoryUsedKb,
    rest.requested,
    estimated ? unknownS : jobs.estimateS,
    rest.memoryRequestedKb,
    jobs.status,
    jobs.user,
    jobs.group,
    rest.executable,
    jobs.queue,
    jobs.partition,
    rest.precedingJob,
    rest.thinkS,
  ]
  let piece = ''
  for (let i = 0; i < jobs.count; i++) {
    for (let field = 0; field < columns.length; field++) piece += (field === 0 ? '' : ' ') + columns[field]![i]!
    piece += '\n'
    if (piece.length < PIECE_LENGTH) continue
    yield piece
    piece = ''
  }
  yield piece
}

const PIECE_LENGTH = 65_536

function header({ headerLines, jobs, names, processors, startUnixS, unit }: Trace, notes: readonly string[]): string[] {
  const replaced = new Set(REPLACED)
  if (processors !== null) replaced.add('MaxProcs')
  if (startUnixS !== null) replaced.add('UnixStartTime')
  const given = headerLines.flatMap((line) => directiveIn(line) ?? [])
  return [
    ...(given.some(({ name }) => name === 'Version') ? [] : ['; Version: 2.2']),
    ...headerLines.filter((line) => !replaced.has(directiveIn(line)?.name ?? '')),
    `; MaxJobs: ${jobs.count}`,
    `; MaxRecords: ${jobs.count}`,
    ...(startUnixS === null ? [] : [`; UnixStartTime: ${startUnixS}`]),
    ...(processors === null ? [] : [`; MaxProcs: ${processors}`]),
    ...(unit === 'accelerators' ? ['; Note: a processor of this log is an accelerator'] : []),
    ...notes.map((note) => `; Note: ${onOneLine(note)}`),
    ...named('Queue', names.queues, given),
    ...named('Partition', names.partitions, given),
    ...named('User', names.users, given),
    ...named('Group', names.groups, given),
  ]
}

/** Names that the log's own header does not give. */
function named(directive: string, names: ReadonlyMap<number, string>, header: readonly Directive[]): string[] {
  const given = new Set(header.flatMap(({ name, value }) => (name === directive ? [Number.parseInt(value, 10)] : [])))
  return [...names].flatMap(([number, name]) =>
    number < 0 || given.has(number) ? [] : [`; ${directive}: ${number} ${name.replace(/\s+/g, '_')}`],
  )
}

const onOneLine = (text: string): string => text.replace(/\s+/g, ' ')
