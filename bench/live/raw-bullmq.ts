// What anybody gets who puts two BullMQ queues in a row: add, process, add, process. The yardstick of the live bench.

import { bullPrefix, connectPrompt, type RedisSettings } from '@dure/engine'
import { Queue } from 'bullmq'
import { endProcess, messageOf, startProcess } from '../process.ts'

export interface RawBullmq {
  /** Resolves when the first queue has the message. */
  send(name: string, data: object): Promise<void>
  /** Resolves when so many messages in all have come through both hops. */
  through(count: number): Promise<void>
  stop(): Promise<void>
}

const hop = new URL('./raw-hop.ts', import.meta.url)

/** Both hops in processes of their own, as Dure's scheduler and executor are. */
export async function startRawBullmq(settings: RedisSettings): Promise<RawBullmq> {
  const redis = await connectPrompt(settings, 'raw')
  const queue = new Queue('first', { connection: redis, prefix: bullPrefix(settings) })
  const address = [settings.url, settings.prefix]
  const hops = [startProcess(hop, [...address, 'first', 'second']), startProcess(hop, [...address, 'second'])]
  await Promise.all(hops.map(messageOf))

  let done = 0
  let awaited: { readonly count: number; readonly resolve: () => void } | undefined
  hops[1]!.on('message', (count: number) => {
    done += count
    if (awaited !== undefined && done >= awaited.count) awaited.resolve()
  })
  return {
    send: async (name, data) => {
      await queue.add(name, data)
    },
    through: (count) =>
      new Promise((resolve) => {
        if (done >= count) resolve()
        else awaited = { count, resolve }
      }),
    stop: async () => {
      await Promise.all(hops.map(endProcess))
      await queue.close()
      redis.disconnect()
    },
  }
}
