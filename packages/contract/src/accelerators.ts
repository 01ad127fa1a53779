// What one accelerator can do at most, by model, and what a fleet of them adds up to. Peaks are dense, never the sparse ones
// of a data sheet. A number nobody has published is null, one that rests on memory alone stands in `unverified`.
//
// "2 exaflops" makes sense in FP64 only: 30,000 H100 × 66.9 TFLOPS = 2.007 EF. The same fleet is 29.7 EF in BF16, so every
// figure says its format.

export interface Accelerator {
  readonly model: string
  readonly kind: 'gpu' | 'npu' | 'pim'
  readonly vendor: string
  /** Tensor FP64 where there is one; 0 means that it has none. TFLOPS. */
  readonly fp64Tflops: number | null
  readonly bf16Tflops: number | null
  readonly fp8Tflops: number | null
  readonly memoryGb: number | null
  readonly watts: number | null
  /** Where the numbers come from. */
  readonly source: string
  /** Fields that no page we read confirms. */
  readonly unverified: readonly ('fp64Tflops' | 'bf16Tflops' | 'fp8Tflops' | 'memoryGb' | 'watts')[]
}

const nvidia = { kind: 'gpu', vendor: 'NVIDIA' } as const

/** By model name. Where sources give a range, the value the national totals are reckoned with (B200: FP64 37–40, taken as 40). */
export const accelerators: readonly Accelerator[] = [
  {
    ...nvidia,
    model: 'A100',
    fp64Tflops: 19.5,
    bf16Tflops: 312,
    fp8Tflops: null,
    memoryGb: 80,
    watts: 400,
    source: 'from memory',
    unverified: ['fp64Tflops', 'bf16Tflops', 'memoryGb', 'watts'],
  },
  {
    ...nvidia,
    model: 'H100',
    fp64Tflops: 66.9,
    bf16Tflops: 989.4,
    fp8Tflops: 1979,
    memoryGb: 80,
    watts: 700,
    source: 'glennklockwood.com/garden/processors/h100',
    unverified: [],
  },
  {
    ...nvidia,
    model: 'H200',
    fp64Tflops: 67,
    bf16Tflops: 989,
    fp8Tflops: 1979,
    memoryGb: 141,
    watts: 700,
    source: 'itkb.uw.cz/2026/06/nvidia-h200-vs-b300-precisions-cores.html',
    unverified: [],
  },
  {
    ...nvidia,
    model: 'GH200',
    fp64Tflops: 66.9,
    bf16Tflops: 990,
    fp8Tflops: 1980,
    memoryGb: 96,
    watts: 1000,
    source: 'from memory; 8,496 × 66.9 TFLOPS agrees with the published 614 PF of Supercomputer 6 with its CPUs',
    unverified: ['bf16Tflops', 'fp8Tflops', 'memoryGb', 'watts'],
  },
  {
    ...nvidia,
    model: 'B200',
    fp64Tflops: 40,
    bf16Tflops: 2250,
    fp8Tflops: 4500,
    memoryGb: 180,
    watts: 1000,
    source: 'glennklockwood.com/garden/processors/B200',
    unverified: [],
  },
  {
    ...nvidia,
    model: 'GB200',
    fp64Tflops: 40,
    bf16Tflops: 2500,
    fp8Tflops: 5000,
    memoryGb: 186,
    watts: 1200,
    source: 'glennklockwood.com/garden/processors/B200',
    unverified: [],
  },
  {
    ...nvidia,
    model: 'B300',
    fp64Tflops: 1.25,
    bf16Tflops: 2250,
    fp8Tflops: 4500,
    memoryGb: 288,
    watts: 1400,
    source: 'itkb.uw.cz/2026/06/nvidia-h200-vs-b300-precisions-cores.html (a weak source)',
    unverified: ['bf16Tflops', 'fp8Tflops'],
  },
  {
    model: 'MI300X',
    kind: 'gpu',
    vendor: 'AMD',
    fp64Tflops: 163.4,
    bf16Tflops: 1307,
    fp8Tflops: 2610,
    memoryGb: 192,
    watts: 750,
    source: 'rooflinenotes.dev/accelerators',
    unverified: ['fp64Tflops'],
  },
  {
    model: 'RNGD',
    kind: 'npu',
    vendor: 'FuriosaAI',
    fp64Tflops: 0,
    bf16Tflops: 256,
    fp8Tflops: 512,
    memoryGb: 48,
    watts: 180,
    source: 'furiosa-runtime-docs.pages.dev/overview/rngd',
    unverified: [],
  },
  {
    model: 'ATOM-Max',
    kind: 'npu',
    vendor: 'Rebellions',
    fp64Tflops: 0,
    bf16Tflops: 128,
    fp8Tflops: null,
    memoryGb: 64,
    watts: 350,
    source: 'docs.rbln.ai (its existence; the numbers are from memory)',
    unverified: ['bf16Tflops', 'memoryGb', 'watts'],
  },
  {
    model: 'REBEL-Quad',
    kind: 'npu',
    vendor: 'Rebellions',
    fp64Tflops: 0,
    bf16Tflops: 1024,
    fp8Tflops: 2048,
    memoryGb: 144,
    watts: 600,
    source: 'rebellions.ai/?p=92503 (its existence; the numbers are from memory)',
    unverified: ['bf16Tflops', 'fp8Tflops', 'memoryGb', 'watts'],
  },
  {
    model: 'AiMX',
    kind: 'pim',
    vendor: 'SK hynix',
    fp64Tflops: 0,
    bf16Tflops: null,
    fp8Tflops: null,
    memoryGb: 32,
    watts: null,
    source: 'servethehome.com on Hot Chips 2024',
    unverified: ['memoryGb'],
  },
]

