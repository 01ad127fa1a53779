// What the set-up does on machines that this one is not: PATH holds a few small scripts in place of the package manager
// and of the server it brings.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandPath } from './command-path.ts'
import { runQuietly } from './quiet-command.mjs'
import { ensureRedisServer, isRecentRedis } from './redis-server.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dure-setup-'))
  // Scripts need a shell and a few tools, but none of the machine's servers and package managers.
  for (const tool of ['sh', 'cat', 'chmod', 'rm'])
    symlinkSync(commandPath([tool], process.env) as string, join(folder, tool))
})
afterEach(() => rmSync(folder, { recursive: true }))

function program(name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`)
  chmodSync(join(folder, name), 0o755)
}

const isRoot = process.getuid?.() === 0
const refusalOf = (env: NodeJS.ProcessEnv = {}) =>
  ensureRedisServer({ PATH: folder, ...env }).then(
    () => 'none',
    (error) => `${error.exitCode} ${error.message}`,
  )
const serverOfVersion = (version: string) => `echo "Redis server v=${version} sha=00000000:0 malloc=jemalloc bits=64"`

describe('a Redis server', () => {
  it('is taken from PATH, under either name', async () => {
    program('valkey-server', 'echo "Valkey server v=8.1.4 sha=00000000:0"')
    expect(await ensureRedisServer({ PATH: folder })).toBe(join(folder, 'valkey-server'))
    program('redis-server', serverOfVersion('6.2.0'))
    expect(await ensureRedisServer({ PATH: folder })).toBe(join(folder, 'redis-server'))
  })

  it('on PATH that is too old is refused', async () => {
    program('redis-server', serverOfVersion('6.0.16'))
    expect(await refusalOf()).toMatch(
      /^78 .*redis-server is version 6\.0\.16, but the center needs 6\.2; three ways out: \(1\)/,
    )
  })

  it('is not installed where that is forbidden', async () => {
    program('apt-get', `touch ${join(folder, 'asked')}`)
    const refusal = await refusalOf({ DURE_NO_INSTALL: '1' })
    expect(refusal).toMatch(/^78 there is no Redis on this machine.*DURE_NO_INSTALL=1.*\(1\).*\(2\).*REDIS_URL.*\(3\)/)
    expect(refusal).not.toContain('\n')
    expect(existsSync(join(folder, 'asked'))).toBe(false)
  })

  it('is not installed where nobody knows how', async () => {
    expect(await refusalOf()).toMatch(/none of the package managers/)
  })

  it.runIf(isRoot)('is installed by the package manager that is there', async () => {
    program(
      'apk',
      `echo "$@" >${folder}/asked\ncat >${folder}/redis-server <<'END'\n#!/bin/sh\n${serverOfVersion('7.2.1')}\nEND\nchmod 755 ${folder}/redis-server`,
    )
    expect(await ensureRedisServer({ PATH: folder })).toBe(join(folder, 'redis-server'))
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('add --quiet redis\n')
  })

  it.runIf(isRoot)('that cannot be installed is explained in the words of the installer', async () => {
    program('apk', 'echo "ERROR: no network"; exit 3')
    expect(await refusalOf()).toMatch(
      /^78 the package redis could not be installed; three ways out.*\n {4}ERROR: no network$/,
    )
  })

  it.runIf(!isRoot)('is not installed without the right to', async () => {
    program('apk', 'exit 3')
    expect(await refusalOf()).toMatch(/it takes root or a sudo without password/)
  })

  it.each([
    ['5.0.14', false],
    ['6.0.16', false],
    ['6.2', true],
    ['6.10.1', true],
    ['7.0.15', true],
    ['10.0.0', true],
  ])('of version %s is recent enough: %s', (version, recent) => {
    expect(isRecentRedis(version)).toBe(recent)
  })
})

describe('a Debian package', () => {
  const install = join(import.meta.dirname, 'apt-install.sh')
  const aptGet = (status: number) =>
    `echo "$DEBIAN_FRONTEND $*" >>${folder}/asked\nif [ "$1" = install ]; then ${folder}/policy; echo "policy $?" >>${folder}/asked; exit ${status}; fi`

  it.each([
    ['installed', 0],
    ['not to be had', 100],
  ])('that is %s never starts a service', async (_, status) => {
    program('apt-get', aptGet(status))
    const run = await runQuietly('sh', [install, join(folder, 'policy'), 'redis-server'], { env: { PATH: folder } })
    expect(run).toEqual({ status, output: '' })
    expect(readFileSync(join(folder, 'asked'), 'utf8').split('\n').slice(1, 3)).toEqual([
      'noninteractive install -y -qq --no-install-recommends redis-server',
      // What Debian is told when it asks whether it may start the service.
      'policy 101',
    ])
    expect(existsSync(join(folder, 'policy'))).toBe(false)
  })

  it("respects the machine's own policy", async () => {
    program('apt-get', aptGet(0))
    program('policy', 'exit 104')
    await runQuietly('sh', [install, join(folder, 'policy'), 'redis-server'], { env: { PATH: folder } })
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toContain('policy 104')
    expect(existsSync(join(folder, 'policy'))).toBe(true)
  })
})
