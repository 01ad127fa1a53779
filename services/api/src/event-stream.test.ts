import type { ServerResponse } from 'node:http'
import type { CommitEvent, Overview } from '@dure/contract'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type EventStreams, eventStreams } from './event-stream.ts'

/** What the streams fold; a commit is told of by `commit`. */
function hand() {
  const commits: CommitEvent[] = []
  const listeners = new Set<(commit: CommitEvent) => void>()
  return {
    model: {
      revision: 0,
      recent: { push: () => {}, after: (revision: number) => commits.filter((one) => one.revision > revision) },
      subscribe: (listener: (commit: CommitEvent) => void) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    commit(...users: string[]): void {
      this.model.revision += 1
      const changes = users.map((user) => ({ type: 'rejected' as const, command: user, reason: '' }))
      const commit = { revision: this.model.revision, at_ms: 0, changes }
      commits.push(commit)
      for (const listener of listeners) listener(commit)
    },
  }
}

interface Reader {
  readonly writes: Buffer[]
  unread: number
  isDestroyed: boolean
  leave(): void
}

let center: ReturnType<typeof hand>
let streams: EventStreams
let overviews: number
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'performance'] })
  center = hand()
  streams = eventStreams(center.model)
  overviews = 0
})
afterEach(() => {
  streams.close()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** `sees`: the user whose changes it is shown; undefined: all. */
function join(sees: string | undefined, only?: 'commit' | 'overview'): Reader {
  let close = (): void => {}
  const reader: Reader = { writes: [], unread: 0, isDestroyed: false, leave: () => close() }
  const response = {
    get writableLength() {
      return reader.unread
    },
    write: (bytes: Buffer) => reader.writes.push(bytes),
    destroy: () => {
      reader.isDestroyed = true
    },
    on: (_: string, listener: () => void) => {
      close = listener
    },
    end: () => {},
  }
  streams.open({
    response: response as unknown as ServerResponse,
    owner: 'key',
    view: {
      name: sees ?? 'everything',
      overview: () => ({ at_ms: ++overviews }) as Overview,
      shows: (change) => sees === undefined || (change.type === 'rejected' && change.command === sees),
    },
    only,
    after: undefined,
  })
  reader.writes.length = 0
  return reader
}

const soon = () => vi.advanceTimersByTimeAsync(1)
const texts = ({ writes }: Reader): string[] => writes.map(String)
const idsIn = (reader: Reader): string[] =>
  [
    ...texts(reader)
      .join('')
      .matchAll(/^id: (\d+)$/gm),
  ].map(([, id]) => id!)

it('says in one write what was committed at once, in the same bytes to all who see the same', async () => {
  const [one, other, cho] = [join(undefined), join(undefined), join('cho')]
  center.commit('ada')
  center.commit('cho')
  center.commit()
  await soon()
  expect(texts(one)).toEqual([
    'event: commit\nid: 1\ndata: {"revision":1,"at_ms":0,"changes":[{"type":"rejected","command":"ada","reason":""}]}\n\n' +
      'event: commit\nid: 2\ndata: {"revision":2,"at_ms":0,"changes":[{"type":"rejected","command":"cho","reason":""}]}\n\n',
  ])
  expect(other.writes[0]).toBe(one.writes[0])
  expect(idsIn(cho)).toEqual(['2'])
})

it('says the commits and the overview that are due together in one write, the overview once for all who see the same', async () => {
  const [one, other, listener, watcher] = [
    join(undefined),
    join(undefined),
    join(undefined, 'commit'),
    join(undefined, 'overview'),
  ]
  await vi.advanceTimersByTimeAsync(999)
  overviews = 0
  setTimeout(() => center.commit('ada'), 1)
  await soon()
  await soon()
  const names = (reader: Reader) =>
    texts(reader).map((text) => [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name))
  expect(names(one)).toEqual([['commit', 'overview']])
  expect(other.writes[0]).toBe(one.writes[0])
  expect([names(listener), names(watcher)]).toEqual([[['commit']], [['overview']]])
  expect(overviews).toBe(2)
})

it('tells whoever joins while commits wait to be told of those that come after', async () => {
  const first = join(undefined)
  center.commit('ada')
  const second = join(undefined)
  center.commit('ada')
  await soon()
  expect([idsIn(first), idsIn(second)]).toEqual([['1', '2'], ['2']])
})

it('rests after a round as long as it took, and loses nothing meanwhile', async () => {
  const reader = join(undefined)
  const now = performance.now.bind(performance)
  let spentMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now() + spentMs)
  vi.spyOn(reader.writes, 'push').mockImplementationOnce((bytes) => {
    spentMs += 9
    reader.writes[0] = bytes!
    return 1
  })
  center.commit('ada')
  await soon()
  for (let i = 0; i < 7; i++) {
    center.commit('ada')
    await soon()
  }
  expect(idsIn(reader)).toEqual(['1'])
  await soon()
  await soon()
  expect(reader.writes).toHaveLength(2)
  expect(idsIn(reader)).toEqual(Array.from({ length: 8 }, (_, i) => String(i + 1)))
})

it('lets go of a reader that does not read, and of nobody else', async () => {
  const [sleeper, reader] = [join(undefined), join(undefined)]
  sleeper.unread = 4 * 1024 * 1024 + 1
  center.commit('ada')
  await soon()
  expect([sleeper.isDestroyed, sleeper.writes.length, idsIn(reader)]).toEqual([true, 0, ['1']])
  expect([streams.size, streams.sizeOf('key')]).toEqual([1, 1])
  reader.leave()
  expect([streams.size, streams.sizeOf('key')]).toEqual([0, 0])
})

it('moves the id of a reader on that is shown nothing', async () => {
  const quiet = join('nobody')
  center.commit('ada')
  await vi.advanceTimersByTimeAsync(10_001)
  expect(texts(quiet).at(-1)).toContain(': still here\nid: 1\n\n')
})
