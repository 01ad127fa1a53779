// A reader of the event stream that notices what comes twice.

import type { Door } from './center-client.ts'

interface ReadOptions {
  /** Begin after this revision. */
  readonly after: number
  /** Opens the stream and reads nothing of it. */
  readonly isAsleep: boolean
  readonly signal: AbortSignal
}

export interface EventsSeen {
  /** The last revision seen. */
  readonly last: number
  /** Revisions that were told of, in the order in which they came. */
  readonly told: readonly number[]
  /** What was wrong on the way. */
  readonly faults: readonly string[]
}

/** Reads until `signal` aborts. */
export async function readEvents({ url, key }: Door, { after, isAsleep, signal }: ReadOptions): Promise<EventsSeen> {
  const faults: string[] = []
  const told: number[] = []
  let last = after
  try {
    const response = await fetch(`${url}/v1/events?only=commit`, {
      headers: { authorization: `Bearer ${key}`, 'last-event-id': `${after}` },
      signal,
    })
    if (response.status !== 200) return { last, told, faults: [`the event stream was answered ${response.status}`] }
    if (isAsleep) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      return { last, told, faults }
    }
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const events = text.split('\n\n')
      text = events.pop()!
      for (const event of events) {
        if (event.startsWith('event: reset')) faults.push(`a reader at ${last} was told that what it missed is gone`)
        const id = /^id: (\d+)$/m.exec(event)?.[1]
        if (id === undefined) continue
        const revision = Number(id)
        if (event.startsWith('event: commit')) {
          if (revision <= last) faults.push(`revision ${revision} was told again after ${last}`)
          told.push(revision)
        }
        last = Math.max(last, revision)
      }
    }
  } catch (error) {
    if (!signal.aborted) faults.push(`the event stream broke: ${(error as Error).message}`)
  }
  return { last, told, faults }
}
