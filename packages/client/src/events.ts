// Server-sent events, read to the end of time: a connection that breaks is taken up again behind the last event.

import { type EventData, type EventName, type EventsQuery, events } from '@dure/contract'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { ClientError } from './client-error.ts'

export interface FollowOptions {
  /** Begin behind this revision; without it, with what happens next. */
  readonly after?: number | undefined
  readonly only?: EventsQuery['only'] | undefined
  readonly signal: AbortSignal
  /** Hears of each connection that is lost, before it is tried again. */
  readonly lost?: (error: unknown) => void
}

/** An event, with the revision to resume behind; null where nothing can be resumed behind it. */
export type ReceivedEvent = EventData & { readonly revision: number | null }

const RECONNECT_MS = 1000

type Connect = (query: Record<string, string | number | undefined>, signal: AbortSignal) => Promise<Response>

/** Throws `ClientError` where trying again cannot help. */
export async function* followEvents(connect: Connect, options: FollowOptions): AsyncGenerator<ReceivedEvent> {
  const { signal, only, lost } = options
  let { after } = options
  while (!signal.aborted) {
    let pauseMs = RECONNECT_MS
    try {
      const { body } = await connect({ after, only }, signal)
      for await (const { id, event, data } of messagesOf(body)) {
        const read = readEvent(event, data)
        if (id !== undefined && /^\d+$/.test(id)) after = Number(id)
        if (read !== null) yield { ...read, revision: read.event === 'overview' ? null : read.data.revision }
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ClientError) {
        if (!error.isPassing) throw error
        pauseMs = error.retryAfterMs ?? RECONNECT_MS
      }
      lost?.(error)
    }
    await pause(pauseMs, signal)
  }
}

const messagesOf = (body: ReadableStream<Uint8Array<ArrayBuffer>> | null) =>
  (body ?? new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => controller.close() }))
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())

/** Null for what a newer center says and this client does not know. */
function readEvent(name: string | undefined, data: string): EventData | null {
  if (name === undefined || !Object.hasOwn(events, name)) return null
  const event = name as EventName
  const read = events[event].safeParse(JSON.parse(data))
  return read.success ? ({ event, data: read.data } as EventData) : null
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
