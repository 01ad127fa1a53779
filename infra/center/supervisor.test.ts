// The real supervisor, a real Redis and real processes; only the services are stand-ins (testing/stand-in-service.ts).
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { checkRedis, connectPrompt } from '@dure/engine'
import { startPrivateRedis } from '@dure/engine/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  eventsOf,
  processesMentioning,
  type RunningCenter,
  redisUrlOf,
  runStandInCenter,
  temporaryFolder,
  until,
} from './testing/running-center.ts'

let folder: { path: string; remove: () => void }
let data: string
let centers: RunningCenter[]

/** A folder for each test, or for all of a group; with it goes whatever still runs in it. */
function inOwnFolder(before: typeof beforeEach | typeof beforeAll, after: typeof afterEach | typeof afterAll): void {
  before(() => {
    folder = temporaryFolder()
    data = join(folder.path, 'data')
    centers = []
  })
  after(async () => {
    for (const { child } of centers) child.kill('SIGKILL')
    for (const { pid } of leftOvers()) kill(pid)
    await until('the processes of the test are gone', () => leftOvers().length === 0)
    folder.remove()
  })
}

function run(options?: Parameters<typeof runStandInCenter>[1]): RunningCenter {
  const center = runStandInCenter(data, options)
  centers.push(center)
  return center
}

/** Processes of this test's center: they have its folder on their command line, Redis has its port there. */
function leftOvers() {
  let port = folder.path
  try {
    port = `127.0.0.1:${new URL(redisUrlOf(data)).port}`
  } catch {
    // No private Redis was started.
  }
  return processesMentioning(folder.path, port)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

const story = () => eventsOf(data).map(({ name, event }) => `${name} ${event}`)
const modeOf = (path: string) => statSync(join(data, path)).mode & 0o777
const pidOf = (name: string) => eventsOf(data).findLast((event) => event.name === name && event.event === 'ready')?.pid

async function redisPid(): Promise<number> {
  const redis = await connectPrompt({ url: redisUrlOf(data), prefix: '' }, 'test')
  try {
    return Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1])
  } finally {
    redis.disconnect()
  }
}

/** What Redis says to a line from somebody who knows no password. */
async function answerTo(line: string, port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${line}\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString()
}

const orderlyStop = ['api', 'executor', 'scheduler'].flatMap((name) => [`${name} stopping`, `${name} stopped`])

describe('a center from its start to its end', () => {
  inOwnFolder(beforeAll, afterAll)
  let center: RunningCenter

  it('starts in order', async () => {
    center = run({ args: ['--preset', 'baseline-2024', '--speed', '7'] })
    const { url } = await center.welcomed()
    expect(await (await fetch(url)).text()).toBe('here\n')
    await until('the demo has run', () => story().includes('demo finished'))
    expect(story()).toEqual(['scheduler ready', 'executor ready', 'api ready', 'demo finished'])
  })

  it('keeps its secrets to its owner', async () => {
    expect(modeOf('.')).toBe(0o700)
    for (const file of ['center.json', 'center.lock', 'redis.json', 'redis/redis.conf', 'events.log']) {
      expect([file, modeOf(file)]).toEqual([file, 0o600])
    }
    const { password, port } = new URL(redisUrlOf(data))
    expect(password.length).toBeGreaterThanOrEqual(32)
    expect(processesMentioning(password)).toEqual([])
    expect(await answerTo('GET starts:api', Number(port))).toMatch(/^-NOAUTH/)
  })

  it('has a Redis that syncs before it answers, forgets nothing and cannot be emptied', async () => {
    const settings = { url: redisUrlOf(data), prefix: '' }
    expect(await checkRedis(settings)).toMatchObject({ appendfsync: 'always' })
    const redis = await connectPrompt(settings, 'test')
    await expect(redis.flushall()).rejects.toThrow('unknown command')
    expect(Number(/maxmemory:(\d+)/.exec(await redis.info('memory'))?.[1])).toBeGreaterThanOrEqual(256 * 1024 * 1024)
    redis.disconnect()
  })

  it('tells others where it is for as long as it runs, stops in the reverse order at Ctrl-C, and leaves nothing behind', async () => {
    const { url } = await center.welcomed()
    expect(JSON.parse(readFileSync(join(data, 'center.json'), 'utf8'))).toEqual({
      url,
      pid: center.child.pid,
      preset: 'baseline-2024',
      speed: 7,
    })
    // As a terminal does it through npm: several times at once.
    for (let times = 0; times < 3; times++) center.child.kill('SIGINT')
    expect(await center.exit).toBe(0)
    expect(story().slice(4)).toEqual(orderlyStop)
    expect(leftOvers()).toEqual([])
    expect(center.said.at(-1)).toContain('every job is kept')
    expect(() => modeOf('center.json')).toThrow('ENOENT')
    expect(() => modeOf('center.lock')).toThrow('ENOENT')
  })
})

