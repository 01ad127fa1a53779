// Stopping a simulation that runs in another thread. Its loop never yields there, so a message would lie unread until the
// end; a word of memory that both threads see is looked at as often as progress is reported.
//
// A browser shares memory only on pages that are cross-origin isolated. Elsewhere a worker can still be terminated, which
// loses what it has worked out so far.

export interface SharedCancel {
  /** What the other thread is sent, to make its own side of this from. */
  readonly memory: SharedArrayBuffer
  readonly aborted: boolean
  abort(): void
}

/** One side of a cancel that two threads share: without `memory` a new one, with it the other side of one. */
export function sharedCancel(memory: SharedArrayBuffer = new SharedArrayBuffer(4)): SharedCancel {
  const flag = new Int32Array(memory)
  return {
    memory,
    get aborted() {
      return Atomics.load(flag, 0) !== 0
    },
    abort() {
      Atomics.store(flag, 0, 1)
    },
  }
}
