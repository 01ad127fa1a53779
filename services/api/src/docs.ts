// The OpenAPI document, made from the routes' own schemas, and a page to try them on. Served from here alone: no CDN.

import { createHash } from 'node:crypto'
import swagger from '@fastify/swagger'
import reference from '@scalar/fastify-api-reference'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { declareAccess } from './access.ts'
import { looserPolicy } from './protection.ts'

/** Before the routes: it watches them being registered. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Dure',
        version,
        description:
          'The scheduler of a national AI computing center. Times are integer milliseconds on the center’s own clock. Every error is `application/problem+json` with a stable `code` and what to do next.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'jobs', description: 'Submit, look at, hold and cancel jobs; ask why one waits' },
        { name: 'center', description: 'Pools, nodes, accounts, and all of it at a glance' },
        { name: 'events', description: 'What happens, as it happens' },
        { name: 'keys', description: 'Keys, signing in, and who used the rights of an operator' },
        { name: 'service', description: 'The service about itself' },
      ],
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A key of the form `dure_<id>_<secret>`, or a token (JWT) of the identity provider that the center trusts',
          },
        },
      },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
  })
}

export async function serveDocs(app: FastifyInstance): Promise<void> {
  app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () => app.swagger())
  await app.register(async (scope) => {
    declareAccess(scope, 'public')
    scope.addHook('onSend', async (_, reply, payload) => {
      if (typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')) {
        const scripts = [...payload.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
          ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
        )
        reply.header(
          'content-security-policy',
          looserPolicy({ 'script-src': ["'self'", ...scripts], 'worker-src': ["'self'", 'blob:'] }),
        )
      }
      return payload
    })
    await scope.register(reference, {
      routePrefix: '/docs',
      configuration: {
        url: '/openapi.json',
        pageTitle: 'Dure API',
        withDefaultFonts: false,
        // Whatever would talk to somebody else's service.
        telemetry: false,
        agent: { disabled: true },
        mcp: { disabled: true },
        hideClientButton: true,
        showDeveloperTools: 'never',
      },
    })
  })
}
