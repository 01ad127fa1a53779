// The contracts that every adapter of the engine's ports keeps, and a real Redis to try them on.

import { centerClockContract } from './center-clock-contract.ts'
import { commandsContract } from './commands-contract.ts'
import { intakeContract } from './intake-contract.ts'
import { leaseContract } from './lease-contract.ts'
import { ledgerContract } from './ledger-contract.ts'
import { runRegistryContract } from './run-registry-contract.ts'
import { runsContract } from './runs-contract.ts'
import { savepointsContract } from './savepoints-contract.ts'
import { segmentsContract } from './segments-contract.ts'
import { studiesContract } from './studies-contract.ts'
import type { MakeWorld } from './world.ts'

export { type HandLedCenter, handLedCenter, type NamedCommand } from './hand-led-center.ts'
export { type Line, type Proxy, startProxy } from './proxy.ts'
export { freePort, type PrivateRedis, type PrivateRedisOptions, startPrivateRedis } from './redis.ts'
export type { MakeWorld, World } from './world.ts'
export {
  centerClockContract,
  commandsContract,
  intakeContract,
  leaseContract,
  ledgerContract,
  runRegistryContract,
  runsContract,
  savepointsContract,
  segmentsContract,
  studiesContract,
}

/** All contracts; `makeWorld` is called for each test. */
export function portsContract(name: string, makeWorld: MakeWorld): void {
  ledgerContract(name, makeWorld)
  leaseContract(name, makeWorld)
  commandsContract(name, makeWorld)
  runsContract(name, makeWorld)
  runRegistryContract(name, makeWorld)
  intakeContract(name, makeWorld)
  centerClockContract(name, makeWorld)
  savepointsContract(name, makeWorld)
  studiesContract(name, makeWorld)
}
