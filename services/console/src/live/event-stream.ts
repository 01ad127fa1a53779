// The center's events, whatever the connection does. The browser reconnects by itself where a connection breaks, sending the
// last id; where the server refuses, or says nothing for too long, the stream is opened anew behind the last revision seen.

import { CommitEvent, Overview, ResetEvent } from '@dure/contract'
import type { z } from 'zod'

export interface StreamListener {
  opened(): void
  /** Broken or refused; it is being opened again. */
  lost(): void
  commit(event: CommitEvent): void
  overview(event: Overview): void
  reset(event: ResetEvent): void
}

export interface EventStream {
  close(): void
}

/** A center's heartbeats are invisible here, so silence may be a quiet center as well as a dead connection. */
const SILENCE_MS = 30_000
const RETRY_MS_MIN = 1_000
const RETRY_MS_MAX = 15_000

export function openEventStream(afterRevision: number, listener: StreamListener): EventStream {
  let revision = afterRevision
  let retryMs = RETRY_MS_MIN
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined

  const openIn = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(open, ms)
  }

  function heard<Schema extends z.ZodType>(schema: Schema, take: (event: z.output<Schema>) => void) {
    return ({ data }: MessageEvent<string>): void => {
      openIn(SILENCE_MS)
      const read = schema.safeParse(JSON.parse(data))
      // An event of a newer center that this page does not understand is left out; the next overview sets things right.
      if (read.success) take(read.data)
    }
  }

  function open(): void {
    source?.close()
    source = new EventSource(`/v1/events?after=${revision}`)
    source.addEventListener('open', () => {
      retryMs = RETRY_MS_MIN
      openIn(SILENCE_MS)
      listener.opened()
    })
    source.addEventListener('error', () => {
      listener.lost()
      if (source.readyState !== EventSource.CLOSED) return
      // Spread out, so that a thousand pages do not come back in the same instant.
      openIn(retryMs * (0.5 + Math.random() / 2))
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
    })
    source.addEventListener(
      'commit',
      heard(CommitEvent, (event) => {
        revision = event.revision
        listener.commit(event)
      }),
    )
    source.addEventListener(
      'overview',
      heard(Overview, (overview) => {
        // Commits that concern nobody here are not sent, but an overview has them behind it too.
        revision = Math.max(revision, overview.revision)
        listener.overview(overview)
      }),
    )
    source.addEventListener(
      'reset',
      heard(ResetEvent, (event) => {
        revision = event.revision
        listener.reset(event)
      }),
    )
    openIn(SILENCE_MS)
  }

  open()
  return {
    close() {
      clearTimeout(timer)
      source.close()
    },
  }
}
