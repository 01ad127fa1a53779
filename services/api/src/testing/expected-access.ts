// Who may do what, written down once more by hand. The tests hold the API to it; a route that is added has to be added here.

import { Role } from '@dure/contract'

const everyone = Role.options
const planners: readonly Role[] = ['planner', 'operator', 'administrator']
const submitters = everyone.filter((role) => role !== 'auditor')
const operators: readonly Role[] = ['operator', 'administrator']

export interface ExpectedAccess {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** As the OpenAPI document writes it. */
  readonly url: string
  readonly roles: readonly Role[] | 'public'
}

const row = (method: ExpectedAccess['method'], url: string, roles: ExpectedAccess['roles']): ExpectedAccess => ({
  method,
  url,
  roles,
})

/** The documented interface. */
export const expectedAccess: readonly ExpectedAccess[] = [
  row('POST', '/v1/jobs', submitters),
  row('GET', '/v1/jobs', everyone),
  row('GET', '/v1/jobs/{id}', everyone),
  row('GET', '/v1/jobs/{id}/explain', everyone),
  row('DELETE', '/v1/jobs/{id}', submitters),
  row('POST', '/v1/jobs/{id}/hold', submitters),
  row('POST', '/v1/jobs/{id}/release', submitters),
  row('GET', '/v1/overview', everyone),
  row('GET', '/v1/pools', everyone),
  row('GET', '/v1/nodes', everyone),
  row('POST', '/v1/nodes/{id}/drain', operators),
  row('POST', '/v1/nodes/{id}/resume', operators),
  row('POST', '/v1/power-cap', operators),
  row('GET', '/v1/accounts', everyone),
  row('POST', '/v1/studies', planners),
  row('GET', '/v1/studies', [...planners, 'auditor']),
  row('GET', '/v1/studies/{id}', [...planners, 'auditor']),
  row('DELETE', '/v1/studies/{id}', planners),
  row('GET', '/v1/studies/{id}/results', [...planners, 'auditor']),
  row('GET', '/v1/studies/{id}/report', [...planners, 'auditor']),
  row('GET', '/v1/me', everyone),
  row('GET', '/v1/events', everyone),
  row('POST', '/v1/keys', ['administrator']),
  row('GET', '/v1/keys', ['administrator', 'auditor']),
  row('POST', '/v1/keys/{id}/rotate', ['administrator']),
  row('DELETE', '/v1/keys/{id}', ['administrator']),
  row('GET', '/v1/audit', ['administrator', 'auditor']),
  row('POST', '/v1/sign-in-links', everyone),
  row('POST', '/v1/sign-out', everyone),
  row('GET', '/livez', 'public'),
  row('GET', '/readyz', 'public'),
  row('GET', '/version', 'public'),
]

/** What is answered besides, for browsers and machines: method and address as registered. */
export const undocumented: Readonly<Record<string, readonly Role[] | 'public'>> = {
  'GET /': 'public',
  'GET /docs': 'public',
  'GET /docs/': 'public',
  'GET /docs/js/scalar.js': 'public',
  'GET /metrics': 'public',
  'GET /openapi.json': 'public',
  'GET /sign-in': 'public',
}
