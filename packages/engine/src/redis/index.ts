// All ports on one Redis.

import type { Ledger, Ports } from '../ports.ts'
import { redisCenterClock } from './center-clock.ts'
import { redisCommands } from './commands.ts'
import { connectPrompt, type RedisSettings } from './connect.ts'
import { redisIntake } from './intake.ts'
import { redisLease } from './lease.ts'
import { redisLedger } from './ledger.ts'
import { redisRunRegistry } from './run-registry.ts'
import { redisRuns } from './runs.ts'
import { redisSavepoints } from './savepoints.ts'
import { redisStudies } from './studies.ts'

/** Opens the ports; `name` tells whose connections they are in Redis's client list. Throws `StoreError`. */
export async function redisPorts(settings: RedisSettings, name: string): Promise<Ports> {
  // Appends carry the large values. On a connection of their own they do not hold up the lease, which must not be late.
  const [redis, ledgerRedis] = await Promise.all([
    connectPrompt(settings, name),
    connectPrompt(settings, `${name}-ledger`),
  ])
  const commands = redisCommands(redis, settings)
  const runs = redisRuns(redis, settings)
  const studies = redisStudies(redis, settings)
  return {
    ledger: redisLedger(ledgerRedis, settings),
    lease: redisLease(redis, settings),
    commands,
    runs,
    registry: redisRunRegistry(redis, settings),
    intake: redisIntake(redis, settings),
    clock: redisCenterClock(redis, settings),
    savepoints: redisSavepoints(ledgerRedis, settings),
    studies,
    close: async () => {
      await Promise.allSettled([commands.close(), runs.close(), studies.close()])
      redis.disconnect()
      ledgerRedis.disconnect()
    },
  }
}

/** The ledger alone, for somebody who reads much of it beside everything else. Throws `StoreError`. */
export async function openRedisLedger(
  settings: RedisSettings,
  name: string,
): Promise<{ readonly ledger: Ledger; close(): void }> {
  const redis = await connectPrompt(settings, name)
  return { ledger: redisLedger(redis, settings), close: () => redis.disconnect() }
}
