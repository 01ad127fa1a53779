// Nobody waits for an answer for ever. Fastify's own limit makes a timer and a signal for each request, and ends each with an
// exception that nobody sees: a twentieth of what a submit costs. Here the requests under way are looked at now and then.

import type { FastifyInstance, FastifyReply } from 'fastify'
import { sendTrouble, Trouble } from './trouble.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A request to this route is answered within this time, well or with 503. */
    answerMsMax?: number
  }
}

const ANSWER_MS_MAX = 10_000
const LOOK_MS = 1000

export function limitAnswers(app: FastifyInstance, lookMs = LOOK_MS): void {
  /** Until when there has to be an answer. */
  const underWay = new Map<FastifyReply, number>()
  app.addHook('onRequest', (request, reply, done) => {
    underWay.set(reply, performance.now() + (request.routeOptions.config.answerMsMax ?? ANSWER_MS_MAX))
    done()
  })
  app.addHook('onResponse', (_, reply, done) => {
    underWay.delete(reply)
    done()
  })

  function look(): void {
    const nowMs = performance.now()
    for (const [reply, untilMs] of underWay) {
      if (nowMs < untilMs) continue
      underWay.delete(reply)
      // An event stream, or an answer whose reader takes its time.
      if (reply.sent) continue
      sendTrouble(new Trouble('ERR_BUSY', { retryAfterS: 1 }), reply.request, reply)
    }
  }
  const looking = setInterval(look, lookMs)
  looking.unref()
  app.addHook('onClose', async () => clearInterval(looking))
}
