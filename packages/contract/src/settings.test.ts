import { expect, it } from 'vitest'
import { readSettings } from './settings.ts'

const redis = { DURE_REDIS_URL: 'redis://:secret@127.0.0.1:6379' }

it('fills in what is not set, and counts empty as not set', () => {
  expect(readSettings({ ...redis, DURE_PORT: '', PATH: '/bin' })).toEqual({
    ok: true,
    settings: {
      redisUrl: 'redis://:secret@127.0.0.1:6379',
      redisCertificates: { ca: undefined, cert: undefined, key: undefined },
      redisPrefix: 'dure',
      dataDirectory: '.dure',
      segmentsDirectory: undefined,
      keptEntries: 10_000,
      host: '127.0.0.1',
      port: 8080,
      allowedHosts: [],
      issuerFile: undefined,
      keyRate: 50,
      speed: 1,
      preset: 'baseline-2024',
      logLevel: 'info',
    },
  })
})

it('reads numbers and lists', () => {
  const read = readSettings({ ...redis, DURE_PORT: '0', DURE_SPEED: '0.5', DURE_ALLOWED_HOSTS: 'a.kr, b.kr:8080' })
  expect(read).toMatchObject({ ok: true, settings: { port: 0, speed: 0.5, allowedHosts: ['a.kr', 'b.kr:8080'] } })
})

it.each([
  [{}, 'DURE_REDIS_URL is missing: give the address of Redis, such as redis://127.0.0.1:6379'],
  [
    { DURE_REDIS_URL: 'localhost:6379' },
    'DURE_REDIS_URL must be an address like redis://127.0.0.1:6379 (or rediss://…)',
  ],
  [{ ...redis, DURE_PORT: '80a' }, 'DURE_PORT must be a whole number from 0 to 65535'],
  [{ ...redis, DURE_PORT: '70000' }, 'DURE_PORT must be at most 65535'],
  [{ ...redis, DURE_KEPT_ENTRIES: '99' }, 'DURE_KEPT_ENTRIES must be at least 100'],
  [{ ...redis, DURE_KEY_RATE: 'many' }, 'DURE_KEY_RATE must be a whole number from 0 to 1000000'],
  [{ ...redis, DURE_SPEED: 'fast' }, 'DURE_SPEED must be a number above 0, such as 1 or 60'],
  [{ ...redis, DURE_SPEED: '0' }, 'DURE_SPEED must be above 0'],
  [
    { ...redis, DURE_LOG_LEVEL: 'loud' },
    'DURE_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent',
  ],
])('%j', (environment, detail) => {
  const read = readSettings(environment)
  expect(read.ok ? [] : read.findings.map((finding) => finding.detail)).toEqual([detail])
})

it('never repeats a value, which may be a password', () => {
  expect(JSON.stringify(readSettings({ DURE_REDIS_URL: 'hunter2' }))).not.toContain('hunter2')
})
