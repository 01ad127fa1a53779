// Who signs bearer tokens besides us, as a YAML or JSON file: one OpenID Connect issuer, how its tokens are checked, and what a claim in
// them makes of somebody here. Nothing is looked up: what the issuer's discovery document says is written down, so that nobody who
// can answer for its address for a moment can move the keys elsewhere.

import { z } from 'zod'
import { findingsOf } from './findings.ts'
import { Role } from './http/service.ts'
import type { Finding } from './problem.ts'
import { readYaml, withLines } from './yaml-source.ts'

/** Only signatures that a public key checks: whoever can check one of the others can make it, too. */
export const tokenAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

/** The name of a claim, or names of claims within claims with dots between: `realm_access.roles`. */
const Claim = z.string().min(1).max(200)

const isTrustworthy = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.username !== '' || url.password !== '') return false
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
  )
}

export const IssuerFile = z.strictObject({
  /** As `iss` has it, to the letter. */
  issuer: z.string().min(1).max(500),
  /** What `aud` must be or contain. */
  audience: z.string().min(1).max(500),
  /** Where the issuer's public keys are. */
  jwks: z
    .string()
    .max(500)
    .refine(isTrustworthy, 'must be an https address without a user or password (http only on loopback)'),
  algorithms: z.array(z.enum(tokenAlgorithms)).min(1).default(['RS256', 'ES256']),
  /** The claim that is the user's name here. Take one that nobody can choose for themselves. */
  user: Claim.default('sub'),
  /** In this order; the first that fits decides. */
  roles: z
    .array(
      z.strictObject({
        claim: Claim,
        /** The claim is this, or is a list with this in it. */
        has: z.string().min(1).max(500),
        role: Role,
      }),
    )
    .max(100)
    .default([]),
  /** Of users whom no line of `roles` fits; without it they are not let in. */
  default_role: Role.optional(),
  /** A claim with the accounts a token speaks for: of the user's accounts only these. Without it all of them. */
  accounts: z
    .strictObject({
      claim: Claim,
      /** Before each account's name; what begins otherwise is something else. */
      prefix: z.string().max(200).default(''),
    })
    .optional(),
  /** How far the clocks of issuer and center may be apart. */
  clock_tolerance_s: z.int().min(0).max(300).default(30),
  /** A token is taken no longer than this after it was issued, whatever it says itself. */
  age_max_s: z.int().min(60).max(86_400).default(43_200),
})
export type IssuerFile = z.output<typeof IssuerFile>

export type IssuerReading =
  | { readonly ok: true; readonly issuer: IssuerFile }
  | { readonly ok: false; readonly findings: readonly Finding[] }

export function readIssuerFile(text: string): IssuerReading {
  const yaml = readYaml(text)
  if (!yaml.ok) return yaml
  const read = IssuerFile.safeParse(yaml.source.value)
  if (read.success) return { ok: true, issuer: read.data }
  const findings = findingsOf(read.error.issues, yaml.source.value, Object.keys(IssuerFile.shape))
  return { ok: false, findings: withLines(findings, yaml.source) }
}
