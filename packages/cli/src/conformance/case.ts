// What a conformance case is, and how two values are compared. A kind of case has a file of its own beside this one and a
// line in `kinds.ts`; its cases lie with the core in `golden/<kind>/`.

/** What every case says of itself; the rest is the kind's. */
export interface CaseHead {
  readonly kind: string
  /** What is compared, in a few words. */
  readonly name: string
  /** Whose rule it is, by the name it goes by: Slurm, Flux, Kueue… */
  readonly system: string
  /** Where the expected values come from. */
  readonly source: string
  /** The values were computed from the system's formula: nobody has published them. */
  readonly derived?: true
}

/** A kind of case and its judge. Written as a method, so that each kind may ask for its own form of case. */
export interface CaseKind {
  readonly kind: string
  /** What differs, one line each; empty where all agrees. Everything below `expect` must be compared. */
  differences(conformanceCase: CaseHead): string[]
}

type Value = number | string | boolean | null | undefined

/** Decimals that most sources print. */
const DECIMALS = 6

/** The line to print where a value is not what is wanted, and none where it is. Numbers agree when they print alike. */
export function difference(what: string, got: Value, want: Value, decimals = DECIMALS): string[] {
  const [gotPrinted, wantPrinted] = [printed(got, decimals), printed(want, decimals)]
  return gotPrinted === wantPrinted ? [] : [`${what} is ${gotPrinted}, not ${wantPrinted}`]
}

/** `difference` for two lists, place by place; a list that is too long or too short differs in its length. */
export function listDifferences(
  what: string,
  got: ArrayLike<Value>,
  want: ArrayLike<Value>,
  decimals = DECIMALS,
): string[] {
  return [
    ...difference(`the number of ${what}`, got.length, want.length, 0),
    ...Array.from(want).flatMap((value, i) => difference(`${what}[${i}]`, got[i], value, decimals)),
  ]
}

const printed = (value: Value, decimals: number): string =>
  typeof value === 'number' ? value.toFixed(decimals) : String(value)
