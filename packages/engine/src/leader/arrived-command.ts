// A command that has come to the leader, read once: what the core takes, beside what came, which is to be settled.

import { CommandSchema } from '@dure/contract'
import type { Command } from '@dure/core'
import type { ReceivedCommand } from '../ports.ts'

export interface ArrivedCommand {
  readonly received: ReceivedCommand
  readonly command: Command
}

/** One that cannot be read, or is known to break the center, becomes a rejection for the record. */
export function readCommand(received: ReceivedCommand, poisonous: ReadonlySet<string>): ArrivedCommand {
  if (poisonous.has(received.id)) return rejected(received, 'applying it broke an invariant of the center')
  const read = CommandSchema.safeParse(received.command)
  if (read.success) return { received, command: read.data }
  const [issue] = read.error.issues
  return rejected(received, `cannot be read: ${issue?.path.join('.')} ${issue?.message}`)
}

export const rejected = (received: ReceivedCommand, reason: string): ArrivedCommand => ({
  received,
  command: { type: 'reject', command: received.id, reason },
})
