// How much of the inference that people bring can run on an NPU at all: compilers and serving software have to know the model.
// Nobody has published it for a year. The assumption grows evenly from 10 % in 2024 to 70 % in 2030; a plan may put its own
// numbers in the place of it (software that comes late: 20 % in every year).

export interface NpuReadiness {
  readonly year: number
  /** In thousandths; a slot for the day when somebody counts. */
  readonly publishedMille: number | null
  readonly assumedMille: number
}

export const npuReadiness: readonly NpuReadiness[] = [
  { year: 2024, publishedMille: null, assumedMille: 100 },
  { year: 2025, publishedMille: null, assumedMille: 200 },
  { year: 2026, publishedMille: null, assumedMille: 300 },
  { year: 2027, publishedMille: null, assumedMille: 400 },
  { year: 2028, publishedMille: null, assumedMille: 500 },
  { year: 2029, publishedMille: null, assumedMille: 600 },
  { year: 2030, publishedMille: null, assumedMille: 700 },
]

/** Thousandths of the jobs that can run on an NPU in a year. Before the table 0, after it as in its last year. */
export function npuReadinessOf(year: number, table: readonly NpuReadiness[] = npuReadiness): number {
  const row = table.findLast((one) => one.year <= year)
  return row === undefined ? 0 : (row.publishedMille ?? row.assumedMille)
}
