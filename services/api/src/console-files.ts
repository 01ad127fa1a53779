// The console's built page. It holds no data: whoever opens it still has to sign in.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { declareAccess } from './access.ts'

const NOT_BUILT_PAGE = `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><title>Dure</title></head>
<body><p>콘솔이 아직 빌드되지 않았습니다. <code>npm run build:console</code> 후 다시 시작하십시오. <a href="/docs/">API 문서</a></p>
<p lang="en">The console is not built yet: run <code>npm run build:console</code> and start again. <a href="/docs/">API reference</a></p></body></html>
`

/** `directory`: where the build has put it; without one, a page says what to do. */
export async function serveConsole(app: FastifyInstance, directory: string): Promise<void> {
  await app.register(async (scope) => {
    declareAccess(scope, 'public')
    if (!existsSync(join(directory, 'index.html'))) {
      scope.get('/', { schema: { hide: true } }, async (_, reply) =>
        reply.type('text/html; charset=utf-8').send(NOT_BUILT_PAGE),
      )
      return
    }
    await scope.register(staticFiles, {
      root: directory,
      // A route for each file, so that everything else is answered as an unknown address.
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Names of assets carry a hash of their content.
        const isHashed = path.includes('/assets/')
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  })
}
