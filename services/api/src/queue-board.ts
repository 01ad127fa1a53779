// Bull Board: a look into the queues for administrators. It shows, and changes nothing.

import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { Queue } from 'bullmq'
import type { FastifyInstance } from 'fastify'
import { administrators, declareAccess } from './access.ts'
import { looserPolicy } from './protection.ts'
import { sendTrouble, Trouble } from './trouble.ts'

const PATH = '/queues'

export async function serveQueueBoard(app: FastifyInstance, queues: readonly Queue[]): Promise<void> {
  const adapter = new FastifyAdapter()
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Dure' } },
  })
  adapter.setBasePath(PATH)
  const policy = looserPolicy({ 'base-uri': ["'self'"] })
  await app.register(
    async (scope) => {
      declareAccess(scope, administrators)
      // The board's own handler would show what went wrong inside to whoever asks.
      scope.addHook('onRoute', (route) => {
        route.errorHandler = (error, request, reply) => {
          sendTrouble(error as Error, request, reply)
        }
      })
      scope.addHook('onRequest', async (request, reply) => {
        reply.header('content-security-policy', policy)
        // Read-only queues refuse changes by themselves; this keeps it so whatever the board learns to do.
        if (request.method !== 'GET' && request.method !== 'HEAD') throw new Trouble('ERR_METHOD_NOT_ALLOWED')
      })
      // Its page asks another site for fonts, which no policy of ours would let it have.
      scope.addHook('onSend', async (_, reply, payload) =>
        typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
          ? payload.replaceAll(/<link\b[^>]*\bhref="https?:[^>]*>/g, '')
          : payload,
      )
      await scope.register(adapter.registerPlugin())
    },
    { prefix: PATH },
  )
}
