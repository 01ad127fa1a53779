// Who may do what. Every route says which roles it is for, or that it is public; one that says nothing answers nobody.

import type { Role, SubmitJob } from '@dure/contract'
import type { CenterConfig } from '@dure/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller, KeyRing } from './keys.ts'
import type { RequestRates } from './request-rates.ts'
import type { Room } from './room.ts'
import { looksLikeToken, type Tokens } from './tokens.ts'
import { Trouble } from './trouble.ts'

export type Access = 'public' | readonly Role[]

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyInstance {
    /** Of routes in this scope that say nothing themselves. */
    scopeAccess?: Access
  }
  interface FastifyRequest {
    caller: Caller | null
  }
}

export const everyone: readonly Role[] = ['researcher', 'planner', 'operator', 'administrator', 'auditor']
export const submitters: readonly Role[] = ['researcher', 'planner', 'operator', 'administrator']
export const planners: readonly Role[] = ['planner', 'operator', 'administrator']
export const studyReaders: readonly Role[] = [...planners, 'auditor']
export const operators: readonly Role[] = ['operator', 'administrator']
export const administrators: readonly Role[] = ['administrator']
export const keyReaders: readonly Role[] = ['administrator', 'auditor']

export const SESSION_COOKIE = 'dure_session'

const BEARER = /^Bearer +(\S+)$/i
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The caller of a route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.url} asked for its caller, but is public`)
  return request.caller
}

export interface Guard {
  readonly keys: KeyRing
  /** Of an issuer that signs tokens beside our keys. */
  readonly tokens?: Tokens | undefined
  readonly rates: RequestRates
  readonly room: Pick<Room, 'assertForRequest'>
}

export interface GuardedRoute {
  readonly method: string
  readonly url: string
  readonly access: Access
}

/**
 * Guards every route that is registered from now on. One that does not say whom it is for is refused where it is registered, so that
 * the API does not start. Answers the list of routes, which grows as they come.
 */
export function guardRoutes(app: FastifyInstance, { keys, tokens, rates, room }: Guard): readonly GuardedRoute[] {
  app.decorateRequest('caller', null)
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return
    const { access } = request.routeOptions.config
    if (access === 'public') return
    const caller = await recognize(request, keys, tokens)
    request.caller = caller
    reply.header('cache-control', 'no-store')
    // Whoever runs the center must get through when others are too many.
    if (!operates(caller)) {
      assertWithinRate(caller, rates)
      room.assertForRequest()
    }
    if (access?.includes(caller.role)) return
    const roles = (access ?? []).join(', ')
    throw new Trouble('ERR_ROLE', {
      detail: {
        ko: `이 작업은 ${roles} 역할만 할 수 있습니다. 지금 역할은 ${caller.role}입니다.`,
        en: `This takes the role ${roles.replaceAll(', ', ' or ')}; yours is ${caller.role}.`,
      },
    })
  })
  const routes: GuardedRoute[] = []
  app.addHook('onRoute', function (route) {
    const access = route.config?.access ?? this.scopeAccess
    const methods = [route.method].flat()
    if (access === undefined) {
      throw new Error(
        `${methods.join(', ')} ${route.url} does not say whom it is for: give it a config with \`access\``,
      )
    }
    route.config = { ...route.config, access }
    for (const method of methods) routes.push({ method, url: route.url, access })
  })
  return routes
}

function assertWithinRate({ keyId }: Caller, rates: RequestRates): void {
  const waitMs = rates.waitMs(keyId)
  if (waitMs === 0) return
  const { perSecond, burst } = rates
  throw new Trouble('ERR_RATE_LIMITED', {
    retryAfterS: Math.ceil(waitMs / 1000),
    detail: {
      ko: `키 하나로 1초에 ${perSecond}번, 한꺼번에는 ${burst}번까지 요청할 수 있습니다.`,
      en: `One key may make ${perSecond} requests a second, and ${burst} at once.`,
    },
  })
}

/** Gives every route that a plugin registers in this scope the same access. */
export function declareAccess(scope: FastifyInstance, access: Access): void {
  scope.scopeAccess = access
}

