// Signing in with a browser: a one-time link opens a session, whose cookie no script can read. The link holds a code that
// is worth nothing once it has been used; no key ever stands in an address.

import { SignInLink } from '@dure/contract'
import { z } from 'zod'
import { callerOf, everyone, SESSION_COOKIE } from '../access.ts'
import type { Api } from '../api.ts'
import { type KeyRing, SESSION_LIFE_MS } from '../keys.ts'
import { answers } from '../openapi.ts'
import { Trouble } from '../trouble.ts'

const SignInQuery = z.strictObject({ code: z.string().max(200).default('') })

/** A page of its own rather than a redirect: a strict cookie would not travel with one that another site's link began. */
const SIGNED_IN_PAGE = `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><title>Dure</title></head>
<body><p>로그인했습니다. <a href="/">콘솔로 이동</a></p><p lang="en">Signed in. <a href="/">Go to the console</a></p></body></html>
`

const LINK_USED_PAGE = `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><title>Dure</title></head>
<body><p>로그인 링크가 이미 쓰였거나 만료되었습니다. <code>npx dure sign-in</code>으로 새 링크를 만드십시오.</p>
<p lang="en">This sign-in link was used already or has expired. Get a new one with <code>npx dure sign-in</code>.</p></body></html>
`

export const signInUrl = (base: string, code: string): string => `${base}/sign-in?code=${code}`

export function signInRoutes(app: Api, keys: KeyRing): void {
  app.get(
    '/sign-in',
    { config: { access: 'public' }, exposeHeadRoute: false, schema: { hide: true, querystring: SignInQuery } },
    async (request, reply) => {
      const token = await keys.openSession(request.query.code)
      reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      const isBrowser = request.headers.accept?.includes('text/html') ?? false
      if (token === undefined) {
        if (!isBrowser) throw new Trouble('ERR_SIGN_IN_LINK')
        return reply.code(401).type('text/html; charset=utf-8').send(LINK_USED_PAGE)
      }
      return reply
        .setCookie(SESSION_COOKIE, token, {
          path: '/',
          httpOnly: true,
          sameSite: 'strict',
          secure: request.protocol === 'https',
          maxAge: SESSION_LIFE_MS / 1000,
        })
        .type('text/html; charset=utf-8')
        .send(SIGNED_IN_PAGE)
    },
  )

  app.post(
    '/v1/sign-in-links',
    {
      config: { access: everyone },
      schema: {
        operationId: 'createSignInLink',
        summary: 'A one-time link that signs a browser in as the holder of this key',
        tags: ['keys'],
        response: answers(201, SignInLink),
      },
    },
    async (request, reply) => {
      const { keyId, via } = callerOf(request)
      // A session is as good as its key is; a token has an end of its own and cannot be taken back.
      if (via === 'token') throw new Trouble('ERR_KEY_NEEDED')
      const { code, expiresAtMs } = await keys.signInCode(keyId)
      reply.header('cache-control', 'no-store')
      const base = `${request.protocol}://${request.host}`
      return reply.code(201).send({ url: signInUrl(base, code), expires_at_ms: expiresAtMs })
    },
  )

  app.post(
    '/v1/sign-out',
    {
      config: { access: everyone },
      schema: { operationId: 'signOut', summary: 'End this browser’s session', tags: ['keys'] },
    },
    async (request, reply) => {
      const token = request.cookies[SESSION_COOKIE]
      if (token !== undefined) await keys.closeSession(token)
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send()
    },
  )
}
