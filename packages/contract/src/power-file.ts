// What a center may draw, as written in a YAML file beside the other fields of its policy. Of most accelerators somebody has published what a
// full server takes at the most; what it takes idle nobody has, so that part is an assumption, which a file may replace.

import { entryOf, isCounted, type NodePoolConfig, type PoolConfig, type PoolPower, type PowerPolicy } from '@dure/core'
import { z } from 'zod'
import { acceleratorOf, serverWattsPerAccelerator } from './catalogue/catalogue.ts'
import type { Bilingual } from './language.ts'
import { poolWord, unknownName } from './nearest-name.ts'
import { parseWatts, wattForms } from './quantity.ts'
import { watts } from './quantity-schema.ts'
import { issueOf } from './rule.ts'

/** Of what a server takes at the most, what it takes with nothing running on it: an assumption. */
const IDLE_PART_ASSUMED = 0.3

const cap = z.string().transform((written, context) => {
  const value = written === 'none' ? null : parseWatts(written)
  if (value === null && written !== 'none')
    context.addIssue(issueOf({ ko: `none 또는 ${wattForms.ko}이어야 합니다`, en: `must be none, or ${wattForms.en}` }))
  return value
})

export const PowerFields = z.strictObject({
  /** Of all nodes together, PUE aside; `none`: no cap until an operator sets one. */
  cap: cap.default(null),
  /** Of what a full node draws, what it draws idle; for pools that do not say it themselves. */
  idle_part: z.number().min(0).max(1).default(IDLE_PART_ASSUMED),
  /** For pools of which nobody has published what a server takes, or that are built otherwise. */
  pools: z
    .record(
      z.string(),
      z.union([z.strictObject({ full_node: watts }), z.strictObject({ idle_node: watts, busy_accelerator: watts })]),
    )
    .default({}),
})

type PowerFile = z.output<typeof PowerFields>

/** What a file says in `power`. `wrong` is told what it lacks or makes up, with the path from there on. */
export function powerOfFile(
  { cap: capW, idle_part: idlePart, pools: written }: PowerFile,
  pools: readonly PoolConfig[],
  wrong: (path: readonly string[], code: string, detail: Bilingual) => void,
): PowerPolicy {
  const names = pools.map(({ name }) => name)
  for (const name of Object.keys(written).filter((one) => !names.includes(one))) {
    wrong(['pools', name], 'unknown_pool', unknownName(poolWord, name, names))
  }
  const drawing: Record<string, PoolPower> = {}
  for (const pool of pools) {
    if (isCounted(pool)) {
      wrong([], 'counted_pool', {
        ko: `풀 ${pool.name}에는 전력을 셀 노드가 없습니다. 노드가 있는 풀을 쓰세요.`,
        en: `Pool ${pool.name} has no nodes whose power could be counted: use pools of nodes.`,
      })
      continue
    }
    const said = entryOf(written, pool.name)
    if (said !== undefined && 'idle_node' in said) {
      drawing[pool.name] = { idleWPerNode: said.idle_node, busyWPerAccelerator: said.busy_accelerator }
      continue
    }
    const fullW = said?.full_node ?? publishedNodeW(pool)
    if (fullW === null) {
      wrong(['pools'], 'unknown_watts', {
        ko: `${pool.model} 서버가 쓰는 전력은 발표된 적이 없습니다. \`${pool.name}: {full_node: 3kW}\`처럼 적으세요.`,
        en: `Nobody has published what a server with ${pool.model} takes: say it as \`${pool.name}: {full_node: 3kW}\`.`,
      })
      continue
    }
    drawing[pool.name] = powerParts(fullW, idlePart, pool.perNode.accelerators)
  }
  return { capW, pools: drawing }
}

/** A node's part of the usual server of its model. */
function publishedNodeW({ model, perNode }: NodePoolConfig): number | null {
  const accelerator = acceleratorOf(model)
  const watts = accelerator === undefined ? null : serverWattsPerAccelerator(accelerator)
  return watts === null ? null : watts * perNode.accelerators
}

/** What a full node draws, parted into what it draws idle and what each accelerator in use adds; to whole watts. */
export function powerParts(fullW: number, idlePart: number, accelerators: number): PoolPower {
  const idleWPerNode = Math.round(fullW * idlePart)
  return { idleWPerNode, busyWPerAccelerator: Math.round((fullW - idleWPerNode) / accelerators) }
}
