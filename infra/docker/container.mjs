// Loaded into every service in a container before its own code, in place of the supervisor of `npm start`: it takes the
// password of Redis from a file, and leaves a sign of life for the health check (alive.mjs).
import { readFileSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { SIGN_OF_LIFE } from './sign-of-life.mjs'

const SIGN_EVERY_MS = 5000

if (isMainThread) {
  const { DURE_REDIS_URL, DURE_REDIS_PASSWORD_FILE } = process.env
  if (DURE_REDIS_URL && DURE_REDIS_PASSWORD_FILE) {
    const url = new URL(DURE_REDIS_URL)
    url.password = readFileSync(DURE_REDIS_PASSWORD_FILE, 'utf8').trim()
    process.env.DURE_REDIS_URL = url.href
  }

  // A service tells whoever supervises it that it is ready. From then on the sign is renewed for as long as the event
  // loop turns: a process that hangs grows stale.
  process.send = (message) => {
    if (typeof message === 'object' && message !== null && message.ready === true) {
      const sign = () => writeFileSync(SIGN_OF_LIFE, '')
      sign()
      setInterval(sign, SIGN_EVERY_MS).unref()
      if (message.sign_in_url) process.stdout.write(`sign in (works once): ${message.sign_in_url}\n`)
    }
    return true
  }
}
