// Somebody who submits jobs at a rate that nobody allowed them, in a process of their own.
// Usage, as a forked process: flooding-process.ts URL KEY PER_SECOND. Each message asks for so many submits, and is answered with
// what became of them.

import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Flooded } from './flooder.ts'

const [url = '', key = '', perSecond = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 128 })
process.once('disconnect', () => process.exit())
process.on('message', (count: number) => void flood(count).then((flooded) => process.send?.(flooded)))

async function flood(count: number): Promise<Flooded> {
  const beganMs = performance.now()
  const answers: Promise<keyof Flooded>[] = []
  for (let i = 0; i < count; i++) {
    const aheadMs = beganMs + (1000 * i) / Number(perSecond) - performance.now()
    if (aheadMs > 1) await pause(aheadMs)
    answers.push(submit())
  }
  const flooded = { letIn: 0, refused: 0, other: 0 }
  for (const outcome of await Promise.all(answers)) flooded[outcome] += 1
  return flooded
}

async function submit(): Promise<keyof Flooded> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const asking = request(`${url}/v1/jobs`, { method: 'POST', agent, headers })
  asking.end('{}')
  try {
    const [response] = await once(asking, 'response')
    response.resume()
    await once(response, 'end')
    if (response.statusCode === 202) return 'letIn'
    return response.statusCode === 429 && Number(response.headers['retry-after']) >= 1 ? 'refused' : 'other'
  } catch (error) {
    // A connection that had been idle for as long as the server keeps one.
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return submit()
    throw error
  }
}
