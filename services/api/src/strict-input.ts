// What a route of the interface does not ask for it does not take: without a schema of its own for the query or the body there must be
// none. Otherwise a field that somebody misspells, or hopes for, would be passed over in silence.

import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

const Nothing = z.strictObject({})
const NoBody = Nothing.nullish()

/** Before the routes, and before what describes them. */
export function refuseUndeclaredInput(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/v1/')) return
    const takesBody = [route.method].flat().some((method) => method === 'POST' || method === 'DELETE')
    route.schema = { querystring: Nothing, ...(takesBody && { body: NoBody }), ...route.schema }
  })
}
