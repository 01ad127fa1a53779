// The host's part of max-min shares in rounds: at each round it looks at who asks for what, solves for the part of the time
// that each association should have the devices of each pool, and hands the answer to the center as targets.
//
// A row of the program is what one association asks for by requests that run alike: in the same pools, as fast. It is as wide as all its
// jobs together, waiting and running, and may be spread over pools. An association's weight is its part of the share tree, divided
// among its rows by what they ask for. Cost: a walk over the live jobs and `demandFilled` of rows × pools, once a round.

import {
  type Center,
  type CenterConfig,
  type Command,
  type DemandView,
  isCounted,
  type NamedTarget,
  type PlacedRequest,
  type PoolConfig,
  partsOfTree,
  REFERENCE_SPEED_MILLE,
  ROUND_MS,
  ShareTree,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'
import { loadMaxMinSolver, type MaxMinJob, type MaxMinSolver } from './max-min.ts'

/** What `simulate` needs beside the center where its policy takes targets: the solver, loaded; nothing for any other. */
export async function solverFor({ policy }: CenterConfig): Promise<{ readonly solver?: MaxMinSolver }> {
  return policy.shares?.rule === 'targets' ? { solver: await loadMaxMinSolver() } : {}
}

export class TargetRounds {
  readonly #config: CenterConfig
  readonly #solver: MaxMinSolver
  readonly #roundMs: number
  readonly #parts: Float64Array
  #lastRound = Number.NEGATIVE_INFINITY

  constructor(config: CenterConfig, solver: MaxMinSolver) {
    this.#config = config
    this.#solver = solver
    this.#roundMs = config.policy.roundMs ?? ROUND_MS
    this.#parts = partsOfTree(ShareTree.of(config.accounts, config.associations))
  }

  /** What the center is to be told at this moment; undefined where the round has had its targets. */
  commandAt(atMs: number, center: Center): Command | undefined {
    const round = Math.floor(atMs / this.#roundMs)
    if (round === this.#lastRound) return undefined
    this.#lastRound = round
    return { type: 'target', targets: this.#targets(center) }
  }

  #targets(center: Center): NamedTarget[] {
    const { pools, associations } = this.#config
    const devices = center
      .pools()
      .map(({ accelerators, nodesOut, acceleratorsPerNode }) => accelerators - nodesOut * acceleratorsPerNode)
    const rows = rowsOf(center.demand(), pools).filter(({ association, speed }) => {
      const runs = speed.some((rate, pool) => rate > 0 && devices[pool]! > 0)
      return runs && this.#parts[association]! > 0
    })
    if (rows.length === 0) return []
    const asked = new Float64Array(associations.length)
    for (const { association, devices: wide } of rows) asked[association]! += wide
    const jobs = rows.map(({ association, speed, devices: wide }): MaxMinJob => {
      const weight = (associations.length * this.#parts[association]! * wide) / asked[association]!
      return { throughput: speed, workers: Math.ceil(wide), weight, apart: true }
    })
    const { devicesMilli } = this.#solver.demandFilled(jobs, devices)
    const targets = new Map<number, number>()
    rows.forEach(({ association }, row) => {
      devicesMilli[row]!.forEach((milli, pool) => {
        const at = association * pools.length + pool
        if (milli > 0) targets.set(at, (targets.get(at) ?? 0) + milli)
      })
    })
    return [...targets].map(([at, acceleratorsMilli]) => ({
      ...{ account: associations[Math.floor(at / pools.length)]!.account },
      ...{ user: associations[Math.floor(at / pools.length)]!.user },
      pool: pools[at % pools.length]!.name,
      acceleratorsMilli,
    }))
  }
}

interface Row {
  readonly association: number
  /** By pool; 0 where it does not run. */
  readonly speed: readonly number[]
  /** Devices that all of it would take at once. */
  devices: number
}

function rowsOf(demand: readonly DemandView[], pools: readonly PoolConfig[]): Row[] {
  const rows = new Map<string, Row>()
  for (const { association, request, pending, running } of demand) {
    const speed = pools.map((pool, index) => (fits(request, pool) ? speedOf(request, index) : 0))
    const key = `${association} ${speed.join()}`
    const row = rows.get(key) ?? { association, speed, devices: 0 }
    row.devices += ((pending + running) * request.nodes * request.acceleratorsMilli) / WHOLE_ACCELERATOR_MILLI
    rows.set(key, row)
  }
  return [...rows.values()]
}

function speedOf({ pools, speedsMille }: PlacedRequest, pool: number): number {
  const at = pools.indexOf(pool)
  return at < 0 ? 0 : (speedsMille?.[at] ?? REFERENCE_SPEED_MILLE) / REFERENCE_SPEED_MILLE
}

function fits({ nodes, acceleratorsMilli }: PlacedRequest, pool: PoolConfig): boolean {
  if (isCounted(pool)) return nodes * acceleratorsMilli <= pool.processors * WHOLE_ACCELERATOR_MILLI
  return nodes <= pool.nodes && acceleratorsMilli <= pool.perNode.accelerators * WHOLE_ACCELERATOR_MILLI
}