describe('the data of a center', () => {
  inOwnFolder(beforeEach, afterEach)

  it('remembers what was written when it starts again', async () => {
    for (const starts of [1, 2]) {
      const center = run()
      await center.welcomed()
      expect(eventsOf(data).findLast(({ name }) => name === 'scheduler')?.starts).toBe(starts)
      center.child.kill('SIGTERM')
      expect(await center.exit).toBe(0)
    }
  })

  it('uses a Redis that is given, and leaves it running', async () => {
    const redis = await startPrivateRedis()
    try {
      const center = run({ env: { REDIS_URL: redis.url } })
      await center.welcomed()
      expect(() => modeOf('redis.json')).toThrow('ENOENT')
      center.child.kill('SIGTERM')
      expect(await center.exit).toBe(0)
      const client = await connectPrompt({ url: redis.url, prefix: '' }, 'test')
      expect(await client.get('stops:scheduler')).toBe('1')
      client.disconnect()
    } finally {
      await redis.stop()
    }
  })
})

describe('when something dies', () => {
  inOwnFolder(beforeEach, afterEach)

  it('a supervisor that is killed outright takes everything with it, in good order', async () => {
    const center = run()
    await center.welcomed()
    center.child.kill('SIGKILL')
    await until('nothing is left', () => leftOvers().length === 0)
    // All three stop at once here, but each of them still had its Redis.
    expect(
      story()
        .filter((event) => event.endsWith('stopped'))
        .sort(),
    ).toEqual(['api stopped', 'executor stopped', 'scheduler stopped'])
  })

  it('a center can be started again right after it was killed', async () => {
    const first = run()
    await first.welcomed()
    const firstRedis = await redisPid()
    first.child.kill('SIGKILL')
    const second = run()
    await second.welcomed()
    expect(eventsOf(data).findLast(({ name }) => name === 'scheduler')?.starts).toBe(2)
    expect(await redisPid()).not.toBe(firstRedis)
    expect(processesMentioning('redis-server').filter(({ pid }) => pid === firstRedis)).toEqual([])
    second.child.kill('SIGTERM')
    expect(await second.exit).toBe(0)
    expect(leftOvers()).toEqual([])
  })

  it('Redis goes even when every other process is killed at once', async () => {
    const center = run()
    await center.welcomed()
    const pids = ['scheduler', 'executor', 'api'].map(pidOf)
    center.child.kill('SIGKILL')
    for (const pid of pids) kill(pid as number)
    await until('nothing is left', () => leftOvers().length === 0)
  })

  it('a crashed service is started again, as is a crashed Redis, where it was and with what it had; the screen says so', async () => {
    const center = run()
    const first = await center.welcomed()
    kill(pidOf('api') as number)
    const second = await center.welcomed(2)
    expect(second.url).toBe(first.url)
    expect(second.sign_in_url).not.toBe(first.sign_in_url)
    expect(center.said).toEqual([
      expect.stringMatching(/api was ended by SIGKILL.* \(starting it again in 0\.5 s\)$/),
      expect.stringMatching(/api: up again$/),
    ])
    expect(story().filter((event) => event === 'scheduler ready')).toHaveLength(1)

    const url = redisUrlOf(data)
    kill(await redisPid())
    await until('redis is up again', () => center.said.some((line) => line.includes('redis: up again')))
    expect(redisUrlOf(data)).toBe(url)
    const client = await connectPrompt({ url, prefix: '' }, 'test')
    expect(await client.get('starts:scheduler')).toBe('1')
    client.disconnect()
    center.child.kill('SIGTERM')
    expect(await center.exit).toBe(0)
    expect(leftOvers()).toEqual([])
  })

  it('a service that does not stop is killed after a while', async () => {
    const center = run({ toServices: ['--executor=--stubborn'] })
    await center.welcomed()
    const startedMs = performance.now()
    center.child.kill('SIGINT')
    expect(await center.exit).toBe(0)
    expect(performance.now() - startedMs).toBeLessThan(10_000)
    expect(center.said.join('\n')).toContain('executor: did not stop in time and was killed')
    expect(story().at(-1)).toBe('scheduler stopped')
    expect(leftOvers()).toEqual([])
  })

  it('a second Ctrl-C ends everything at once', async () => {
    const center = run({ toServices: ['--api=--stubborn', '--scheduler=--stubborn'] })
    await center.welcomed()
    center.child.kill('SIGINT')
    await until('the api was asked', () => story().includes('api stopping'))
    // The same request arrives more than once; only one that comes later is another.
    await until('the second one counts', () => {
      center.child.kill('SIGINT')
      return center.child.exitCode !== null
    })
    expect(await center.exit).toBe(130)
    expect(story()).not.toContain('scheduler stopping')
    expect(leftOvers()).toEqual([])
  })

  it('Ctrl-C during the start stops what had been started', async () => {
    const center = run()
    await until('the scheduler is up', () => story().includes('scheduler ready'))
    center.child.kill('SIGINT')
    expect(await center.exit).toBe(0)
    expect(story()).toContain('scheduler stopped')
    expect(leftOvers()).toEqual([])
  })
})

