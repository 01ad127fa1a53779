// What befalls consumers and not queues: processes that die, connections that fall silent, a Redis that goes away.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
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
    await expect.poll(() => received.length, { interval: 5 }).toBe(200)
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