const byModel = new Map(accelerators.map((accelerator) => [accelerator.model.toLowerCase(), accelerator]))

/** The accelerator of a model name, however it is capitalized. */
export const acceleratorOf = (model: string): Accelerator | undefined => byModel.get(model.toLowerCase())

/** Reference of "H100-equivalents": one H100, dense. TFLOPS. */
export const H100_BF16_TFLOPS = 989.4
export const H100_FP64_TFLOPS = 66.9

const TFLOPS_PER_EXAFLOPS = 1_000_000

/** So many accelerators of a model; parts of one count as parts. */
export interface FleetPart {
  readonly model: string | null
  readonly count: number
}

/** A fleet's peaks. The field names are those of the HTTP interface (`Exaflops`). */
export interface FleetPeak {
  readonly fp64: number
  readonly bf16: number
  readonly fp8: number
  readonly h100_equivalents: number
  readonly h100_equivalents_fp64: number
  /** Accelerators that count as 0 in some format because its number is not known. */
  readonly accelerators_unknown: number
}

/** Adds a fleet up in every format, exaflops. */
export function fleetPeak(fleet: readonly FleetPart[]): FleetPeak {
  let fp64 = 0
  let bf16 = 0
  let fp8 = 0
  let unknown = 0
  for (const { model, count } of fleet) {
    const accelerator = model === null ? undefined : acceleratorOf(model)
    const peaks = [accelerator?.fp64Tflops, accelerator?.bf16Tflops, accelerator?.fp8Tflops].map((peak) => peak ?? null)
    fp64 += count * (peaks[0] ?? 0)
    bf16 += count * (peaks[1] ?? 0)
    fp8 += count * (peaks[2] ?? 0)
    if (peaks.includes(null)) unknown += count
  }
  return {
    fp64: fp64 / TFLOPS_PER_EXAFLOPS,
    bf16: bf16 / TFLOPS_PER_EXAFLOPS,
    fp8: fp8 / TFLOPS_PER_EXAFLOPS,
    h100_equivalents: bf16 / H100_BF16_TFLOPS,
    h100_equivalents_fp64: fp64 / H100_FP64_TFLOPS,
    accelerators_unknown: unknown,
  }
}
