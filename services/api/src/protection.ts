// What protects browsers: which hosts are answered, and which sources a page may draw on.

import { isIP } from 'node:net'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import { Trouble } from './trouble.ts'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Name in a Host header, without its port. */
const nameIn = (host: string): string => host.replace(/:\d+$/, '').toLowerCase()

/**
 * Refuses a Host that is not ours: a page of another site whose name was made to point here would be of the same origin
 * as we are, in the eyes of a browser.
 */
export function refuseForeignHosts(app: FastifyInstance, own: readonly string[]): void {
  const names = new Set([...LOOPBACK, ...own.map((host) => (isIP(host) === 6 ? `[${host}]` : host).toLowerCase())])
  app.addHook('onRequest', ({ headers: { host } }, _, done) => {
    const isOurs = host !== undefined && names.has(nameIn(host))
    done(isOurs ? undefined : new Trouble('ERR_HOST_NOT_ALLOWED'))
  })
}

const base = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'connect-src': ["'self'"],
  'font-src': ["'self'", 'data:'],
  'img-src': ["'self'", 'data:'],
  'manifest-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
} as const

type Policy = Readonly<Record<string, readonly string[]>>

const written = (policy: Policy): string =>
  Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
    .join('; ')

/** Pages that write styles into themselves, which ours do not; `scripts` are hashes of scripts in the page. */
export const looserPolicy = (changes: Policy): string =>
  written({ ...base, 'style-src': ["'self'", "'unsafe-inline'"], ...changes })

export async function protectBrowsers(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: false,
    // Spoken on loopback without TLS; a proxy that adds TLS says this itself.
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
  })
  const policy = written(base)
  app.addHook('onRequest', (_, reply, done) => {
    reply.header('content-security-policy', policy)
    done()
  })
}
