import { describe, expect, it, vi } from 'vitest'
import {
  type CommandEnvelope,
  type Commands,
  type Consumption,
  type Ports,
  type ReceivedCommand,
  Relieved,
} from '../ports.ts'
import { inWorld, type MakeWorld, raiseEpoch } from './world.ts'

const command = (seq: number): CommandEnvelope => ({ id: `c${seq}`, seq, command: { type: 'cancel', job: seq } })
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const idsOf = (batch: readonly CommandEnvelope[]): string[] => batch.map(({ id }) => id)

/** Collects what comes; settles it at once if told so. */
async function collect(ports: Ports, epoch: number, settles: boolean, concurrency = 64) {
  const received: ReceivedCommand[] = []
  const consumption = await ports.commands.consume({
    epoch,
    concurrency,
    handler: async (batch) => {
      received.push(...batch)
      if (settles) for (const each of batch) each.settle()
    },
  })
  return { received, consumption: present(consumption) }
}

function present(consumption: Consumption | undefined): Consumption {
  if (consumption === undefined) throw new Error('fenced')
  return consumption
}

const isEmpty = (commands: Commands) =>
  vi.waitFor(async () => expect(await commands.backlog()).toEqual({ waiting: 0, active: 0 }), { timeout: 5000 })

const hasCome = (received: readonly unknown[], count: number) =>
  vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(count), { timeout: 5000, interval: 5 })

