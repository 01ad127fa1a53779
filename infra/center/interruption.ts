// Ctrl-C and its relatives.

export interface Interruption {
  /** Settles at the first request to stop. */
  readonly asked: Promise<void>
  /** Settles when somebody asks again and means it. */
  readonly insisted: Promise<void>
  readonly isAsked: boolean
  readonly isInsisted: boolean
}

/**
 * One Ctrl-C arrives more than once: from the terminal, and again from each npm or wrapper that hands it on. What comes
 * within this time of the first is the same request.
 */
const ECHO_MS = 1000

/** Listens for requests to stop this process, from the terminal or from a parent that is gone. */
export function listenForInterruption(): Interruption {
  const asked = Promise.withResolvers<void>()
  const insisted = Promise.withResolvers<void>()
  let askedAtMs: number | undefined
  let isInsisted = false

  const ask = () => {
    if (askedAtMs === undefined) {
      askedAtMs = performance.now()
      asked.resolve()
    } else if (performance.now() - askedAtMs > ECHO_MS) {
      isInsisted = true
      insisted.resolve()
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask)
  process.on('disconnect', ask)

  return {
    asked: asked.promise,
    insisted: insisted.promise,
    get isAsked() {
      return askedAtMs !== undefined
    },
    get isInsisted() {
      return isInsisted
    },
  }
}
