// How often something happened in the last minute of wall time, in buckets of a second.

const SECONDS = 60

export interface RateMeter {
  add(count: number): void
  perMinute(): number
}

/** `nowMs` is monotonic. */
export function rateMeter(nowMs: () => number): RateMeter {
  const counts = new Float64Array(SECONDS)
  let second = Math.floor(nowMs() / 1000)

  function advance(): void {
    const now = Math.floor(nowMs() / 1000)
    for (let passed = Math.min(now - second, SECONDS); passed > 0; passed--) counts[(now - passed + 1) % SECONDS] = 0
    second = now
  }

  return {
    add: (count) => {
      advance()
      counts[second % SECONDS]! += count
    },
    perMinute: () => {
      advance()
      return counts.reduce((sum, count) => sum + count, 0)
    },
  }
}
