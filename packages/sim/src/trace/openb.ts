// Alibaba's open cluster of 2023 with GPUs of many models: pods, each with its CPUs, memory and GPUs, or a part of one GPU
// (`gpu_milli`), and the models it accepts (`gpu_spec`, such as `V100M16|V100M32`); and a list of nodes, which makes the machine.
// There are no users; the classes of service stand for accounts (Weng et al., ATC'23).

import type { CenterConfig, NodePoolConfig } from '@dure/core'
import { numberIn } from './moments.ts'
import { SeparatedLines } from './separated-lines.ts'
import type { TableFormat } from './table-reader.ts'
import { type Rejection, RejectionTally, UnreadableTrace } from './trace.ts'
import { cell } from './trace-rows.ts'

export const openb: TableFormat = {
  name: 'openb',
  separator: ',',
  isKnownBy: (has) => has('num_gpu') && has('gpu_milli'),
  needs: [['name'], ['num_gpu'], ['gpu_milli'], ['creation_time'], ['deletion_time'], ['scheduled_time']],
  advice: 'a list of pods without their times says what to run but not when; take one with times',
  hasIds: true,
  countsAccelerators: true,
  unixTimes: false,
  read(at, draft) {
    const { cells } = draft
    const gpus = numberIn(at('num_gpu')) ?? -1
    const milli = numberIn(at('gpu_milli')) ?? -1
    const scheduledS = numberIn(at('scheduled_time'))
    const deletedS = numberIn(at('deletion_time'))
    const submitS = Math.floor(numberIn(at('creation_time')) ?? -1)
    const cpuMilli = numberIn(at('cpu_milli')) ?? -1
    cells[cell.submit] = submitS
    cells[cell.wait] = scheduledS === null ? -1 : Math.floor(scheduledS - submitS)
    // A pod that was never scheduled did not run, though it was deleted.
    cells[cell.run] = scheduledS === null || deletedS === null ? -1 : Math.max(-1, Math.floor(deletedS - scheduledS))
    cells[cell.accelerators] = gpus
    if (gpus === 1 && milli > 0 && milli < 1000) cells[cell.sliceMilli] = milli
    cells[cell.allocated] = cpuMilli > 0 ? Math.ceil(cpuMilli / 1000) : -1
    cells[cell.nodes] = 1
    cells[cell.cpuMilli] = cpuMilli
    cells[cell.memoryMib] = numberIn(at('memory_mib')) ?? -1
    cells[cell.status] = { running: 1, succeeded: 1, failed: 0 }[at('pod_phase').trim().toLowerCase()] ?? -1
    draft.id = at('name')
    draft.group = at('qos')
    draft.partition = at('gpu_spec')
    return null
  },
}

export interface OpenbNodes {
  readonly pools: readonly NodePoolConfig[]
  /** Nodes without accelerators, which no pool is made of. */
  readonly withoutAccelerators: number
  readonly rejections: readonly Rejection[]
}

/**
 * The pools of a list of nodes `sn,cpu_milli,memory_mib,gpu,model`: one for each model and shape, the largest shape of a model first,
 * models in order of appearance.
 * @throws {UnreadableTrace} where it is no such list
 */
export async function readOpenbNodes(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<OpenbNodes> {
  let columns: readonly string[] | null = null
  const tally = new RejectionTally()
  const shapes = new Map<string, { model: string; gpus: number; cpuMilli: number; memoryMib: number; nodes: number }>()
  let withoutAccelerators = 0
  const lines = new SeparatedLines({
    separator: ',',
    quotes: true,
    broken: (reason, line) => tally.add(reason, line),
    record(cells, line) {
      if (columns === null) {
        columns = cells.map((name) => name.trim().toLowerCase())
        return
      }
      const at = (column: string): string => cells[columns!.indexOf(column)] ?? ''
      const [cpuMilli, memoryMib, gpus] = ['cpu_milli', 'memory_mib', 'gpu'].map((column) => numberIn(at(column)) ?? 0)
      const areCounts = [cpuMilli!, memoryMib!, gpus!].every((value) => Number.isSafeInteger(value) && value >= 0)
      if (cells.length !== columns.length) tally.add('wrong-number-of-fields', line)
      else if (!areCounts) tally.add('not-a-number', line)
      else if (gpus === 0) withoutAccelerators++
      else {
        const model = at('model') || 'unknown'
        const key = [model, gpus, cpuMilli, memoryMib].join(' ')
        const shape = shapes.get(key)
        if (shape !== undefined) shape.nodes++
        else shapes.set(key, { model, gpus: gpus!, cpuMilli: cpuMilli!, memoryMib: memoryMib!, nodes: 1 })
      }
    },
  })
  for await (const chunk of chunks) lines.push(chunk)
  lines.end()
  const found = (columns ?? []) as readonly string[]
  if (!['cpu_milli', 'memory_mib', 'gpu', 'model'].every((column) => found.includes(column))) {
    throw new UnreadableTrace('it is no list of nodes: its columns are to be sn,cpu_milli,memory_mib,gpu,model')
  }
  if (shapes.size === 0) throw new UnreadableTrace('it lists no node with accelerators')
  const models = [...new Set([...shapes.values()].map(({ model }) => model))]
  const inOrder = [...shapes.values()].sort(
    (a, b) =>
      models.indexOf(a.model) - models.indexOf(b.model) ||
      b.gpus - a.gpus ||
      b.cpuMilli - a.cpuMilli ||
      b.memoryMib - a.memoryMib,
  )
  const nth = new Map<string, number>()
  const pools = inOrder.map(({ model, gpus, cpuMilli, memoryMib, nodes }): NodePoolConfig => {
    const stem = `${model.toLowerCase()}-${gpus}`
    const count = (nth.get(stem) ?? 0) + 1
    nth.set(stem, count)
    const name = count === 1 ? stem : `${stem}-${'abcdefghijklmnopqrstuvwxyz'[count - 1] ?? count}`
    return { name, kind: 'gpu', model, nodes, perNode: { cpuMilli, memoryMib, accelerators: gpus } }
  })
  return { pools, withoutAccelerators, rejections: tally.list() }
}

/** A center of these pools, in which nobody has an account yet. */
export const openbCenter = (pools: readonly NodePoolConfig[], policy: CenterConfig['policy']): CenterConfig => ({
  name: 'openb',
  pools,
  accounts: [],
  associations: [],
  policy,
})
