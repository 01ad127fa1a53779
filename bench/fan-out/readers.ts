// Many readers of the event stream in one process, each with a connection of its own. Says when all are connected; asked how
// it went once everybody has read up to a revision, says what reached whom and when.
//
// Usage, as a forked process: readers.ts URL COUNT READERS_PER_KEY, then a message with the keys.

import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'

/** A commit as a reader got it. */
export interface Delivery {
  readonly revision: number
  /** The first job that it started; undefined: none. */
  readonly job: number | undefined
  /** Milliseconds since 1970. */
  readonly arrivedMs: number
}

export interface FanOut {
  /** By reader, in order of arrival. */
  readonly deliveries: readonly (readonly Delivery[])[]
}

/** So many connections are opened at a time: a server takes them in one after the other. */
const OPENED_AT_ONCE = 50

const [url = '', count = '', perKey = ''] = process.argv.slice(2)
const [keys] = (await once(process, 'message')) as [readonly string[]]
process.once('disconnect', () => process.exit())

const agent = new Agent({ maxSockets: Infinity })
const deliveries: Delivery[][] = Array.from({ length: Number(count) }, () => [])
let asked: { readonly revision: number; waiting: number } | undefined

async function openStream(reader: number): Promise<void> {
  const key = keys[Math.floor(reader / Number(perKey))]!
  const asking = get(`${url}/v1/events`, { agent, headers: { authorization: `Bearer ${key}` } })
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`reader ${reader} was answered ${response.statusCode}`)
  response.setEncoding('utf8')
  response.on('end', () => process.exit(1))
  let rest = ''
  response.on('data', (text: string) => {
    const events = (rest + text).split('\n\n')
    rest = events.pop()!
    for (const event of events) read(reader, event)
  })
}

const COMMIT = /^event: commit\nid: (\d+)\n/
const START = /"job":(\d+),"state":"RUNNING"/

/** Of an event only what is measured is read: parsing it 2,000 times here would be counted as the API's time. */
function read(reader: number, event: string): void {
  const found = COMMIT.exec(event)
  if (found === null) return
  const arrivedMs = performance.timeOrigin + performance.now()
  const revision = Number(found[1])
  const start = START.exec(event)
  deliveries[reader]!.push({ revision, job: start === null ? undefined : Number(start[1]), arrivedMs })
  if (asked?.revision === revision && --asked.waiting === 0) tell()
}

function tell(): void {
  process.send?.({ deliveries } satisfies FanOut)
}

for (let first = 0; first < deliveries.length; first += OPENED_AT_ONCE) {
  const batch = Array.from({ length: Math.min(OPENED_AT_ONCE, deliveries.length - first) }, (_, k) => first + k)
  await Promise.all(batch.map(openStream))
}
process.send?.('connected')
const [revision] = (await once(process, 'message')) as [number]
asked = { revision, waiting: deliveries.filter((got) => (got.at(-1)?.revision ?? 0) < revision).length }
if (asked.waiting === 0) tell()
