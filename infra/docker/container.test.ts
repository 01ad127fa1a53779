// The preload and the health check as a container runs them: real processes, with a stand-in for the service.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { temporaryFolder } from '../center/testing/running-center.ts'

const preload = join(import.meta.dirname, 'container.mjs')
const check = join(import.meta.dirname, 'alive.mjs')

let folder: ReturnType<typeof temporaryFolder>
let child: ChildProcess | undefined
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => {
  child?.kill('SIGKILL')
  folder.remove()
})

it('a service is well once it has said that it is ready, for as long as it renews its sign', async () => {
  // Each container has a /tmp of its own.
  const env = { TMPDIR: folder.path }
  const alive = () => spawnSync(process.execPath, [check], { env }).status
  expect(alive()).toBe(1)
  const program = join(folder.path, 'service.mjs')
  writeFileSync(program, "process.send({ ready: true }); console.log('up'); setInterval(() => {}, 1000)")
  child = spawn(process.execPath, ['--import', preload, program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  expect(alive()).toBe(0)

  const longAgo = Date.now() / 1000 - 60
  utimesSync(join(folder.path, 'dure-alive'), longAgo, longAgo)
  expect(alive()).toBe(1)
})

it('a service gets the password of Redis from its file', () => {
  const program = join(folder.path, 'service.mjs')
  const secret = join(folder.path, 'secret')
  writeFileSync(program, 'console.log(process.env.DURE_REDIS_URL)')
  writeFileSync(secret, 'pass/word\n')
  const { stdout } = spawnSync(process.execPath, ['--import', preload, program], {
    env: { DURE_REDIS_URL: 'redis://redis:6379', DURE_REDIS_PASSWORD_FILE: secret },
    encoding: 'utf8',
  })
  expect(stdout).toBe('redis://:pass%2Fword@redis:6379\n')
})
