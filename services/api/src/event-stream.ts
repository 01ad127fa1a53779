// Server-sent events: every commit as it is folded, and now and then the center at a glance. A reader that comes back gets
// what it missed, or `reset` where that is no longer kept. One that does not read fast enough is let go; it will come back.
//
// Readers are told in rounds. What a round says is turned into bytes once for all who see the same, and a reader gets all of it
// in one write: the commits since the last round, then what else is due. A round begins in the moment in which something
// happens, but not before the process has had a rest as long as the last round took. So a few readers hear of each commit at
// once, and for thousands commits travel together.

import type { ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { Change, CommitEvent, Overview, ResetEvent } from '@dure/contract'
import type { ReadModel } from '@dure/engine'

const HEARTBEAT_MS = 10_000
const OVERVIEW_MS = 1000
/** Bytes a reader may leave unread. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024
/** How long a browser waits before it connects again. */
const RETRY_MS = 2000
const SNAPSHOT = '/v1/overview'
/** A round gives the process back to its other work at least this often. */
const ROUND_TURN_MS_MAX = 10
/** The rest after a round is as long as the round, but no longer than this: telling takes half of the process at most. */
const REST_MS_MAX = 1000

/** What a reader may see. */
interface EventView {
  /** The same for all who see the same. */
  readonly name: string
  readonly overview: () => Overview | undefined
  readonly shows: (change: Change) => boolean
}

interface StreamReader {
  readonly response: ServerResponse
  /** Whose it is, for the limit. */
  readonly owner: string
  readonly view: EventView
  readonly only: 'commit' | 'overview' | undefined
  /** The last revision seen; undefined: begin with what happens next. */
  readonly after: number | undefined
}

export interface EventStreams {
  readonly size: number
  sizeOf(owner: string): number
  open(reader: StreamReader): void
  /** Ends all streams, for good. */
  close(): void
}

interface Open extends StreamReader {
  /** Nothing up to this revision is still to be told. */
  told: number
}

/** What is said in a round. */
interface Round {
  /** In order; those since the round before. */
  readonly commits: readonly CommitEvent[]
  /** Whoever has been told of the round has been told of everything up to here. */
  readonly revision: number
  readonly withOverview: boolean
  readonly withHeartbeat: boolean
  /** By what a reader sees and has been told. */
  readonly bytes: Map<string, Buffer>
}

export function eventStreams(model: Pick<ReadModel, 'revision' | 'recent' | 'subscribe'>): EventStreams {
  const streams = new Set<Open>()
  const owned = new Map<string, number>()
  let untold: CommitEvent[] = []
  let isOverviewDue = false
  let isHeartbeatDue = false
  let next: NodeJS.Timeout | undefined
  let isTelling = false
  let restsUntilMs = 0

  function forget(stream: Open): void {
    if (!streams.delete(stream)) return
    const left = owned.get(stream.owner)! - 1
    if (left === 0) owned.delete(stream.owner)
    else owned.set(stream.owner, left)
  }

  function write(stream: Open, bytes: Buffer): void {
    const { response } = stream
    if (bytes.length === 0) return
    if (response.writableLength > UNREAD_BYTES_MAX) {
      forget(stream)
      response.destroy()
    } else response.write(bytes)
  }

  function tellSoon(): void {
    if (isTelling || next !== undefined || streams.size === 0) return
    next = setTimeout(() => void tellAll(), Math.max(0, restsUntilMs - performance.now()))
  }

  async function tellAll(): Promise<void> {
    next = undefined
    isTelling = true
    const round: Round = {
      commits: untold,
      revision: model.revision,
      withOverview: isOverviewDue,
      withHeartbeat: isHeartbeatDue,
      bytes: new Map(),
    }
    untold = []
    isOverviewDue = false
    isHeartbeatDue = false
    let tookMs = 0
    let turnedMs = performance.now()
    for (const stream of streams) {
      tell(stream, round)
      const sinceMs = performance.now() - turnedMs
      if (sinceMs < ROUND_TURN_MS_MAX) continue
      tookMs += sinceMs
      await turn()
      turnedMs = performance.now()
    }
    const endedMs = performance.now()
    tookMs += endedMs - turnedMs
    restsUntilMs = endedMs + Math.min(tookMs, REST_MS_MAX)
    isTelling = false
    if (untold.length > 0 || isOverviewDue || isHeartbeatDue) tellSoon()
  }

  function tell(stream: Open, round: Round): void {
    const { told, only, view } = stream
    const name = `${told} ${only} ${view.name}`
    let bytes = round.bytes.get(name)
    if (bytes === undefined) {
      bytes = Buffer.from(textFor(stream, round))
      round.bytes.set(name, bytes)
    }
    // One that was opened while the round went on may know more.
    stream.told = Math.max(told, round.revision)
    write(stream, bytes)
  }

  const unsubscribe = model.subscribe((commit) => {
    if (streams.size > 0) untold.push(commit)
    tellSoon()
  })
  const overviews = setInterval(() => {
    isOverviewDue = streams.size > 0
    tellSoon()
  }, OVERVIEW_MS)
  const heartbeats = setInterval(() => {
    isHeartbeatDue = streams.size > 0
    tellSoon()
  }, HEARTBEAT_MS)
  overviews.unref()
  heartbeats.unref()

  return {
    get size() {
      return streams.size
    },
    sizeOf: (owner) => owned.get(owner) ?? 0,
    open: (reader) => {
      const after = reader.after ?? model.revision
      const missed = after > model.revision ? undefined : model.recent.after(after)
      const stream: Open = { ...reader, told: missed === undefined ? model.revision : after }
      streams.add(stream)
      owned.set(reader.owner, (owned.get(reader.owner) ?? 0) + 1)
      reader.response.on('close', () => forget(stream))
      const reset: ResetEvent = { revision: model.revision, snapshot: SNAPSHOT }
      const hello = `retry: ${RETRY_MS}\n\n${missed === undefined ? eventText('reset', reset, model.revision) : ''}`
      const round = { commits: missed ?? [], revision: model.revision, withOverview: true, withHeartbeat: false }
      write(stream, Buffer.from(hello + textFor(stream, round)))
      stream.told = model.revision
    },
    close: () => {
      unsubscribe()
      clearInterval(overviews)
      clearInterval(heartbeats)
      clearTimeout(next)
      for (const { response } of streams) response.end()
      streams.clear()
      owned.clear()
    },
  }
}

/** What of a round a reader has yet to be told, and may see. */
function textFor({ told, only, view }: Open, round: Omit<Round, 'bytes'>): string {
  let text = ''
  for (const commit of only === 'overview' ? [] : round.commits) {
    if (commit.revision <= told) continue
    const changes = commit.changes.filter(view.shows)
    if (changes.length > 0) text += eventText('commit', { ...commit, changes }, commit.revision)
  }
  const overview = round.withOverview && only !== 'commit' ? view.overview() : undefined
  if (overview !== undefined) text += eventText('overview', overview)
  // The id of an event without data moves a browser's Last-Event-ID on, so that a quiet reader does not fall behind.
  return round.withHeartbeat ? `${text}: still here\nid: ${Math.max(told, round.revision)}\n\n` : text
}

const eventText = (event: string, data: object, id?: number): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
