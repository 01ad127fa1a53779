// A service with the manners of the real ones and none of their work. What happens to it stands in
// `$DURE_DATA/events.log`, a line an event: `<name> <event> <pid> <starts>`.
//
//   stand-in-service.ts NAME FOLDER [--listen] [--stubborn] [--refuse SENTENCE] [--finish]
//
// FOLDER is there to be seen in the list of processes.
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { connectPrompt } from '@dure/engine'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    listen: { type: 'boolean', default: false },
    stubborn: { type: 'boolean', default: false },
    refuse: { type: 'string' },
    finish: { type: 'boolean', default: false },
  },
})
const name = positionals[0] as string
const { DURE_DATA = '', DURE_REDIS_URL = '', DURE_HOST, DURE_PORT } = process.env

if (values.refuse !== undefined) {
  process.stderr.write(`${values.refuse}\n`)
  process.exit(78)
}

const redis = await connectPrompt({ url: DURE_REDIS_URL, prefix: '' }, name)
const starts = await redis.incr(`starts:${name}`)

process.on('SIGTERM', async () => {
  note('stopping')
  if (values.stubborn) return
  // A service that stops in order still needs its Redis.
  const answered = await redis.incr(`stops:${name}`).then(
    () => true,
    () => false,
  )
  note(answered ? 'stopped' : 'stopped-without-redis')
  process.exit(0)
})

if (values.finish) {
  note('finished')
  process.exit(0)
}
if (values.listen) {
  const server = createServer((_, response) => response.end('here\n'))
  server.listen(Number(DURE_PORT), DURE_HOST, () => {
    const url = `http://${DURE_HOST}:${DURE_PORT}`
    up({ url, sign_in_url: `${url}/sign-in#${starts}` })
  })
} else {
  // Only a handle keeps a process alive, and the channel to the supervisor does not count as one.
  setInterval(() => {}, 60_000)
  up({})
}

function up(where: object): void {
  note('ready')
  process.send?.({ ready: true, ...where })
}

function note(event: string): void {
  appendFileSync(join(DURE_DATA, 'events.log'), `${name} ${event} ${process.pid} ${starts}\n`)
}
