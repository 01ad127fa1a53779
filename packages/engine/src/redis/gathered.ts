// Calls that travel together. A round trip to a Redis that syncs its writes takes about the same time for one and for many,
// so what is asked for while earlier calls are on their way waits for the next one, and nothing waits when none is.

export interface GatheringBounds {
  /** In one call at most. */
  readonly togetherMax: number
  /** Calls on their way at one time. */
  readonly underWayMax: number
}

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** `act` answers each of its items in its place, in the order in which they were asked; where it rejects, it does so for all. */
export function gathered<Item, Answer>(
  { togetherMax, underWayMax }: GatheringBounds,
  act: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  const waiting: Waiting<Item, Answer>[] = []
  let underWay = 0

  function go(): void {
    while (waiting.length > 0 && underWay < underWayMax) {
      const together = waiting.splice(0, togetherMax)
      underWay += 1
      act(together.map(({ item }) => item))
        .then(
          (answers) => together.forEach(({ resolve }, i) => resolve(answers[i]!)),
          (error) => together.forEach(({ reject }) => reject(error)),
        )
        .finally(() => {
          underWay -= 1
          go()
        })
    }
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    waiting.push({ item, resolve, reject })
    // Later in this turn of the event loop, so that what arrives together travels together.
    if (waiting.length === 1) queueMicrotask(go)
    return promise
  }
}
