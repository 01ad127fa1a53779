// The Fastify instance as the routes see it: typed by their zod schemas.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers carry an ETag, and 304 where the asker has it already. */
    tagged?: boolean
  }
  interface FastifyRequest {
    /** The job a request is about, for its line in the log. */
    jobId: number | null
  }
}

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>
