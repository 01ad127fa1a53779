// Pools as they are set up: like nodes with accelerators, or interchangeable processors.

/** One whole accelerator, the unit of a node's and a request's `acceleratorsMilli`. */
export const WHOLE_ACCELERATOR_MILLI = 1000

export type AcceleratorKind = 'gpu' | 'npu' | 'pim'

/** What one node has. Integers: CPU in thousandths of a core, memory in MiB, accelerators in whole devices. */
export interface NodeShape {
  readonly cpuMilli: number
  readonly memoryMib: number
  readonly accelerators: number
}

/** A set of like nodes that are scheduled together. */
export interface NodePoolConfig {
  readonly name: string
  readonly kind: AcceleratorKind
  /** Model in the accelerator catalogue, such as `H100`. */
  readonly model: string
  readonly nodes: number
  readonly perNode: NodeShape
}

/** Interchangeable processors where counting is enough: the machine of a Standard Workload Format log. */
export interface CountedPoolConfig {
  readonly name: string
  readonly kind: 'cpu'
  readonly processors: number
}

export type PoolConfig = NodePoolConfig | CountedPoolConfig

export const isCounted = (pool: PoolConfig): pool is CountedPoolConfig => pool.kind === 'cpu'
