import { afterEach, describe, expect, it } from 'vitest'
import { type PrivateRedis, startPrivateRedis } from '../testing/index.ts'
import { checkRedis, connectPrompt } from './connect.ts'

let server: PrivateRedis | undefined

afterEach(async () => {
  await server?.stop()
  server = undefined
})

async function checkWith(...args: string[]) {
  server = await startPrivateRedis({ args })
  return checkRedis(server.settings())
}

describe('the Redis a center is given', () => {
  it('is accepted when it keeps what it is told, and says how well', async () => {
    expect(await checkWith('--appendfsync', 'everysec')).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      appendfsync: 'everysec',
    })
  })

  it('is accepted when it does not tell its configuration', async () => {
    expect(await checkWith('--rename-command', 'CONFIG', '')).toMatchObject({ appendfsync: 'unknown' })
  })

  it('is refused when it evicts', async () => {
    await expect(checkWith('--maxmemory-policy', 'allkeys-lru')).rejects.toMatchObject({
      code: 'ERR_REDIS_EVICTS',
      message: expect.stringContaining('set maxmemory-policy to noeviction'),
    })
  })

  it('is refused when it keeps no append-only file', async () => {
    await expect(checkWith('--appendonly', 'no')).rejects.toMatchObject({
      code: 'ERR_REDIS_NOT_DURABLE',
      message: expect.stringContaining('set appendonly to yes'),
    })
  })

  it('is refused when it is not there, in seconds, without its password in the sentence', async () => {
    const gone = await startPrivateRedis()
    await gone.stop()
    const startMs = performance.now()
    const refusal = checkRedis({ url: `redis://:secret@127.0.0.1:${gone.port}`, prefix: 'dure:' })
    await expect(refusal).rejects.toMatchObject({
      code: 'ERR_REDIS_UNREACHABLE',
      message: `No Redis answers at redis://127.0.0.1:${gone.port}: start one there, or correct the address and password.`,
    })
    expect(performance.now() - startMs).toBeLessThan(3000)
  })

  it('is refused when the password is wrong', async () => {
    server = await startPrivateRedis()
    const admin = await connectPrompt(server.settings(), 'admin')
    await admin.config('SET', 'requirepass', 'right')
    await expect(checkRedis({ url: `redis://:wrong@127.0.0.1:${server.port}`, prefix: 'dure:' })).rejects.toMatchObject(
      { code: 'ERR_REDIS_UNREACHABLE' },
    )
    expect(await checkRedis({ url: `redis://:right@127.0.0.1:${server.port}`, prefix: 'dure:' })).toMatchObject({
      appendfsync: 'always',
    })
    admin.disconnect()
  })
})
