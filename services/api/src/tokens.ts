// Bearer tokens of an OpenID Connect issuer, beside our own keys. A token is checked here and now by the issuer's public keys, and says
// whose it is and what they may do; nothing of it is kept. Cost: one signature, some 0.1 ms.

import { type Bilingual, type IssuerFile, Name, type Role } from '@dure/contract'
import {
  createRemoteJWKSet,
  customFetch,
  type JWTPayload,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
} from 'jose'
import type { Caller } from './keys.ts'
import { Trouble } from './trouble.ts'

/** How old the issuer's keys may become before they are fetched anew, beside the requests that use them: so long a key that it has withdrawn may still count. */
const KEYS_AGE_MS = 600_000
/** How old they may become while the issuer cannot be reached. Then tokens are refused. */
const KEYS_AGE_MS_MAX = 86_400_000
/** An unknown key id makes us ask for new keys no more often than this, whoever sends them. */
const ASK_AGAIN_MS = 30_000
/** After an attempt that failed, none is made for so long. */
const FAILED_MS = 5000
const FETCH_MS_MAX = 3000
const KEYS_BYTES_MAX = 256 * 1024

/** Header, claims and signature. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/
const TOKEN_LENGTH_MAX = 8192

export interface Tokens {
  /** Whose token it is. Throws `Trouble`. */
  recognize(token: string): Promise<Caller>
}

/** Whether a bearer's credential is meant to be a token rather than a key. */
export const looksLikeToken = (text: string): boolean => text.length <= TOKEN_LENGTH_MAX && TOKEN.test(text)

interface TokenOptions {
  /** Wall time since 1970. */
  readonly nowMs: () => number
  /** Hears why the issuer's keys could not be had. */
  readonly warn: (error: unknown, what: string) => void
  readonly keysAgeMs?: number
  readonly askAgainMs?: number
}

export function issuerTokens(issuer: IssuerFile, options: TokenOptions): Tokens {
  const { nowMs } = options
  const keys = issuerKeys(new URL(issuer.jwks), options)

  async function claimsOf(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: issuer.issuer,
        audience: issuer.audience,
        algorithms: issuer.algorithms,
        clockTolerance: issuer.clock_tolerance_s,
        maxTokenAge: issuer.age_max_s,
        requiredClaims: ['exp', 'iat'],
        currentDate: new Date(nowMs()),
      })
      return payload
    } catch (cause) {
      if (cause instanceof Trouble) throw cause
      if (cause instanceof joseErrors.JWTExpired) throw new Trouble('ERR_TOKEN_EXPIRED', { cause })
      throw refusal(whyNot(cause), cause)
    }
  }

  return {
    recognize: async (token) => {
      const claims = await claimsOf(token)
      const user = Name.safeParse(claimAt(claims, issuer.user))
      if (!user.success) throw refusal(noUser(issuer.user))
      const role = roleOf(claims, issuer)
      if (role === undefined) throw new Trouble('ERR_NO_ROLE')
      return {
        user: user.data,
        role,
        keyId: `token:${user.data}`,
        via: 'token',
        ...(issuer.accounts !== undefined && { accounts: accountsIn(claims, issuer.accounts) }),
      }
    },
  }
}

/** The issuer's public keys: fetched when first needed, renewed beside the requests, kept through an outage. */
function issuerKeys(
  url: URL,
  { warn, keysAgeMs = KEYS_AGE_MS, askAgainMs = ASK_AGAIN_MS }: TokenOptions,
): JWTVerifyGetKey {
  let askedMs = Number.NEGATIVE_INFINITY
  let failedMs = Number.NEGATIVE_INFINITY
  const remote = createRemoteJWKSet(url, {
    cacheMaxAge: KEYS_AGE_MS_MAX,
    cooldownDuration: askAgainMs,
    timeoutDuration: FETCH_MS_MAX,
    [customFetch]: async (address, init) => {
      askedMs = performance.now()
      if (askedMs - failedMs < FAILED_MS) throw new Error('the last attempt failed a moment ago')
      try {
        return await bounded(await fetch(address, init))
      } catch (error) {
        failedMs = askedMs
        throw error
      }
    },
  })
  return async (header, token) => {
    if (remote.jwks() !== undefined && performance.now() - askedMs > keysAgeMs && !remote.reloading)
      remote.reload().catch((error) => warn(error, 'the keys of the issuer were not renewed; the old ones are kept'))
    try {
      return await remote(header, token)
    } catch (cause) {
      const isOurs =
        cause instanceof joseErrors.JWKSNoMatchingKey || cause instanceof joseErrors.JWKSMultipleMatchingKeys
      if (isOurs || cause instanceof joseErrors.JOSENotSupported) throw cause
      warn(cause, 'the keys of the issuer could not be fetched')
      throw new Trouble('ERR_ISSUER_UNAVAILABLE', { retryAfterS: FAILED_MS / 1000, cause })
    }
  }
}

/** The whole answer, if it is one of a sensible size. */
async function bounded(response: Response): Promise<Response> {
  if (response.status !== 200) throw new Error(`the issuer answered ${response.status} for its keys`)
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > KEYS_BYTES_MAX) throw new Error(`the issuer's keys are more than ${KEYS_BYTES_MAX} bytes`)
    parts.push(part)
  }
  return new Response(Buffer.concat(parts), { status: 200 })
}

const refusal = (why: Bilingual, cause?: unknown): Trouble =>
  new Trouble('ERR_BAD_TOKEN', {
    detail: { ko: `토큰이 거부되었습니다: ${why.ko}.`, en: `The token was refused: ${why.en}.` },
    cause,
  })

const noUser = (claim: string): Bilingual => ({
  ko: `${claim} 항목이 사용자 이름이 아닙니다`,
  en: `its ${claim} is not the name of a user`,
})

/** In words of ours: what a library says may repeat what was sent. */
function whyNot(error: unknown): Bilingual {
  if (error instanceof joseErrors.JWTClaimValidationFailed) {
    const { claim } = error
    return error.reason === 'missing'
      ? { ko: `${claim} 항목이 없습니다`, en: `it has no ${claim}` }
      : { ko: `${claim} 값이 여기에서 기대하는 값이 아닙니다`, en: `its ${claim} is not the one expected here` }
  }
  if (error instanceof joseErrors.JOSEAlgNotAllowed)
    return { ko: '허용되지 않은 방식으로 서명되었습니다', en: 'it is signed in a way that is not taken here' }
  if (error instanceof joseErrors.JWKSNoMatchingKey)
    return { ko: '발급자에게 없는 키로 서명되었습니다', en: 'it is signed with a key that its issuer does not have' }
  if (error instanceof joseErrors.JWSSignatureVerificationFailed)
    return { ko: '서명이 틀렸습니다', en: 'its signature is wrong' }
  return { ko: '형식이 올바르지 않습니다', en: 'it is not well formed' }
}

/** A claim by its name; or, where there is none of that name, by names within names. */
function claimAt(claims: JWTPayload, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

const textsIn = (claim: unknown): string[] => [claim].flat().filter((value) => typeof value === 'string')

function roleOf(claims: JWTPayload, { roles, default_role }: IssuerFile): Role | undefined {
  return roles.find(({ claim, has }) => textsIn(claimAt(claims, claim)).includes(has))?.role ?? default_role
}

function accountsIn(claims: JWTPayload, { claim, prefix }: NonNullable<IssuerFile['accounts']>): Set<string> {
  const named = textsIn(claimAt(claims, claim)).filter((text) => text.startsWith(prefix))
  return new Set(named.map((text) => text.slice(prefix.length)))
}
