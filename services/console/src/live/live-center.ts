// The center as the page knows it: read once, then kept up by events. While the page is paused events still arrive, so that
// going on needs no reading, but nothing that is shown changes.

import { type CommitEvent, type Language, Me, Overview, type Problem } from '@dure/contract'
import { createContext, useContext, useSyncExternalStore } from 'react'
import { isSignedOut, read } from '../center/answer.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import { emptyHistory, type UtilizationHistory, withPoint } from './utilization-history.ts'

type Link = 'connecting' | 'live' | 'reconnecting' | 'signed-out' | 'failed'

export interface LiveView {
  readonly link: Link
  readonly me: Me | null
  readonly overview: Overview | null
  readonly history: UtilizationHistory
  readonly paused: boolean
  /** Raised whenever events were missed, by a reset or a pause: what was read by other means must be read again. */
  readonly gaps: number
  /** Why the first reading failed, where the center said so. */
  readonly problem: Problem | null
}

export interface LiveCenter {
  readonly view: () => LiveView
  /** Called after every change of the view; returns how to stop. */
  readonly subscribe: (changed: () => void) => () => void
  /** Called for every commit while the page is not paused. */
  readonly onCommit: (take: (commit: CommitEvent) => void) => () => void
  readonly start: (language: Language) => Promise<void>
  readonly pause: (paused: boolean) => void
  readonly stop: () => void
}

export function liveCenter(): LiveCenter {
  let view: LiveView = {
    link: 'connecting',
    me: null,
    overview: null,
    history: emptyHistory,
    paused: false,
    gaps: 0,
    problem: null,
  }
  let newest: Overview | null = null
  let stream: EventStream | undefined
  let language: Language = 'ko'
  const changed = new Set<() => void>()
  const commitTakers = new Set<(commit: CommitEvent) => void>()

  function show(change: Partial<LiveView>): void {
    view = { ...view, ...change }
    for (const tell of changed) tell()
  }

  function take(overview: Overview): void {
    newest = overview
    const history = withPoint(view.history, { atMs: overview.at_ms, utilization: overview.utilization })
    if (view.paused) view = { ...view, history }
    else show({ overview, history })
  }

  /** Whether a lost stream is a lost session, which no retry brings back. */
  async function checkSession(): Promise<void> {
    const me = await read('/v1/me', Me, language)
    if (!isSignedOut(me)) return
    stream?.close()
    show({ link: 'signed-out', me: null })
  }

  async function readAgain(path: string): Promise<void> {
    // The center names the snapshot; only one of its own paths is followed.
    const overview = await read(path.startsWith('/v1/') ? path : '/v1/overview', Overview, language)
    if (overview.kind === 'ok') take(overview.value)
    show({ gaps: view.gaps + 1 })
  }

  async function start(spoken: Language): Promise<void> {
    language = spoken
    stream?.close()
    show({ link: 'connecting', problem: null })
    const [me, overview] = await Promise.all([read('/v1/me', Me, language), read('/v1/overview', Overview, language)])
    if (isSignedOut(me) || isSignedOut(overview)) return show({ link: 'signed-out' })
    if (me.kind !== 'ok' || overview.kind !== 'ok') {
      const failed = me.kind === 'ok' ? overview : me
      return show({ link: 'failed', problem: failed.kind === 'problem' ? failed.problem : null })
    }
    show({ me: me.value })
    take(overview.value)
    stream = openEventStream(overview.value.revision, {
      opened: () => show({ link: 'live' }),
      lost() {
        show({ link: 'reconnecting' })
        void checkSession()
      },
      commit(commit) {
        if (!view.paused) for (const takeCommit of commitTakers) takeCommit(commit)
      },
      overview: take,
      reset: ({ snapshot }) => void readAgain(snapshot),
    })
  }

  return {
    view: () => view,
    subscribe(tell) {
      changed.add(tell)
      return () => changed.delete(tell)
    },
    onCommit(takeCommit) {
      commitTakers.add(takeCommit)
      return () => commitTakers.delete(takeCommit)
    },
    start,
    pause(paused) {
      show(paused ? { paused } : { paused, overview: newest, gaps: view.gaps + 1 })
    },
    stop: () => stream?.close(),
  }
}

const LiveCenterContext = createContext<LiveCenter | null>(null)
export const LiveCenterProvider = LiveCenterContext.Provider

/** @throws {Error} outside of a `LiveCenterProvider` */
export function useLiveCenter(): LiveCenter {
  const live = useContext(LiveCenterContext)
  if (live === null) throw new Error('useLiveCenter needs a LiveCenterProvider above it')
  return live
}

export function useLiveView(): LiveView {
  const live = useLiveCenter()
  return useSyncExternalStore(live.subscribe, live.view)
}
