// The queue of commands. One BullMQ message carries one command or many: commands sent while an earlier send is under way
// travel together, which is where most of the throughput under load comes from.

import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { assertCommandId, byIntake, messageData, messageId, unpack } from '../command-message.ts'
import type { CommandEnvelope, Commands } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { gathered } from './gathered.ts'
import { bullPrefix, consumeMessages, queueBacklog } from './message-consumer.ts'

const QUEUE = 'commands'

/** Commands in a message at most: one slow message must not hold up the commit for the others. */
const MESSAGE_COMMANDS_MAX = 256
/** Sends under way at one time. Two, so that one is on its way while the other is being written to disk. */
const SENDS_MAX = 2

export interface RedisCommands extends Commands {
  close(): Promise<void>
}

export function redisCommands(redis: Redis, settings: RedisSettings): RedisCommands {
  const queue = new Queue(QUEUE, {
    connection: redis,
    prefix: bullPrefix(settings),
    streams: { events: { maxLen: 1000 } },
    skipWaitingForReady: true,
  })
  queue.on('error', () => {})

  const sendTogether = gathered(
    { togetherMax: MESSAGE_COMMANDS_MAX, underWayMax: SENDS_MAX },
    async (commands: readonly CommandEnvelope[]) => {
      await sendMany(commands)
      return commands
    },
  )

  async function send(command: CommandEnvelope): Promise<void> {
    // Alone, so that a command that cannot travel takes no others down with it.
    assertCommandId(command.id)
    await sendTogether(command)
  }

  async function sendMany(commands: readonly CommandEnvelope[]): Promise<void> {
    await withStoreErrors(
      `send ${commands.length === 1 ? `command ${commands[0]!.id}` : `${commands.length} commands`}`,
      () => queue.add(QUEUE, messageData(commands), { jobId: messageId(commands) }),
    )
  }

  return {
    send,
    sendMany,
    backlog: () => queueBacklog(redis, settings, QUEUE),
    consume: ({ epoch, concurrency, handler }) =>
      consumeMessages(redis, settings, {
        queue: QUEUE,
        concurrency,
        epoch,
        onRejected: 'end',
        handler: (messages) => handler(messages.flatMap(unpack).sort(byIntake)),
      }),
    close: () => queue.close(),
  }
}
