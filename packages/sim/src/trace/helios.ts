// Two logs of Slurm clusters for deep learning by the same laboratory, alike but for a few columns: Helios of 2020, whose virtual
// clusters are its accounts (Hu et al., SC'21), and AcmeTrace of 2023, whose types of work stand where others have queues
// (Hu et al., NSDI'24). Neither has time limits. Their column `queue` is the time spent waiting.

import { momentS, numberIn } from './moments.ts'
import { statusOf } from './sacct.ts'
import type { CellNamed, Draft, TableFormat } from './table-reader.ts'
import type { RejectionReason } from './trace.ts'
import { cell } from './trace-rows.ts'

const common = {
  separator: ',',
  needs: [['submit_time'], ['gpu_num'], ['duration', 'end_time']],
  hasIds: true,
  countsAccelerators: true,
  unixTimes: true,
} as const

export const helios: TableFormat = {
  ...common,
  name: 'helios',
  isKnownBy: (has) => has('job_id') && has('gpu_num') && has('vc'),
  advice:
    'its columns are job_id,user,vc,jobname,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue',
  read(at, draft) {
    draft.group = at('vc')
    return readJob(at, draft)
  },
}

export const acme: TableFormat = {
  ...common,
  name: 'acme',
  isKnownBy: (has) => has('job_id') && has('gpu_num') && has('type'),
  advice:
    'its columns are job_id,user,node_num,gpu_num,cpu_num,type,state,submit_time,start_time,end_time,duration,queue,gpu_time',
  read(at, draft) {
    draft.queue = at('type')
    return readJob(at, draft)
  },
}

function readJob(at: CellNamed, draft: Draft): RejectionReason | null {
  const submitS = momentS(at('submit_time'))
  const startS = momentS(at('start_time'))
  const endS = momentS(at('end_time'))
  if (submitS === null || Number.isNaN(submitS + (startS ?? 0) + (endS ?? 0))) return 'not-a-time'
  const { cells } = draft
  const cpus = Math.ceil(numberIn(at('cpu_num')) ?? -1)
  const nodes = numberIn(at('node_num')) ?? -1
  cells[cell.submit] = submitS
  cells[cell.wait] = startS === null ? -1 : Math.max(0, startS - submitS)
  cells[cell.run] = Math.floor(numberIn(at('duration')) ?? (startS === null || endS === null ? -1 : endS - startS))
  cells[cell.accelerators] = Math.ceil(numberIn(at('gpu_num')) ?? -1)
  cells[cell.allocated] = cpus
  cells[cell.nodes] = nodes
  if (cpus > 0) cells[cell.cpuMilli] = Math.ceil((1000 * cpus) / (nodes > 0 ? nodes : 1))
  cells[cell.status] = statusOf(at('state'))
  draft.id = at('job_id')
  draft.user = at('user')
  return null
}
