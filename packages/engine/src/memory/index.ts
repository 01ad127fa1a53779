// All ports in the memory of one process, for tests and for centers that need not outlive their process. Several sets of
// ports on one store behave like several processes on one Redis.

import type { Ports } from '../ports.ts'
import { memoryCenterClock } from './center-clock.ts'
import { memoryCommands } from './commands.ts'
import { memoryIntake } from './intake.ts'
import { memoryLease } from './lease.ts'
import { memoryLedger } from './ledger.ts'
import { memoryRunRegistry } from './run-registry.ts'
import { memoryRuns } from './runs.ts'
import { memorySavepoints } from './savepoints.ts'
import type { MemoryStore } from './store.ts'
import { memoryStudies } from './studies.ts'

export { createMemoryStore, type MemoryStore } from './store.ts'

export function memoryPorts(store: MemoryStore): Ports {
  return {
    ledger: memoryLedger(store),
    lease: memoryLease(store),
    commands: memoryCommands(store),
    runs: memoryRuns(store),
    registry: memoryRunRegistry(store),
    intake: memoryIntake(store),
    clock: memoryCenterClock(store),
    savepoints: memorySavepoints(store),
    studies: memoryStudies(store),
    close: async () => {},
  }
}
