// A Redis that is reached over TLS and asks its clients for a certificate, with an authority that nobody else knows.

import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisSettingsOf } from '../service.ts'
import { type PrivateRedis, startPrivateRedis } from '../testing/index.ts'
import { checkRedis } from './connect.ts'
import { redisPorts } from './index.ts'

let folder: string
let server: PrivateRedis
let url: string
const at = (name: string): string => join(folder, name)
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore', cwd: folder })

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

beforeAll(async () => {
  if (!hasOpenssl) return
  folder = mkdtempSync(join(tmpdir(), 'dure-tls-'))
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority')
  for (const name of ['server', 'client']) {
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=IP:127.0.0.1']
    openssl(
      'req',
      '-x509',
      ...curve,
      ...signed,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      `/CN=${name}`,
    )
  }
  const port = await freePort()
  server = await startPrivateRedis({
    args: [
      ...['--tls-port', String(port), '--tls-auth-clients', 'yes', '--tls-ca-cert-file', at('ca.pem')],
      ...['--tls-cert-file', at('server.pem'), '--tls-key-file', at('server.key')],
    ],
  })
  url = `rediss://127.0.0.1:${port}`
})
afterAll(async () => {
  await server?.stop()
  if (hasOpenssl) rmSync(folder, { recursive: true, force: true })
})

const settings = (files: { ca?: string; cert?: string; key?: string }, redisUrl = url) =>
  redisSettingsOf({
    redisUrl,
    redisPrefix: 'tls',
    redisCertificates: { ca: files.ca, cert: files.cert, key: files.key },
  })

describe.skipIf(!hasOpenssl)('a Redis over TLS', () => {
  it('serves every port to who shows a certificate and knows the authority', async () => {
    const whole = settings({ ca: at('ca.pem'), cert: at('client.pem'), key: at('client.key') })
    expect(whole).toEqual({
      url,
      prefix: 'tls:',
      tls: {
        ca: readFileSync(at('ca.pem'), 'utf8'),
        cert: readFileSync(at('client.pem'), 'utf8'),
        key: readFileSync(at('client.key'), 'utf8'),
      },
    })
    expect(await checkRedis(whole)).toMatchObject({ appendfsync: 'always' })
    const ports = await redisPorts(whole, 'tls')
    await ports.commands.send({ id: 'c1', command: { type: 'cancel', job: 1 } })
    expect(await ports.commands.backlog()).toEqual({ waiting: 1, active: 0 })
    await ports.close()
  })

  it('is refused where its authority is not known, and refuses who shows nothing', async () => {
    await expect(checkRedis(settings({ cert: at('client.pem'), key: at('client.key') }))).rejects.toMatchObject({
      code: 'ERR_REDIS_UNREACHABLE',
    })
    await expect(checkRedis(settings({ ca: at('ca.pem') }))).rejects.toMatchObject({ code: 'ERR_REDIS_UNREACHABLE' })
  })

  it('is named with its settings when they make no sense', () => {
    expect(() => settings({ ca: at('ca.pem') }, server.url)).toThrow('DURE_REDIS_CA_FILE is for TLS only')
    expect(() => settings({ ca: at('nothing.pem') })).toThrow(/DURE_REDIS_CA_FILE: .*nothing\.pem cannot be read/)
  })
})