/** What every queue of commands promises: nothing sent is lost, whoever dies while holding it. */
export function commandsContract(name: string, makeWorld: MakeWorld): void {
  describe(`commands: ${name}`, () => {
    it('delivers what was sent, once it is settled never again', () =>
      inWorld(makeWorld, async (world) => {
        const [api, leader] = await Promise.all([world.connect(), world.connect()])
        const epoch = await raiseEpoch(leader)
        await Promise.all(range(1, 40).map((seq) => api.commands.send(command(seq))))
        const { received, consumption } = await collect(leader, epoch, true)
        await Promise.all(range(41, 50).map((seq) => api.commands.send(command(seq))))
        await hasCome(received, 50)
        await isEmpty(api.commands)
        expect(received.map(({ id, seq, command }) => ({ id, seq, command }))).toEqual(range(1, 50).map(command))
        expect(received.every(({ deliveries }) => deliveries === 1)).toBe(true)
        await consumption.stop()
        await consumption.done
      }))

    it('puts a batch in order: what has no sequence number first, then by sequence number', () =>
      inWorld(makeWorld, async (world) => {
        const { commands, ...ports } = await world.connect()
        const epoch = await raiseEpoch({ commands, ...ports })
        await commands.sendMany([command(9), command(4)])
        await commands.send({ id: 'f-b', command: 'b' })
        await commands.sendMany([command(7), { id: 'f-a', command: 'a' }])
        const batches: string[][] = []
        const consumption = present(
          await commands.consume({
            epoch,
            concurrency: 64,
            handler: async (batch) => {
              batches.push(idsOf(batch))
              for (const each of batch) each.settle()
            },
          }),
        )
        await isEmpty(commands)
        // How many batches they make is a matter of timing; the order within each is not.
        for (const batch of batches) {
          const order = ['f-b', 'f-a', 'c4', 'c7', 'c9']
          expect(batch).toEqual([...batch].sort((a, b) => order.indexOf(a) - order.indexOf(b)))
        }
        expect(batches.flat().sort()).toEqual(['c4', 'c7', 'c9', 'f-a', 'f-b'])
        await consumption.stop()
      }))

    it('gathers the next batch while one is worked on, and never hands out two at a time', () =>
      inWorld(makeWorld, async (world) => {
        const { commands, ...ports } = await world.connect()
        const epoch = await raiseEpoch({ commands, ...ports })
        const commit = Promise.withResolvers<void>()
        const batches: string[][] = []
        const consumption = present(
          await commands.consume({
            epoch,
            concurrency: 64,
            handler: async (batch) => {
              batches.push(idsOf(batch))
              if (batches.length === 1) await commit.promise
              for (const each of batch) each.settle()
            },
          }),
        )
        await commands.send(command(1))
        await hasCome(batches, 1)
        for (const seq of range(2, 6)) await commands.send(command(seq))
        await vi.waitFor(async () => expect((await commands.backlog()).waiting).toBe(0))
        expect(batches).toEqual([['c1']])
        commit.resolve()
        await isEmpty(commands)
        expect(batches.flat()).toEqual(range(1, 6).map((seq) => `c${seq}`))
        await consumption.stop()
      }))

    it('leaves with the consumer what it does not settle, until it does', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        const { received, consumption } = await collect(ports, await raiseEpoch(ports), false)
        await ports.commands.sendMany([command(1), command(2)])
        await hasCome(received, 2)
        received[0]!.settle()
        received[0]!.settle()
        expect(await ports.commands.backlog()).toEqual({ waiting: 0, active: 1 })
        await ports.commands.send(command(3))
        await hasCome(received, 3)
        received[1]!.settle()
        received[2]!.settle()
        await isEmpty(ports.commands)
        await consumption.stop()
      }))

    it('has out no more messages than it was told to', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        for (const seq of range(1, 10)) await ports.commands.send(command(seq))
        const { received, consumption } = await collect(ports, await raiseEpoch(ports), false, 4)
        await hasCome(received, 4)
        expect(await ports.commands.backlog()).toEqual({ waiting: 6, active: 4 })
        for (const each of received.splice(0)) each.settle()
        await hasCome(received, 4)
        expect(idsOf(received)).toEqual(['c5', 'c6', 'c7', 'c8'])
        await consumption.stop()
      }))

    it('hands everything unsettled back, in its order, when the consumer stops', () =>
      inWorld(makeWorld, async (world) => {
        const [former, next] = await Promise.all([world.connect(), world.connect()])
        const epoch = await raiseEpoch(former)
        for (const seq of range(1, 8)) await former.commands.send(command(seq))
        const first = await collect(former, epoch, false, 5)
        await hasCome(first.received, 5)
        first.received[1]!.settle()
        await first.consumption.stop()
        await first.consumption.done
        expect(await next.commands.backlog()).toEqual({ waiting: 7, active: 0 })
        const second = await collect(next, epoch, true)
        await hasCome(second.received, 7)
        expect(idsOf(second.received)).toEqual(['c1', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8'])
        await second.consumption.stop()
      }))

    it('hands everything back when the handler fails, and says with what', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        const epoch = await raiseEpoch(ports)
        const failing = present(
          await ports.commands.consume({
            epoch,
            concurrency: 64,
            handler: async () => {
              throw new Error('fenced at revision 7')
            },
          }),
        )
        await ports.commands.send(command(1))
        await expect(failing.done).rejects.toThrow('fenced at revision 7')
        const { received, consumption } = await collect(ports, epoch, true)
        await hasCome(received, 1)
        expect(received[0]).toMatchObject({ id: 'c1', deliveries: 2 })
        await consumption.stop()
      }))

    it('gives a new leader at once what its predecessor holds, and the predecessor no more say in it', () =>
      inWorld(makeWorld, async (world) => {
        const [api, former, next] = await Promise.all([world.connect(), world.connect(), world.connect()])
        const formerly = await collect(former, await raiseEpoch(former), false)
        for (const seq of range(1, 20)) await api.commands.send(command(seq))
        await hasCome(formerly.received, 20)

        const epoch = await raiseEpoch(next)
        const startMs = performance.now()
        const now = await collect(next, epoch, false)
        expect(now.consumption.counts.takenOver).toBe(20)
        // The predecessor lives and does not know: it may snatch some once more before it is told.
        await expect(formerly.consumption.done).rejects.toThrow(Relieved)
        await hasCome(now.received, 20)
        expect(performance.now() - startMs).toBeLessThan(3000)
        expect(idsOf(now.received).sort()).toEqual(idsOf(range(1, 20).map(command)).sort())
        expect(now.received.every(({ deliveries }) => deliveries >= 2)).toBe(true)

        for (const each of formerly.received) each.settle()
        await formerly.consumption.stop()
        expect(await api.commands.backlog()).toEqual({ waiting: 0, active: 20 })
        for (const each of now.received) each.settle()
        await isEmpty(api.commands)
        await now.consumption.stop()
      }))

    it('does not let a leader consume whose epoch has passed', () =>
      inWorld(makeWorld, async (world) => {
        const [former, next] = await Promise.all([world.connect(), world.connect()])
        const epoch = await raiseEpoch(former)
        await former.commands.send(command(1))
        await raiseEpoch(next)
        const refused = await former.commands.consume({ epoch, concurrency: 8, handler: async () => {} })
        expect(refused).toBeUndefined()
        expect(await next.commands.backlog()).toEqual({ waiting: 1, active: 0 })
      }))

    it('keeps one of the same command sent twice while it waits', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        await ports.commands.send(command(1))
        await ports.commands.send(command(1))
        await ports.commands.sendMany([command(1), command(2)])
        await ports.commands.sendMany([command(1), command(2)])
        expect((await ports.commands.backlog()).waiting).toBe(2)
      }))

    it('refuses an id that cannot travel, and lets its neighbours go', () =>
      inWorld(makeWorld, async (world) => {
        const { commands } = await world.connect()
        const sent = await Promise.allSettled(
          ['c1', '77', 'a:b', '', 'c2'].map((id) => commands.send({ id, command: null })),
        )
        expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled'])
      }))
  })
}
