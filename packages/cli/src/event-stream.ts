// What happens in a center, as it happens: its server-sent events, taken up again where a connection broke off.

import { type EventData, type EventName, events } from '@dure/contract'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Center } from './center.ts'
import { isPassing } from './failure.ts'
import { pause } from './interruption.ts'

export interface EventsOptions {
  /** Begin behind this revision; without it, with what happens next. */
  readonly after?: number | undefined
  readonly only?: EventName | undefined
  readonly signal: AbortSignal
  /** Told whenever the connection is lost, before it is tried again. */
  readonly lost?: (error: unknown) => void
}

const RECONNECT_MS = 1000

/** Follows the events until the signal: a connection that breaks is taken up again behind the last event. */
export async function* followEvents(center: Center, options: EventsOptions): AsyncGenerator<EventData> {
  const { signal, only, lost } = options
  let { after } = options
  while (!signal.aborted) {
    try {
      for await (const { id, event, data } of connection(center, after, only, signal)) {
        if (/^\d+$/.test(id ?? '')) after = Number(id)
        const read = readEvent(event, data)
        if (read?.event === 'reset') after = read.data.revision
        if (read !== null) yield read
      }
    } catch (error) {
      if (signal.aborted) return
      if (!isPassing(error)) throw error
      lost?.(error)
    }
    await pause(RECONNECT_MS, signal)
  }
}

async function* connection(center: Center, after: number | undefined, only: string | undefined, signal: AbortSignal) {
  const { body } = await center.stream('/v1/events', { after, only }, signal)
  const messages = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  try {
    yield* messages
  } catch {
    // A stream that breaks off is one that ends: the next connection begins where this one stopped.
  }
}

/** null for events of a newer center that this command does not know. */
function readEvent(name: string | undefined, data: string): EventData | null {
  if (name === undefined || !Object.hasOwn(events, name)) return null
  const event = name as EventName
  const read = events[event].safeParse(JSON.parse(data))
  return read.success ? ({ event, data: read.data } as EventData) : null
}
