// Something that changes over time, kept as its integral over spans of equal length. Nobody has to know in advance how long
// it will go on: when the strip is full, neighbours are joined and every span is twice as long. Cost: O(1) a change on the average.

/** Between half as many and this many spans are in use. */
const SPANS_MAX = 1024

export interface TimeStrip {
  readonly fromMs: number
  readonly spanMs: number
  /** Integral over each span, in units of the value times milliseconds; as many as were reached. */
  readonly integrals: Float64Array
}

export interface TimeStripWriter {
  /** The value from `fromMs` to `toMs`, which must not be before what was added last. */
  add(value: number, fromMs: number, toMs: number): void
  strip(): TimeStrip
}

export function openTimeStrip(beginMs: number): TimeStripWriter {
  const integrals = new Float64Array(SPANS_MAX)
  let spanMs = 1000
  let used = 0
  const lengthen = (): void => {
    for (let i = 0; i < SPANS_MAX / 2; i++) integrals[i] = integrals[2 * i]! + integrals[2 * i + 1]!
    integrals.fill(0, SPANS_MAX / 2)
    spanMs *= 2
  }
  return {
    add(value, fromMs, toMs) {
      while (toMs > beginMs + spanMs * SPANS_MAX) lengthen()
      for (let atMs = fromMs; atMs < toMs; ) {
        const i = Math.floor((atMs - beginMs) / spanMs)
        const untilMs = Math.min(toMs, beginMs + (i + 1) * spanMs)
        integrals[i]! += value * (untilMs - atMs)
        atMs = untilMs
      }
      if (toMs > fromMs) used = Math.ceil((toMs - beginMs) / spanMs)
    },
    strip: () => ({ fromMs: beginMs, spanMs, integrals: integrals.slice(0, used) }),
  }
}

/**
 * The strip as `columns` mean values over equal parts of its time up to `untilMs`; of a span that two parts share, each has
 * its portion.
 */
export function meansOf({ fromMs, spanMs, integrals }: TimeStrip, columns: number, untilMs: number): number[] {
  const partMs = (untilMs - fromMs) / columns
  return Array.from({ length: columns }, (_, column) => {
    const beginMs = column * partMs
    const endMs = beginMs + partMs
    let sum = 0
    for (let i = Math.floor(beginMs / spanMs); i * spanMs < endMs && i < integrals.length; i++) {
      // The last span may reach beyond the end: what it holds lies before that.
      const spanEndMs = Math.min((i + 1) * spanMs, untilMs - fromMs)
      const sharedMs = Math.min(endMs, spanEndMs) - Math.max(beginMs, i * spanMs)
      sum += (integrals[i]! * sharedMs) / (spanEndMs - i * spanMs)
    }
    return partMs > 0 ? sum / partMs : 0
  })
}
