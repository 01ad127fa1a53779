// What is known of one accelerator. Peaks are dense, never the sparse ones of a data sheet.

import type { Figure, Reading } from './figure.ts'

/** Rates per number format: TFLOPS, or TOPS for the integer ones. `fp64` is that of the matrix units where there are any. */
export const numberFormats = [
  'fp64',
  'fp64Vector',
  'fp32',
  'tf32',
  'bf16',
  'fp16',
  'fp8',
  'int8',
  'fp4',
  'int4',
] as const
export type NumberFormat = (typeof numberFormats)[number]

const otherFigures = [
  /** As vendors print it: decimal or binary, they do not say. */
  'memoryGb',
  'bandwidthGbPerS',
  /** Between memory and the processors inside it. */
  'internalBandwidthGbPerS',
  /** Thermal design power of the device. */
  'watts',
  /** Most that the usual server or rack takes, with everything in it. */
  'serverWatts',
  /** First year in which somebody could have it. */
  'availableYear',
] as const

export const figureNames = [...numberFormats, ...otherFigures] as const
export type FigureName = (typeof figureNames)[number]

/** What somebody asked for one; where sources give a range, its ends. */
interface Price extends Omit<Reading, 'value'> {
  readonly for: 'device' | 'server' | 'hour'
  readonly currency: 'USD' | 'KRW'
  readonly low: number
  readonly high: number
  readonly year: number
}

export interface Accelerator {
  readonly model: string
  readonly kind: 'gpu' | 'npu' | 'pim'
  readonly vendor: string
  /** As the policy on Korean chips counts it. */
  readonly origin: 'domestic' | 'foreign'
  /** What one is: the thing that a pool counts. */
  readonly form: string
  readonly link: string
  /** The usual server, which `serverWatts` is of. */
  readonly server: { readonly form: 'server' | 'rack'; readonly accelerators: number } | null
  readonly figures: Readonly<Record<FigureName, Figure | null>>
  readonly prices: readonly Price[]
}

interface AcceleratorEntry extends Omit<Accelerator, 'figures' | 'prices'> {
  readonly figures: Readonly<Partial<Record<FigureName, Figure>>>
  readonly prices?: readonly Price[]
}

/** Whatever an entry does not say is unknown. */
export const accelerator = ({ figures, prices = [], ...rest }: AcceleratorEntry): Accelerator => ({
  ...rest,
  figures: Object.fromEntries(figureNames.map((name) => [name, figures[name] ?? null])) as Accelerator['figures'],
  prices,
})