async function recognize(request: FastifyRequest, keys: KeyRing, tokens: Tokens | undefined): Promise<Caller> {
  const { authorization } = request.headers
  const session = authorization === undefined ? request.cookies[SESSION_COOKIE] : undefined
  if (authorization === undefined && session === undefined) throw new Trouble('ERR_NO_KEY')
  const token = authorization === undefined ? session : BEARER.exec(authorization)?.[1]
  if (token === undefined) throw new Trouble('ERR_BAD_KEY')
  if (session !== undefined) assertSameOrigin(request)
  else if (tokens !== undefined && looksLikeToken(token)) return tokens.recognize(token)
  const found = session === undefined ? await keys.recognize(token) : await keys.recognizeSession(token)
  if (found.kind === 'caller') return found.caller
  // A session that has ended is no key that is wrong: whoever it was has to sign in again.
  if (session !== undefined) throw new Trouble('ERR_NO_KEY')
  throw new Trouble(found.kind === 'expired' ? 'ERR_KEY_EXPIRED' : 'ERR_BAD_KEY')
}

/** A cookie travels with whatever a page of another site sends; what such a page cannot choose is the Origin. */
function assertSameOrigin(request: FastifyRequest): void {
  if (SAFE_METHODS.has(request.method)) return
  const { origin, host } = request.headers
  const from = origin === undefined || !URL.canParse(origin) ? undefined : new URL(origin).host
  if (from !== undefined && from === host) return
  throw new Trouble('ERR_FOREIGN_ORIGIN', {
    detail: {
      ko: `쿠키로 하는 변경은 같은 사이트(${host})에서만 할 수 있습니다. Origin: ${origin ?? '없음'}.`,
      en: `Changes by cookie are taken from ${host} only; the Origin is ${origin ?? 'missing'}.`,
    },
  })
}

// What a caller may see and touch.

/** Accounts of each user. Built once a configuration, which never changes while a center runs. */
const accountsOfUsers = new WeakMap<CenterConfig, ReadonlyMap<string, ReadonlySet<string>>>()

function accountsOf(config: CenterConfig, user: string): ReadonlySet<string> {
  let users = accountsOfUsers.get(config)
  if (users === undefined) {
    const built = new Map<string, Set<string>>()
    for (const { account, user: member } of config.associations) {
      const accounts = built.get(member)
      if (accounts === undefined) built.set(member, new Set([account]))
      else accounts.add(account)
    }
    accountsOfUsers.set(config, built)
    users = built
  }
  return users.get(user) ?? new Set()
}

export const seesEverything = ({ role }: Caller): boolean =>
  role === 'operator' || role === 'administrator' || role === 'auditor'

export const operates = ({ role }: Caller): boolean => role === 'operator' || role === 'administrator'

/** Accounts a caller speaks for: those of the user, as far as a token names them. */
export function accountsOfCaller({ user, accounts }: Caller, config: CenterConfig): ReadonlySet<string> {
  const own = accountsOf(config, user)
  return accounts === undefined ? own : own.intersection(accounts)
}

/** Accounts whose jobs a caller may see; undefined: all. */
export const visibleAccounts = (caller: Caller, config: CenterConfig): ReadonlySet<string> | undefined =>
  seesEverything(caller) ? undefined : accountsOfCaller(caller, config)

/** Somebody else's job is not there: its number must not tell that it exists. */
export function maySee(caller: Caller, config: CenterConfig, job: { account: string; user: string }): boolean {
  if (seesEverything(caller) || accountsOfCaller(caller, config).has(job.account)) return true
  return job.user === caller.user && caller.accounts === undefined
}

/** A submit as the caller may make it: a token that names accounts charges no others. */
export function withinAccounts(job: SubmitJob, caller: Caller, config: CenterConfig): SubmitJob {
  if (caller.accounts === undefined || (job.user !== undefined && job.user !== caller.user)) return job
  const accounts = [...accountsOfCaller(caller, config)]
  if (job.account === undefined ? accounts.length > 1 : accounts.includes(job.account)) return job
  const [account] = accounts
  if (job.account === undefined && account !== undefined) return { ...job, account }
  const named = accounts.join(', ')
  throw new Trouble('ERR_UNKNOWN_ACCOUNT', {
    detail: {
      ko: `이 토큰으로 쓸 수 있는 계정: ${named || '없음'}.`,
      en: `This token speaks for these accounts: ${named || 'none'}.`,
    },
  })
}
