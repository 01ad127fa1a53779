// Server-sent events: every commit as it is folded, and now and then the center at a glance. A reader that comes back gets
// what it missed, or `reset` where that is no longer kept. One that does not read fast enough is let go; it will come back.

import type { ServerResponse } from 'node:http'
import type { Change, CommitEvent, Overview, ResetEvent } from '@dure/contract'
import type { ReadModel } from '@dure/engine'

const HEARTBEAT_MS = 10_000
const OVERVIEW_MS = 1000
/** Bytes a reader may leave unread. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024
/** How long a browser waits before it connects again. */
const RETRY_MS = 2000
const SNAPSHOT = '/v1/overview'

interface StreamReader {
  readonly response: ServerResponse
  /** Whose it is: readers of one name share what is worked out for them, and a limit. */
  readonly name: string
  readonly only: 'commit' | 'overview' | undefined
  /** The last revision seen; undefined: begin with what happens next. */
  readonly after: number | undefined
  readonly overview: () => Overview | undefined
  readonly shows: (change: Change) => boolean
}

export interface EventStreams {
  readonly size: number
  sizeOf(name: string): number
  open(reader: StreamReader): void
  /** Ends all streams, for good. */
  close(): void
}

interface Open extends StreamReader {
  /** Nothing up to this revision is still to be told. */
  told: number
}

export function eventStreams(model: ReadModel): EventStreams {
  const streams = new Set<Open>()

  function write(stream: Open, text: string): void {
    const { response } = stream
    if (response.writableLength > UNREAD_BYTES_MAX) {
      streams.delete(stream)
      response.destroy()
    } else response.write(text)
  }

  function tellCommit(stream: Open, commit: CommitEvent): void {
    if (commit.revision <= stream.told) return
    stream.told = commit.revision
    if (stream.only === 'overview') return
    const changes = commit.changes.filter(stream.shows)
    if (changes.length > 0) write(stream, eventText('commit', { ...commit, changes }, commit.revision))
  }

  function tellOverviews(): void {
    const texts = new Map<string, string | undefined>()
    for (const stream of streams) {
      if (stream.only === 'commit') continue
      if (!texts.has(stream.name)) {
        const overview = stream.overview()
        texts.set(stream.name, overview === undefined ? undefined : eventText('overview', overview))
      }
      const text = texts.get(stream.name)
      if (text !== undefined) write(stream, text)
    }
  }

  const unsubscribe = model.subscribe((commit) => {
    for (const stream of streams) tellCommit(stream, commit)
  })
  const overviews = setInterval(tellOverviews, OVERVIEW_MS)
  // The id of an event without data moves a browser's Last-Event-ID on, so that a quiet reader does not fall behind.
  const heartbeats = setInterval(() => {
    for (const stream of streams) write(stream, `: still here\nid: ${stream.told}\n\n`)
  }, HEARTBEAT_MS)
  overviews.unref()
  heartbeats.unref()

  return {
    get size() {
      return streams.size
    },
    sizeOf: (name) => [...streams].filter((stream) => stream.name === name).length,
    open: (reader) => {
      const stream: Open = { ...reader, told: reader.after ?? model.revision }
      streams.add(stream)
      reader.response.on('close', () => streams.delete(stream))
      write(stream, `retry: ${RETRY_MS}\n\n`)
      const missed = stream.told > model.revision ? undefined : model.recent.after(stream.told)
      if (missed === undefined) {
        stream.told = model.revision
        const reset: ResetEvent = { revision: model.revision, snapshot: SNAPSHOT }
        write(stream, eventText('reset', reset, model.revision))
      } else for (const commit of missed) tellCommit(stream, commit)
      stream.told = model.revision
      const overview = reader.only === 'commit' ? undefined : reader.overview()
      if (overview !== undefined) write(stream, eventText('overview', overview))
    },
    close: () => {
      unsubscribe()
      clearInterval(overviews)
      clearInterval(heartbeats)
      for (const { response } of streams) response.end()
      streams.clear()
    },
  }
}

const eventText = (event: string, data: object, id?: number): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
