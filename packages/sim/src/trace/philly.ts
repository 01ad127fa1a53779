// Microsoft's Philly clusters of 2017 as `timestamp,duration,num_gpus,gpu_time,cluster`, where a cluster is a virtual one: the
// share of a group. There are no users, no job names and no estimates (Jeon et al., ATC'19).

import { momentS, numberIn } from './moments.ts'
import type { TableFormat } from './table-reader.ts'
import { cell } from './trace-rows.ts'

export const philly: TableFormat = {
  name: 'philly',
  separator: ',',
  isKnownBy: (has) => has('timestamp') && has('num_gpus') && has('duration'),
  needs: [['timestamp'], ['duration'], ['num_gpus']],
  advice: 'its columns are timestamp,duration,num_gpus,gpu_time,cluster',
  hasIds: false,
  countsAccelerators: true,
  unixTimes: true,
  read(at, draft) {
    const submitS = momentS(at('timestamp'))
    if (submitS === null || Number.isNaN(submitS)) return 'not-a-time'
    draft.cells[cell.submit] = submitS
    draft.cells[cell.run] = Math.floor(numberIn(at('duration')) ?? -1)
    draft.cells[cell.accelerators] = Math.ceil(numberIn(at('num_gpus')) ?? -1)
    draft.group = at('cluster')
    return null
  },
}
