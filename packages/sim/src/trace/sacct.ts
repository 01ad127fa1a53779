// Slurm's accounting as `sacct -P` exports it: cells between bars, a line of column names, any columns in any order. A line is a
// job, or with an id such as `123.batch` or `123.0` a step of one, which is counted and left out. Elements of an array (`123_4`) and
// components of a heterogeneous job (`123+0`) are jobs of their own. A job that still runs counts with its run so far.

import { clockS, momentS, numberIn, UNLIMITED_S } from './moments.ts'
import type { CellNamed, TableFormat } from './table-reader.ts'
import { cell } from './trace-rows.ts'

/** Status numbers of the Standard Workload Format by Slurm's states. */
const COMPLETED = 1
const FAILED = 0
const CANCELLED = 5

export const sacct: TableFormat = {
  name: 'sacct',
  separator: '|',
  isKnownBy: (has) => has('jobid') || has('jobidraw'),
  needs: [
    ['jobid', 'jobidraw'],
    ['submit'],
    ['elapsedraw', 'elapsed', 'end'],
    ['alloccpus', 'ncpus', 'reqcpus', 'alloctres', 'reqtres'],
  ],
  advice:
    'export it with `sacct -a -X -P -o JobID,User,Account,Partition,QOS,State,Submit,Start,End,ElapsedRaw,TimelimitRaw,NNodes,AllocCPUS,ReqTRES,AllocTRES`',
  hasIds: true,
  countsAccelerators: false,
  unixTimes: true,
  read(at, draft) {
    draft.id = at('jobid') || at('jobidraw')
    if (draft.id.includes('.')) return 'step'
    const { cells } = draft
    const submitS = momentS(at('submit'))
    const startS = momentS(at('start'))
    const endS = momentS(at('end'))
    if (submitS === null || Number.isNaN(submitS + (startS ?? 0) + (endS ?? 0))) return 'not-a-time'
    const requested = resources(at('reqtres'))
    const allocated = resources(at('alloctres'))
    const nodes = firstOf(at, ['allocnodes', 'nnodes', 'reqnodes']) ?? allocated.nodes ?? requested.nodes ?? -1
    const cpus = firstOf(at, ['alloccpus', 'ncpus']) || allocated.cpus
    const requestedCpus = numberIn(at('reqcpus')) ?? requested.cpus
    cells[cell.submit] = submitS
    cells[cell.wait] = startS === null ? -1 : startS - submitS
    cells[cell.run] = elapsedS(at) ?? (startS === null || endS === null ? -1 : endS - startS)
    cells[cell.estimate] = limitS(at) ?? -1
    cells[cell.allocated] = cpus ?? -1
    cells[cell.requested] = requestedCpus ?? -1
    cells[cell.accelerators] = (allocated.gpus || requested.gpus) ?? -1
    cells[cell.nodes] = nodes
    const onNodes = nodes > 0 ? nodes : 1
    const cpusTaken = cpus || requestedCpus
    const memoryMib = allocated.memoryMib ?? requested.memoryMib
    if (cpusTaken) cells[cell.cpuMilli] = Math.ceil((1000 * cpusTaken) / onNodes)
    if (memoryMib !== null) cells[cell.memoryMib] = Math.ceil(memoryMib / onNodes)
    cells[cell.status] = statusOf(at('state'))
    draft.user = at('user')
    draft.group = at('account')
    draft.queue = at('qos')
    draft.partition = at('partition')
    return null
  },
}

/** `CANCELLED by 1000` and `CANCELLED+` are CANCELLED. */
export function statusOf(state: string): number {
  const word = /^[A-Z_]*/.exec(state.trim().toUpperCase())![0]
  if (word === 'COMPLETED') return COMPLETED
  if (word === 'CANCELLED' || word === 'CANCELED') return CANCELLED
  return ['FAILED', 'TIMEOUT', 'NODE_FAIL', 'OUT_OF_MEMORY', 'BOOT_FAIL', 'DEADLINE', 'PREEMPTED'].includes(word)
    ? FAILED
    : -1
}

function firstOf(at: CellNamed, columns: readonly string[]): number | null {
  for (const column of columns) {
    const value = numberIn(at(column))
    if (value !== null) return value
  }
  return null
}

function elapsedS(at: CellNamed): number | null {
  const seconds = numberIn(at('elapsedraw')) ?? clockS(at('elapsed'))
  return seconds === null ? null : Math.floor(seconds)
}

function limitS(at: CellNamed): number | null {
  for (const column of ['timelimitraw', 'timelimit']) {
    const text = at(column).trim()
    if (/^(unlimited|partition_limit)$/i.test(text)) return UNLIMITED_S
    // Both count minutes where there is but a number.
    if (/^\d{1,9}$/.test(text)) return 60 * Number(text)
    const clock = clockS(text)
    if (clock !== null) return clock
  }
  return null
}

interface Resources {
  readonly cpus: number | null
  readonly gpus: number | null
  readonly memoryMib: number | null
  readonly nodes: number | null
}

/** `billing=8,cpu=8,gres/gpu:a100=2,gres/gpu=2,mem=64G,node=2`. Slurm may give GPUs by model, in all, or both. */
function resources(text: string): Resources {
  const amounts = new Map<string, string>()
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    if (equals > 0) amounts.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1))
  }
  const amount = (name: string): number | null => numberIn(amounts.get(name) ?? '')
  let byModel: number | null = null
  for (const [name, value] of amounts) {
    if (name.startsWith('gres/gpu:')) byModel = (byModel ?? 0) + (numberIn(value) ?? 0)
  }
  return {
    cpus: amount('cpu'),
    gpus: amount('gres/gpu') ?? byModel,
    memoryMib: mebibytes(amounts.get('mem') ?? ''),
    nodes: amount('node'),
  }
}

/** A bare number is MiB, as everywhere in Slurm. */
function mebibytes(text: string): number | null {
  const [, amount, unit] = /^(\d{1,12}(?:\.\d+)?)([KMGTP]?)$/i.exec(text.trim()) ?? []
  if (amount === undefined) return text.trim() === '' ? null : Number.NaN
  const kib =
    { K: 1, M: 1024, G: 1_048_576, T: 1_073_741_824, P: 1_099_511_627_776 }[unit?.toUpperCase() || 'M'] ?? 1024
  return Math.ceil((Number(amount) * kib) / 1024)
}
