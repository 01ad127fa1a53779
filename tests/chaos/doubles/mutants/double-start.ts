// A broken build: the leader takes each submit a second time, under a number of its own, so that the job starts twice.

import { commandIdOf } from '@dure/contract'
import type { ReceivedCommand } from '@dure/engine'
import { addWrap } from '../wraps.ts'

const TWIN = 1_000_000

function withTwin(received: ReceivedCommand): ReceivedCommand[] {
  const { seq, command } = received
  if (seq === undefined || (command as { type: string }).type !== 'submit') return [received]
  const number = TWIN + seq
  const twin = { ...received, id: commandIdOf(number), seq: number, settle: () => {} }
  return [received, { ...twin, command: { ...(command as object), job: number } }]
}

addWrap((ports) => ({
  ...ports,
  commands: {
    ...ports.commands,
    consume: (consumption) =>
      ports.commands.consume({ ...consumption, handler: (batch) => consumption.handler(batch.flatMap(withTwin)) }),
  },
}))
