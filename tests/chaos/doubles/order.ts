/** What the parent of an instrumented process may tell it. */
export type Order =
  /** End at once, as by SIGKILL, when this point is next passed. */
  | { readonly order: 'crash'; readonly point: string }
  /** Fall asleep, as by SIGSTOP, when this point is next passed: whoever wakes it lets it go on with what it was about to do. */
  | { readonly order: 'sleep'; readonly point: string }
  /** The wall clock is so much ahead of the machine's, or behind. */
  | { readonly order: 'clock'; readonly shiftMs: number }
  /** Collect garbage and tell what is left. */
  | { readonly order: 'measure' }
  /** Do nothing else for so long. */
  | { readonly order: 'busy'; readonly ms: number }

/** What it tells its parent. */
export type Told =
  /** The ledger did not take what it wrote. */
  | { readonly refused: 'fenced' | 'conflict' }
  /** In the heap, and in buffers beside it. */
  | { readonly heldBytes: number }
