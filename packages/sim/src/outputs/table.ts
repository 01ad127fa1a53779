// What is written as rows and columns, whatever the file it goes into. Values are asked for one by one, so that a table of a million
// jobs is never there as a whole. null is a value that nobody knows: an empty cell.

/** A column: its value for a row. */
export type Column =
  | { readonly name: string; readonly kind: 'integer'; readonly at: (i: number) => number }
  | { readonly name: string; readonly kind: 'number'; readonly at: (i: number) => number | null }
  | { readonly name: string; readonly kind: 'text'; readonly at: (i: number) => string | null }

export interface Table {
  /** Rows, as columns know them, in the order in which they are written. */
  readonly order: Uint32Array
  readonly columns: readonly Column[]
}
