// Settings of the services, read once from the environment at the start. A service with a wrong one exits 78 before it
// touches anything.

import { z } from 'zod'
import type { Finding } from './problem.ts'

const wholeNumber = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${low} to ${high}`)
    .transform(Number)
    .pipe(z.int().min(low, `must be at least ${low}`).max(high, `must be at most ${high}`))

const path = z.string().optional()

const Environment = z.object({
  /** Address of Redis with its password; never logged. */
  DURE_REDIS_URL: z
    .string('is missing: give the address of Redis, such as redis://127.0.0.1:6379')
    .regex(/^rediss?:\/\/\S+$/, 'must be an address like redis://127.0.0.1:6379 (or rediss://…)'),
  /** Certificates of who may have signed that of a `rediss://` server, in PEM; default: those that Node trusts. */
  DURE_REDIS_CA_FILE: path,
  /** The service's own certificate and its key, in PEM, where Redis asks for one. */
  DURE_REDIS_CERT_FILE: path,
  DURE_REDIS_KEY_FILE: path,
  /** First part of every key; tests give each run its own. */
  DURE_REDIS_PREFIX: z
    .string()
    .regex(/^[\w.-]+(:[\w.-]+)*$/, 'may have letters, digits, `.`, `_`, `-` and inner `:` only')
    .default('dure'),
  /** Directory of everything that is kept outside Redis. */
  DURE_DATA: z.string().min(1, 'must not be empty').default('.dure'),
  /** Directory of the ledger's segments, the same for all who share a Redis. Absent: all of the ledger stays in Redis. */
  DURE_SEGMENTS: path,
  /** How many of the ledger's newest entries stay in Redis, where there are segments. */
  DURE_KEPT_ENTRIES: wholeNumber(100, 10_000_000).default(10_000),
  DURE_HOST: z.string().min(1, 'must not be empty').default('127.0.0.1'),
  /** 0 takes any free port. */
  DURE_PORT: wholeNumber(0, 65_535).default(8080),
  /** Host headers answered besides loopback and DURE_HOST, separated by commas. */
  DURE_ALLOWED_HOSTS: z.string().default(''),
  /** The file that names an OpenID Connect issuer whose tokens are taken beside keys (`issuer-file.ts`). */
  DURE_ISSUER_FILE: path,
  /** Requests a second that a key may make in the long run, of users who do not run the center; ten seconds of them at once. 0: no limit. */
  DURE_KEY_RATE: wholeNumber(0, 1_000_000).default(50),
  /** Center seconds per wall second. */
  DURE_SPEED: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number above 0, such as 1 or 60')
    .transform(Number)
    .pipe(z.number().positive('must be above 0').max(1_000_000, 'must be at most 1000000'))
    .default(1),
  /** Name of a preset center, or the path of a center file. */
  DURE_PRESET: z.string().min(1, 'must not be empty').default('baseline-2024'),
  DURE_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be one of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info'),
})

export interface Settings {
  readonly redisUrl: string
  /** Paths of PEM files for a `rediss://` address. */
  readonly redisCertificates: {
    readonly ca: string | undefined
    readonly cert: string | undefined
    readonly key: string | undefined
  }
  readonly redisPrefix: string
  readonly dataDirectory: string
  /** Of the ledger's segments; undefined: all of the ledger stays in Redis. */
  readonly segmentsDirectory: string | undefined
  readonly keptEntries: number
  readonly host: string
  readonly port: number
  readonly allowedHosts: readonly string[]
  readonly issuerFile: string | undefined
  /** Requests a second of one key; 0: no limit. */
  readonly keyRate: number
  readonly speed: number
  readonly preset: string
  readonly logLevel: z.output<typeof Environment>['DURE_LOG_LEVEL']
}

export type SettingsReading =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** Reads the settings; an empty variable counts as not set. Values are not repeated in findings, because a URL holds a password. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): SettingsReading {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const read = Environment.safeParse(given)
  if (!read.success) {
    const findings = read.error.issues.map((issue) => {
      const variable = String(issue.path[0])
      return { pointer: variable, code: 'setting', detail: `${variable} ${issue.message}` }
    })
    return { ok: false, findings }
  }
  const values = read.data
  return {
    ok: true,
    settings: {
      redisUrl: values.DURE_REDIS_URL,
      redisCertificates: {
        ca: values.DURE_REDIS_CA_FILE,
        cert: values.DURE_REDIS_CERT_FILE,
        key: values.DURE_REDIS_KEY_FILE,
      },
      redisPrefix: values.DURE_REDIS_PREFIX,
      dataDirectory: values.DURE_DATA,
      segmentsDirectory: values.DURE_SEGMENTS,
      keptEntries: values.DURE_KEPT_ENTRIES,
      host: values.DURE_HOST,
      port: values.DURE_PORT,
      allowedHosts: values.DURE_ALLOWED_HOSTS.split(',')
        .map((host) => host.trim())
        .filter((host) => host !== ''),
      issuerFile: values.DURE_ISSUER_FILE,
      keyRate: values.DURE_KEY_RATE,
      speed: values.DURE_SPEED,
      preset: values.DURE_PRESET,
      logLevel: values.DURE_LOG_LEVEL,
    },
  }
}