describe('a center that cannot start says why in one sentence and leaves nothing half-started', () => {
  inOwnFolder(beforeEach, afterEach)

  async function expectRefusal(center: RunningCenter, status: number, sentence: RegExp): Promise<void> {
    expect(await center.exit).toBe(status)
    expect(center.said.filter((line) => line.startsWith('dure: '))).toEqual([expect.stringMatching(sentence)])
    expect(story().filter((event) => event.endsWith('ready')).length).toBe(
      story().filter((event) => event.endsWith('stopped')).length,
    )
    expect(leftOvers()).toEqual([])
  }

  it('a taken port', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    try {
      await expectRefusal(
        run({ args: ['--port', String(port)] }),
        78,
        new RegExp(`^dure: port ${port} on 127.0.0.1 is taken .*--port`),
      )
      expect(() => statSync(join(data, 'redis'))).toThrow('ENOENT')
    } finally {
      server.close()
    }
  })

  it.each([
    ['may drop keys', ['--maxmemory-policy', 'allkeys-lru'], /maxmemory-policy allkeys-lru.*noeviction/],
    ['keeps no file', ['--appendonly', 'no'], /appendonly to yes/],
  ])('a Redis that %s', async (_, args, sentence) => {
    const redis = await startPrivateRedis({ args })
    try {
      await expectRefusal(run({ env: { REDIS_URL: redis.url } }), 78, sentence)
    } finally {
      await redis.stop()
    }
  })

  it('a Redis that is not there', async () => {
    await expectRefusal(
      run({ env: { REDIS_URL: 'redis://:secret@127.0.0.1:1' } }),
      69,
      /^dure: REDIS_URL: (?!.*secret)/,
    )
  })

  it('a folder that cannot be created', async () => {
    data = join('/proc/self/cmdline', 'data')
    await expectRefusal(run(), 78, /^dure: the folder .* cannot be written \(ENOTDIR\).*--data/)
  })

  it.runIf(process.getuid?.() === 0)('a folder of somebody else', async () => {
    data = join(folder.path, 'data')
    const nobody = 65_534
    await expectRefusal(run({ uid: nobody }), 78, /^dure: the folder .* cannot be written \(EACCES\)/)
  })

  it('another center in the same folder, which goes on undisturbed', async () => {
    const first = run()
    const { url } = await first.welcomed()
    const second = run()
    expect(await second.exit).toBe(78)
    expect(second.said).toEqual([
      expect.stringMatching(`^dure: another center \\(process ${first.child.pid}\\) already`),
    ])
    expect(await (await fetch(url)).text()).toBe('here\n')
    first.child.kill('SIGTERM')
    expect(await first.exit).toBe(0)
  })

  it('a service that refuses its settings', async () => {
    const center = run({ toServices: ['--executor=--refuse', '--executor=there is no such preset'] })
    await expectRefusal(center, 78, /^dure: executor: there is no such preset$/)
    expect(story()).toEqual(['scheduler ready', 'scheduler stopping', 'scheduler stopped'])
  })

  it('a flag that does not exist', async () => {
    await expectRefusal(run({ args: ['--sped', '3'] }), 2, /^dure: Unknown option '--sped'; .*--help/)
  })
})
