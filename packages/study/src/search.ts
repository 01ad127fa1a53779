// The least of some values that keeps a promise, when asking of one value costs minutes. Values are numbered 0 … count − 1, from the one
// that is wanted most to the one that is wanted least: the answer is the first that keeps the promise while the one before it does not.
//
// More of a thing mostly helps, but not always: a share of NPUs helps until it takes GPUs from those who need them. So this is a
// bisection that does not trust its halves. It begins with five values spread over all, which can be tried at once; it goes on below the
// lowest that keeps; and at the end it asks the neighbour above as well. Where that one misses, what was found is an island of luck,
// and the search goes on above it. Every step asks of a value it has not asked of, so it ends.

const SCAN = 5

/** What is known: whether the value of a number keeps the promise. */
export type Known = ReadonlyMap<number, boolean>

/** Numbers to try next, in order; none when the search is over. */
export function nextToTry(count: number, known: Known): readonly number[] {
  const scan = scanOf(count).filter((number) => !known.has(number))
  if (scan.length > 0) return scan
  const found = lowestTrusted(count, known)
  if (found === null) return []
  const below = missBelow(found, known)
  if (found - below > 1) return [(found + below) >> 1]
  return found + 1 < count && !known.has(found + 1) ? [found + 1] : []
}

export interface Found {
  /** null: none that was tried keeps the promise. */
  readonly keeps: number | null
  /** The one before it; null: there is none. */
  readonly misses: number | null
}

/** The answer, once `nextToTry` has nothing more. */
export function found(count: number, known: Known): Found {
  const keeps = lowestTrusted(count, known)
  return { keeps, misses: keeps === null || keeps === 0 ? null : keeps - 1 }
}

/** Most that a search tries where more is better: the scan, the halvings of its gaps, and the neighbour above. */
export const triesExpected = (count: number): number =>
  Math.min(count, SCAN + Math.ceil(Math.log2(Math.max(1, count / (SCAN - 1)))) + 1)

const scanOf = (count: number): number[] => [
  ...new Set(Array.from({ length: SCAN }, (_, i) => Math.floor((i * (count - 1)) / (SCAN - 1)))),
]

/** The lowest that keeps the promise and whose neighbour above does not miss it. */
function lowestTrusted(count: number, known: Known): number | null {
  for (let number = 0; number < count; number++) {
    if (known.get(number) === true && known.get(number + 1) !== false) return number
  }
  return null
}

/** The highest below that misses; −1: none does, and then what is found is 0. */
function missBelow(number: number, known: Known): number {
  for (let below = number - 1; below >= 0; below--) if (known.get(below) === false) return below
  return -1
}
