import { byIntake, messageData, messageId, unpack } from '../command-message.ts'
import type { CommandEnvelope, Commands } from '../ports.ts'
import { type MemoryStore, queueOf } from './store.ts'

const QUEUE = 'commands'

export function memoryCommands(store: MemoryStore): Commands {
  async function sendMany(commands: readonly CommandEnvelope[]): Promise<void> {
    queueOf(store, QUEUE).add(messageId(commands), messageData(commands))
  }

  return {
    sendMany,
    send: (command) => sendMany([command]),
    backlog: async () => queueOf(store, QUEUE).backlog(),
    consume: async ({ epoch, concurrency, handler }) => {
      if (epoch !== store.epoch) return undefined
      return queueOf(store, QUEUE).consume({
        concurrency,
        epoch,
        onRejected: 'end',
        handler: (messages) => handler(messages.flatMap(unpack).sort(byIntake)),
      })
    },
  }
}
