// Moments as people in Korea read them. Korea keeps one time all year, so the offset is a constant.

const KST_OFFSET_MS = 9 * 3_600_000

/** `2026-11-23 16:05:10 KST`. */
export const formatMoment = (atMs: number): string =>
  `${new Date(atMs + KST_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')} KST`
