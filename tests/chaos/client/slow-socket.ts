// A connection that is never done with what it asks.

import { once } from 'node:events'
import { connect } from 'node:net'
import type { Door } from './center-client.ts'

const BYTE_MS = 1_000

/**
 * Sends the headers of a request, or its body after them, a byte a second. Resolves with the milliseconds for which it was let, at most
 * `msMax`.
 */
export async function askSlowly({ url, key }: Door, slow: 'headers' | 'body', msMax: number): Promise<number> {
  const fromMs = performance.now()
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  // Reset rather than closed is let go, too.
  socket.on('error', () => {})
  socket.resume()
  const submit = `POST /v1/jobs HTTP/1.1\r\nhost: ${hostname}\r\n`
  const rest = `authorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`
  socket.write(slow === 'headers' ? `${submit}x-slow: ` : submit + rest)
  const dripping = setInterval(() => socket.write('1'), BYTE_MS)
  const giveUp = setTimeout(() => socket.destroy(), msMax)
  await once(socket, 'close')
  clearInterval(dripping)
  clearTimeout(giveUp)
  return performance.now() - fromMs
}
