// What anybody gets who takes jobs in over HTTP and only puts them on a queue: Fastify, the schemas of `POST /v1/jobs`, and
// BullMQ. No keys, no admission, no number that survives a crash. The yardstick of the api bench.
// Usage, as a forked process: bare-route.ts URL PREFIX. Says its address.

import { JobAccepted, SubmitJob } from '@dure/contract'
import { bullPrefix, connectPrompt } from '@dure/engine'
import { Queue } from 'bullmq'
import Fastify from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'

const [url = '', prefix = ''] = process.argv.slice(2)
const settings = { url, prefix }
const queue = new Queue('bare', { connection: await connectPrompt(settings, 'bare'), prefix: bullPrefix(settings) })
let taken = 0

const server = Fastify()
server.setValidatorCompiler(validatorCompiler)
server.setSerializerCompiler(serializerCompiler)
server
  .withTypeProvider<ZodTypeProvider>()
  .post('/v1/jobs', { schema: { body: SubmitJob, response: { 202: JobAccepted } } }, async (request, reply) => {
    const id = ++taken
    await queue.add('submit', request.body)
    const self = `/v1/jobs/${id}`
    return reply.code(202).send({ id, state: 'accepted', links: { self, explain: `${self}/explain` } })
  })
process.send?.(await server.listen({ host: '127.0.0.1', port: 0 }))
process.once('SIGTERM', () => process.exit())
process.once('disconnect', () => process.exit())
