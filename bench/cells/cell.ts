// One cell of a center: a group of its pools, decided by a `Center` of their own. Accounts and shares are those of the whole.
//
// What its associations use in other cells it is told by what a center knows already: a run. It has one pool more, of processors that
// nobody can ask for, and whenever it is told, each association gets a run there that uses, to the accelerator-millisecond, what it
// used elsewhere. Usage, turns, facts and invariants follow, and `core` need not know that there are cells.

import {
  Center,
  type CenterConfig,
  type CenterListener,
  type Command,
  FactLog,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'
import { accelerators, EventQueue } from '@dure/sim'

const ELSEWHERE = 'elsewhere'
/** A run there may take so much longer than it will, so that it ends by its own report and never by its limit. */
const LIMIT_MARGIN_MS = 60_000

export interface CellOptions {
  /** The center of which this is a part. */
  readonly whole: CenterConfig
  /** Names of the pools of this cell. Where they are all, there is no elsewhere. */
  readonly pools: readonly string[]
  readonly atMs: number
  /** Runs elsewhere are numbered from here on: a number above those of all jobs. */
  readonly firstJobElsewhere: number
  /** Milliseconds of any steady clock. */
  readonly clock: () => number
  /** Hears of the cell's own jobs, with pools by index into those of the whole. */
  readonly listener: Pick<CenterListener, 'started' | 'ended'>
}

export class Cell {
  readonly center: Center
  /** Of its own pools. */
  readonly accelerators: number
  passes = 0
  /** By the clock: in its own jobs and in passes, and in what it was told. */
  decidingMs = 0
  toldMs = 0
  readonly #options: CellOptions
  readonly #log = new FactLog({ keep: false })
  /** By association: accelerator-milliseconds used elsewhere that no run has told of. */
  readonly #untold: Float64Array
  readonly #ends = new EventQueue()
  #nextJob: number

  constructor(options: CellOptions) {
    const { whole, atMs, firstJobElsewhere, listener } = options
    this.#options = options
    this.#nextJob = firstJobElsewhere
    this.#untold = new Float64Array(whole.associations.length)
    const pools = whole.pools.filter(({ name }) => options.pools.includes(name))
    const indexInWhole = pools.map((pool) => whole.pools.indexOf(pool))
    this.accelerators = accelerators({ ...whole, pools })
    const elsewhere = accelerators(whole) - this.accelerators
    // Every run is as wide as what it tells of, rounded up, and may be one wider with what was left over from the one before.
    const processors = elsewhere + 2 * whole.associations.length
    const config =
      elsewhere === 0 ? whole : { ...whole, pools: [...pools, { name: ELSEWHERE, kind: 'cpu', processors } as const] }
    this.center = Center.create(config, this.#log, atMs, {
      started: (job, attempt, startMs, pool) => {
        if (job < firstJobElsewhere) listener.started(job, attempt, startMs, indexInWhole[pool]!)
      },
      ended: (job, attempt, state, endMs) => {
        if (job < firstJobElsewhere) listener.ended(job, attempt, state, endMs)
      },
      requeued: () => {},
    })
  }

  get factsHash(): string {
    return this.#log.hash()
  }

  apply(command: Command, atMs: number): void {
    const { clock } = this.#options
    const beganMs = clock()
    this.#apply(command, atMs)
    this.decidingMs += clock() - beganMs
  }

  #apply(command: Command, atMs: number): void {
    const outcome = this.center.apply(command, atMs)
    if (outcome.kind !== 'done') throw new Error(`a cell does not take ${JSON.stringify(command)}: ${outcome.reason}`)
  }

  pass(atMs: number): void {
    const { clock } = this.#options
    const beganMs = clock()
    this.center.schedule(atMs)
    this.decidingMs += clock() - beganMs
    this.passes++
  }

  /**
   * What each association used elsewhere, in accelerator-milliseconds, is used here within the next `withinMs`, once there has been a pass.
   * The runs of the time before must have ended.
   */
  tell(used: ArrayLike<number>, atMs: number, withinMs: number): void {
    const { clock } = this.#options
    const beganMs = clock()
    this.#options.whole.associations.forEach(({ account, user }, association) => {
      const toTell = this.#untold[association]! + used[association]!
      const wide = Math.ceil(toTell / withinMs)
      const runMs = wide === 0 ? 0 : Math.floor(toTell / wide)
      this.#untold[association] = toTell - wide * runMs
      if (runMs === 0) return
      const job = this.#nextJob++
      const request = {
        pools: [ELSEWHERE],
        nodes: 1,
        acceleratorsMilli: wide * WHOLE_ACCELERATOR_MILLI,
        cpuMilli: 0,
        memoryMib: 0,
      }
      const timeLimitMs = runMs + LIMIT_MARGIN_MS
      this.#apply({ type: 'submit', job, account, user, request, timeLimitMs, held: null, label: '' }, atMs)
      this.#ends.push(atMs + runMs, 0, job - this.#options.firstJobElsewhere)
    })
    this.toldMs += clock() - beganMs
  }

  /** When the next run elsewhere ends. Nobody waits for its processors, so that no pass is needed then. */
  get nextToldMs(): number {
    return this.#ends.nextMs()
  }

  endTold(atMs: number): void {
    if (this.#ends.nextMs() !== atMs) return
    const { clock } = this.#options
    const beganMs = clock()
    while (this.#ends.nextMs() === atMs) {
      const job = this.#options.firstJobElsewhere + this.#ends.pop()
      this.#apply({ type: 'finish', job, attempt: 1, exitCode: 0 }, atMs)
    }
    this.toldMs += clock() - beganMs
  }
}
