// How many requests a key may make. It has a bucket of tokens in each API process: a request takes one, and they come back at the
// rate of the setting. So that a key has one rate however many processes there are, these tell each other a few times a
// second what they have let in, and what others have let in is taken out of the bucket here too. No request waits for that,
// and one that is refused costs the store nothing.

import type { RequestCounts } from './request-counts.ts'

/** A bucket holds what comes back in this time. */
const BURST_S = 10
const EXCHANGE_MS = 250
/** What others have let in is held against a key for this long at most. */
const DEBT_S_MAX = 1

export interface RequestRates {
  /** Requests a second of one key in the long run; 0: any number. */
  readonly perSecond: number
  /** Requests of one key at once. */
  readonly burst: number
  /** Lets a request in and returns 0, or returns in how many milliseconds one would be let in. */
  waitMs(key: string): number
  /** Tells other processes, and hears from them. Never rejects. */
  exchange(): Promise<void>
  start(): void
  stop(): void
}

export interface RequestRateOptions {
  readonly perSecond: number
  readonly counts: RequestCounts
  /** Monotonic. */
  readonly nowMs: () => number
  /** Hears when the store could not be reached; until it can, each process knows its own requests only. */
  readonly failed: (error: unknown) => void
}

interface Bucket {
  tokens: number
  filledMs: number
  /** Since the last exchange. */
  letIn: number
  /** By all processes, as the last exchange told; undefined: nothing is known of others. */
  total: number | undefined
}

export function requestRates({ perSecond, counts, nowMs, failed }: RequestRateOptions): RequestRates {
  const burst = BURST_S * perSecond
  const buckets = new Map<string, Bucket>()
  let timer: NodeJS.Timeout | undefined

  function fill(bucket: Bucket): void {
    const atMs = nowMs()
    bucket.tokens = Math.min(burst, bucket.tokens + (perSecond * (atMs - bucket.filledMs)) / 1000)
    bucket.filledMs = atMs
  }

  function bucketOf(key: string): Bucket {
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      bucket = { tokens: burst, filledMs: nowMs(), letIn: 0, total: undefined }
      buckets.set(key, bucket)
    } else fill(bucket)
    return bucket
  }

  /** Since the last exchange, by key; forgets keys that rest. */
  function takeStock(): Map<string, number> {
    const letIn = new Map<string, number>()
    for (const [key, bucket] of buckets) {
      if (bucket.letIn > 0) letIn.set(key, bucket.letIn)
      else {
        fill(bucket)
        if (bucket.tokens === burst) buckets.delete(key)
      }
      bucket.letIn = 0
    }
    return letIn
  }

  async function exchange(): Promise<void> {
    const letIn = takeStock()
    if (letIn.size === 0) return
    let totals: ReadonlyMap<string, number> | undefined
    try {
      totals = await counts.add(letIn)
    } catch (error) {
      failed(error)
    }
    for (const [key, count] of letIn) {
      const bucket = bucketOf(key)
      const total = totals?.get(key)
      // A counter that was forgotten in the meantime begins anew, and tells nothing.
      const byOthers = total === undefined || bucket.total === undefined ? 0 : Math.max(0, total - bucket.total - count)
      bucket.total = total
      bucket.tokens = Math.max(bucket.tokens - byOthers, Math.min(bucket.tokens, -DEBT_S_MAX * perSecond))
    }
  }

  function again(): void {
    timer = setTimeout(() => void exchange().then(() => timer !== undefined && again()), EXCHANGE_MS)
    timer.unref()
  }

  return {
    perSecond,
    burst,
    waitMs: (key) => {
      if (perSecond === 0) return 0
      const bucket = bucketOf(key)
      if (bucket.tokens < 1) return Math.ceil((1000 * (1 - bucket.tokens)) / perSecond)
      bucket.tokens -= 1
      bucket.letIn += 1
      return 0
    },
    exchange,
    start: again,
    stop: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
