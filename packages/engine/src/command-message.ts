// How commands travel: one message carries one command or many, is named after them, and is done when all are settled.

import { createHash } from 'node:crypto'
import { isSound, sumOf } from './message-sum.ts'
import { type CommandEnvelope, type ReceivedCommand, StoreError } from './ports.ts'

/** BullMQ refuses ids that contain a colon or look like a number of its own. */
const COMMAND_ID = /^[A-Za-z][\w.-]*$/

export interface CommandMessage {
  readonly id: string
  readonly data: unknown
  readonly deliveries: number
  done(): void
}

/** Reports of executors first, in order of arrival (sorting is stable): what ends makes room. Then by intake sequence. */
export const byIntake = (a: CommandEnvelope, b: CommandEnvelope): number => (a.seq ?? 0) - (b.seq ?? 0)

export function assertCommandId(id: string): void {
  if (!COMMAND_ID.test(id)) {
    throw new StoreError('none', `send command ${JSON.stringify(id)}`, `its id must match ${COMMAND_ID.source}`)
  }
}

/**
 * The same commands sent again make the same message, which BullMQ drops while the first is queued. A message of many must
 * not be named after one of them: its repetition among others would be dropped together with those others.
 */
export function messageId(commands: readonly CommandEnvelope[]): string {
  for (const { id } of commands) assertCommandId(id)
  if (commands.length === 1) return commands[0]!.id
  const ids = commands.map(({ id }) => id).join(' ')
  return `batch-${createHash('sha256').update(ids).digest('hex').slice(0, 32)}`
}

/** What is queued under the message's name. */
export const messageData = (commands: readonly CommandEnvelope[]) => ({ commands, sum: sumOf(commands) })

/** A message is done when all of its commands are settled. */
export function unpack(message: CommandMessage): ReceivedCommand[] {
  const { deliveries } = message
  const envelopes = envelopesOf(message)
  let left = envelopes.length
  return envelopes.map((envelope) => {
    let isSettled = false
    return {
      ...envelope,
      deliveries,
      settle: () => {
        if (isSettled) return
        isSettled = true
        left -= 1
        if (left === 0) message.done()
      },
    }
  })
}

/**
 * A message that was not written by `sendMany` becomes one command that nobody can read, under the message's name: whoever
 * reads commands will reject it for the record, which is better than losing it here.
 */
function envelopesOf({ id, data }: CommandMessage): readonly CommandEnvelope[] {
  const commands = typeof data === 'object' && data !== null && 'commands' in data ? data.commands : undefined
  if (!Array.isArray(commands) || commands.length === 0 || !commands.every(isEnvelope)) return [{ id, command: data }]
  if (isSound(commands, (data as { sum?: unknown }).sum)) return commands
  return damaged(id, commands)
}

/** What was asked is not known any more. The name of the message tells whether its commands' ids are the ones that were sent. */
function damaged(name: string, commands: readonly CommandEnvelope[]): readonly CommandEnvelope[] {
  const areNamed = commands.every(({ id }) => COMMAND_ID.test(id)) && messageId(commands) === name
  const ids = areNamed ? commands.map(({ id }) => id) : [name]
  return ids.map((id) => ({ id, command: { type: 'reject', command: id, reason: 'was damaged in the queue' } }))
}

function isEnvelope(value: unknown): value is CommandEnvelope {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'command' in value &&
    (!('seq' in value) || typeof value.seq === 'number')
  )
}
