/** A broken invariant is a bug in Dure: it stops the center rather than letting it place jobs on a wrong state. */
export function assert(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new AssertionError(claim)
}

/** The same for a claim with values in it, which are put into words only once it is broken: `if (…) broken(`…`)`. */
export function broken(claim: string): never {
  throw new AssertionError(claim)
}

export class AssertionError extends Error {
  override readonly name = 'AssertionError'

  constructor(claim: string) {
    super(`broken invariant: ${claim}`)
  }
}
