// Loaded before a service (`node --import`): lets its parent end it or put it to sleep at a named point, shift its clock,
// keep it busy and ask what it holds in memory.
//
// A point is a call of a port and a side of it, such as `commands.send after`: whatever the process has done by then is
// done, and nothing that follows.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { AppendOutcome, Ports } from '@dure/engine'
import type { Order, Told } from './order.ts'
import { addWrap } from './wraps.ts'

let armed: Extract<Order, { point: string }> | undefined
let clockShiftMs = 0

const wallMs = Date.now
Date.now = () => wallMs() + clockShiftMs

process.on('message', (message: Order) => {
  switch (message.order) {
    case 'crash':
    case 'sleep':
      armed = message
      break
    case 'clock':
      clockShiftMs = message.shiftMs
      break
    case 'measure':
      process.send?.({ heldBytes: heldBytes() } satisfies Told)
      break
    case 'busy': {
      const untilMs = performance.now() + message.ms
      while (performance.now() < untilMs);
      break
    }
  }
})
// The order book must not keep alive a process that is done.
process.channel?.unref()

let collect: (() => void) | undefined

function heldBytes(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function pass(point: string): void {
  if (armed?.point !== point) return
  const signal = armed.order === 'crash' ? 'SIGKILL' : 'SIGSTOP'
  armed = undefined
  process.kill(process.pid, signal)
}

/** A write of a leader that is one no more: it was tried, and the ledger refused it. */
function tellIfRefused({ kind }: AppendOutcome): void {
  if (kind !== 'appended') process.send?.({ refused: kind } satisfies Told)
}

const watched = <Port extends object>(name: string, port: Port): Port =>
  new Proxy(port, {
    get(target, property, receiver) {
      const value: unknown = Reflect.get(target, property, receiver)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        pass(`${name}.${String(property)} before`)
        const result: unknown = Reflect.apply(value, target, args)
        if (!(result instanceof Promise)) return result
        return result.then((answer: unknown) => {
          if (name === 'ledger' && property === 'append') tellIfRefused(answer as AppendOutcome)
          pass(`${name}.${String(property)} after`)
          return answer
        })
      }
    },
  })

addWrap((ports) => {
  const { close, ...parts } = ports
  const wrapped = Object.entries(parts).map(([name, port]) => [name, watched(name, port)])
  return { ...(Object.fromEntries(wrapped) as Omit<Ports, 'close'>), close }
})
