// What befalls consumers and not queues: processes that die, connections that fall silent, a Redis that goes away.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ports, ReceivedCommand } from '../ports.ts'
import { type PrivateRedis, startPrivateRedis, startProxy } from '../testing/index.ts'
import { raiseEpoch } from '../testing/world.ts'
import { connectPrompt, type RedisSettings } from './connect.ts'
import { redisPorts } from './index.ts'
import { bullPrefix, consumeMessages, LOCK_MS } from './message-consumer.ts'

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `c${i + 1}`)

let server: PrivateRedis

beforeAll(async () => {
  server = await startPrivateRedis()
})

afterAll(() => server.stop())

async function withPorts(test: (ports: Ports, settings: RedisSettings) => Promise<void>): Promise<void> {
  const settings = server.settings()
  const ports = await redisPorts(settings, 'test')
  try {
    await test(ports, settings)
  } finally {
    await ports.close()
  }
}

it('a new leader has the commands of a killed one at once, all of them, in their order', () =>
  withPorts(async (ports, settings) => {
    for (const [i, id] of ids(200).entries()) await ports.commands.send({ id, seq: i + 1, command: {} })

    const program = fileURLToPath(new URL('../testing/holding-process.ts', import.meta.url))
    const epoch = await raiseEpoch(ports)
    const leader = spawn(process.execPath, [program, settings.url, settings.prefix, `${epoch}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let held = ''
    leader.stdout.on('data', (text) => {
      held += text
    })
    await expect.poll(() => held.split('\n').length - 1, { timeout: 10_000 }).toBe(200)
    leader.kill('SIGKILL')
    await once(leader, 'exit')
    expect(await ports.commands.backlog()).toEqual({ waiting: 0, active: 200 })

    const newer = await raiseEpoch(ports)
    const startMs = performance.now()
    const received: ReceivedCommand[] = []
    const consumption = await ports.commands.consume({
      epoch: newer,
      concurrency: 512,
      handler: async (batch) => {
        received.push(...batch)
        for (const each of batch) each.settle()
      },
    })
    await expect.poll(() => received.length, { interval: 5, timeout: 10_000 }).toBe(200)
    // The dead leader's locks are still alive: BullMQ by itself would not have begun to look.
    expect(performance.now() - startMs).toBeLessThan(LOCK_MS / 5)
    expect(received.map(({ id }) => id)).toEqual(ids(200))
    await expect.poll(() => ports.commands.backlog()).toEqual({ waiting: 0, active: 0 })
    expect(consumption?.counts.takenOver).toBe(200)
    await consumption?.stop()
  }))

it('a command that was taken over is locked by nobody until it is fetched again', () =>
  withPorts(async (ports, settings) => {
    const redis = await connectPrompt(settings, 'control')
    const locks = async () => (await redis.keys(`${settings.prefix}bull:commands:*:lock`)).length
    const hold = async (concurrency: number) =>
      ports.commands.consume({ epoch: await raiseEpoch(ports), concurrency, handler: async () => {} })

    const former = await hold(64)
    for (const id of ids(10)) await ports.commands.send({ id, command: {} })
    await expect.poll(locks).toBe(10)
    const next = await hold(1)
    await expect(former?.done).rejects.toThrow('another leader has taken over')
    await expect.poll(() => ports.commands.backlog()).toEqual({ waiting: 9, active: 1 })
    expect(await locks()).toBe(1)
    await next?.stop()
    expect(await locks()).toBe(0)
    redis.disconnect()
  }))

it('a lock whose clock was set back lives no longer than any other, and keeps nobody from looking for stalled messages', () =>
  withPorts(async (ports, settings) => {
    await ports.commands.send({ id: 'c1', seq: 1, command: {} })
    const received: ReceivedCommand[] = []
    const epoch = await raiseEpoch(ports)
    const consumption = await ports.commands.consume({
      epoch,
      concurrency: 1,
      handler: async (batch) => void received.push(...batch),
    })
    await expect.poll(() => received.length, { timeout: 5000 }).toBe(1)
    const raw = await connectPrompt(settings, 'raw')
    const lock = `${bullPrefix(settings)}:commands:c1:lock`
    await raw.pexpire(lock, 3_600_000)
    const check = `${bullPrefix(settings)}:commands:stalled-check`
    await raw.set(check, '1', 'PX', 3_600_000)
    // Before the holder renews it, half of its life after the fetch.
    await expect.poll(() => raw.pttl(lock), { timeout: LOCK_MS / 3 }).toBeLessThanOrEqual(LOCK_MS)
    expect(await raw.pttl(check)).toBeLessThanOrEqual(5_000)
    raw.disconnect()
    await consumption!.stop()
  }))

it('a consumer whose connections have silently died is replaced, and its commands are done once', () =>
  withPorts(async (ports, settings) => {
    const proxy = await startProxy(server.port)
    const direct = await connectPrompt(settings, 'control')
    const epoch = await raiseEpoch(ports)
    const handed: string[] = []
    const held: (() => void)[] = []
    const consumption = await consumeMessages(
      direct,
      { ...settings, url: `redis://127.0.0.1:${proxy.port}` },
      {
        queue: 'commands',
        concurrency: 8,
        epoch,
        onRejected: 'end',
        starvedMsMax: 300,
        watchMs: 50,
        handler: async (messages) => {
          for (const message of messages) {
            handed.push(message.id)
            if (message.id === 'c1') held.push(message.done)
            else message.done()
          }
        },
      },
    )
    await ports.commands.send({ id: 'c1', command: {} })
    await expect.poll(() => handed).toEqual(['c1'])
    proxy.freeze()
    await ports.commands.send({ id: 'c2', command: {} })
    await expect.poll(() => handed, { timeout: 5000 }).toEqual(['c1', 'c2'])
    expect(consumption?.counts.recreated).toBe(1)

    // c1 came to the new worker again while it was still out. It was recognised, and one `done` is enough.
    await expect.poll(() => consumption?.counts.repeated, { timeout: 5000 }).toBe(1)
    for (const done of held) done()
    await expect.poll(() => ports.commands.backlog(), { timeout: 5000 }).toEqual({ waiting: 0, active: 0 })
    expect(handed).toEqual(['c1', 'c2'])
    await consumption?.stop()
    direct.disconnect()
    await proxy.stop()
  }))

it('a crash of Redis loses no command that was sent, and is over within seconds', () =>
  withPorts(async (ports) => {
    const epoch = await raiseEpoch(ports)
    const settled = new Set<string>()
    const consumption = await ports.commands.consume({
      epoch,
      concurrency: 64,
      handler: async (batch) => {
        for (const each of batch) {
          settled.add(each.id)
          each.settle()
        }
      },
    })
    const accepted: string[] = []
    const send = async (id: string) => {
      await ports.commands.send({ id, command: {} })
      accepted.push(id)
    }
    await Promise.all(ids(500).map(send))
    await server.kill()
    const startMs = performance.now()
    await expect(send('lost')).rejects.toMatchObject({ name: 'StoreError' })
    expect(performance.now() - startMs).toBeLessThan(1000)
    await server.restart()
    await expect
      .poll(
        () =>
          send('after').then(
            () => true,
            () => false,
          ),
        { timeout: 5000 },
      )
      .toBe(true)
    await expect.poll(() => accepted.every((id) => settled.has(id)), { timeout: 10_000 }).toBe(true)
    expect(accepted).toHaveLength(501)
    await consumption?.stop()
  }))

it('a message that nobody wrote reaches the reader of commands instead of vanishing', () =>
  withPorts(async (ports, settings) => {
    const { Queue } = await import('bullmq')
    const connection = await connectPrompt(settings, 'stranger')
    const queue = new Queue('commands', { connection, prefix: `${settings.prefix}bull` })
    await queue.add('commands', { submit: 'me' }, { jobId: 'stray' })
    const received: ReceivedCommand[] = []
    const consumption = await ports.commands.consume({
      epoch: await raiseEpoch(ports),
      concurrency: 8,
      handler: async (batch) => void received.push(...batch),
    })
    await expect.poll(() => received).toMatchObject([{ id: 'stray', command: { submit: 'me' } }])
    await consumption?.stop()
    await queue.close()
    connection.disconnect()
  }))

describe('a message that was damaged at rest', () => {
  const queued = (ports: Ports, ids: readonly string[]) =>
    ports.commands.sendMany(ids.map((id, i) => ({ id, seq: i + 1, command: { type: 'cancel', job: 12_345 } })))

  /** Changes what the queue keeps of the message, and takes up all there is. */
  async function takenUp(ports: Ports, settings: RedisSettings, change: (data: string) => string) {
    const redis = await connectPrompt(settings, 'damage')
    const keys = await redis.keys(`${settings.prefix}bull:commands:*`)
    for (const key of keys.filter((one) => /:(c1|batch-\w+)$/.test(one)))
      await redis.hset(key, 'data', change((await redis.hget(key, 'data'))!))
    redis.disconnect()
    await ports.commands.send({ id: 'c9', seq: 9, command: { type: 'cancel', job: 9 } })
    const received: ReceivedCommand[] = []
    const consumption = await ports.commands.consume({
      epoch: await raiseEpoch(ports),
      concurrency: 8,
      handler: async (batch) => void received.push(...batch),
    })
    await expect.poll(() => received.map(({ id }) => id)).toContain('c9')
    await consumption?.stop()
    return received.filter(({ id }) => id !== 'c9').map(({ id, command }) => ({ id, command }))
  }

  const rejection = (id: string) => ({
    id,
    command: { type: 'reject', command: id, reason: 'was damaged in the queue' },
  })

  it('is rejected for the record, each of its commands', () =>
    withPorts(async (ports, settings) => {
      await queued(ports, ['c1', 'c2'])
      const received = await takenUp(ports, settings, (data) => data.replace('12345', '12344'))
      expect(received).toEqual([rejection('c1'), rejection('c2')])
    }))

  it('is rejected under its own name where the ids may be others than were sent', () =>
    withPorts(async (ports, settings) => {
      await queued(ports, ['c1'])
      expect(await takenUp(ports, settings, (data) => data.replace('"c1"', '"c3"'))).toEqual([rejection('c1')])
    }))

  it('comes as it is when it can no longer be read, and holds up nobody', () =>
    withPorts(async (ports, settings) => {
      await queued(ports, ['c1'])
      const received = await takenUp(ports, settings, (data) => data.replace('{', 'z'))
      expect(received).toEqual([{ id: 'c1', command: { unreadable: expect.stringContaining('12345') } }])
    }))

  it('is taken as it is where an earlier version wrote it, without a sum', () =>
    withPorts(async (ports, settings) => {
      await queued(ports, ['c1'])
      const received = await takenUp(ports, settings, (data) => data.replace(/,"sum":\d+/, ''))
      expect(received).toEqual([{ id: 'c1', command: { type: 'cancel', job: 12_345 } }])
    }))

  it('starts no run when it was for executors: the leader tells of it again', () =>
    withPorts(async (ports, settings) => {
      const redis = await connectPrompt(settings, 'damage')
      await ports.runs.dispatch('gpu', [{ job: 1, attempt: 1, dueMs: 5_000, detail: null }])
      const [key] = (await redis.keys(`${settings.prefix}bull:runs-gpu:*`)).filter((one) => /:\d+$/.test(one))
      await redis.hset(key!, 'data', (await redis.hget(key!, 'data'))!.replace('5000', '5001'))
      await ports.runs.dispatch('gpu', [{ job: 2, attempt: 1, dueMs: 5_000, detail: null }])
      const got: number[] = []
      const consumption = await ports.runs.consume(
        'gpu',
        8,
        async (runs) => void got.push(...runs.map(({ job }) => job)),
      )
      await expect.poll(() => got).toEqual([2])
      await expect.poll(() => ports.runs.backlog('gpu')).toEqual({ waiting: 0, active: 0 })
      await consumption.stop()
      redis.disconnect()
    }))
})

it('a recorded run that was damaged at rest is forgotten, so that the leader tells of it again', () =>
  withPorts(async (ports, settings) => {
    const redis = await connectPrompt(settings, 'damage')
    const run = (job: number) => ({ job, attempt: 1, dueMs: 5_000, detail: { exitCode: 0 } })
    await ports.registry.record('a', [run(1), run(2)])
    const bodies = `${settings.prefix}runs:bodies`
    await redis.hset(bodies, '1:1', (await redis.hget(bodies, '1:1'))!.replace('"exitCode":0', '"exitCode":1'))
    expect((await ports.registry.due('a', 5_000, 10)).runs).toEqual([run(2)])
    expect((await ports.registry.all()).map(({ job }) => job)).toEqual([2])
    // As an earlier version wrote it.
    await redis.hset(bodies, '2:1', JSON.stringify(run(2)))
    expect((await ports.registry.due('a', 5_000, 10)).runs).toEqual([run(2)])
    redis.disconnect()
  }))
