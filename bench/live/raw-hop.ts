// One hop of the plain queue that Dure is compared with, as a process of its own: takes a message and adds it to the next
// queue, or counts it where there is none. Usage, as a forked process: raw-hop.ts URL PREFIX FROM [TO]
// Says 'ready', and on the last hop how many messages are done since it said so last.

import { bullPrefix, connectPatient, connectPrompt } from '@dure/engine'
import { Queue, Worker } from 'bullmq'

const MESSAGES_AT_ONCE = 64

const [url = '', prefix = '', from = '', to] = process.argv.slice(2)
const settings = { url, prefix }
const next =
  to === undefined
    ? undefined
    : new Queue(to, { connection: await connectPrompt(settings, to), prefix: bullPrefix(settings) })
let done = 0
const worker = new Worker(
  from,
  async (job) => {
    if (next !== undefined) await next.add(job.name, job.data)
    else if (done++ === 0) setImmediate(tell)
  },
  {
    connection: connectPatient(settings, from),
    prefix: bullPrefix(settings),
    concurrency: MESSAGES_AT_ONCE,
    removeOnComplete: { count: 0 },
  },
)
await worker.waitUntilReady()
process.send?.('ready')
process.once('SIGTERM', () => process.exit())
process.once('disconnect', () => process.exit())

function tell(): void {
  process.send?.(done)
  done = 0
}
