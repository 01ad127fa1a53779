// Center time as the leader last told it, in one Redis hash. Ages are measured by Redis's clock, so that no two machines'
// clocks are ever compared.

import type { Redis } from 'ioredis'
import type { CenterClock } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { loadScript, runScript } from './script.ts'

const publishScript = loadScript('clock-publish')
const readScript = loadScript('clock-read')

export function redisCenterClock(redis: Redis, settings: RedisSettings): CenterClock {
  const clockKey = `${settings.prefix}clock`
  const epochKey = `${settings.prefix}epoch`
  return {
    publish: async ({ epoch, atMs, speed }) =>
      (await withStoreErrors('publish center time', () =>
        runScript(redis, publishScript, [epochKey, clockKey], [epoch, atMs, speed]),
      )) === 1,
    read: () =>
      withStoreErrors('read center time', async () => {
        const reply = (await runScript(redis, readScript, [clockKey], [])) as [string, string, string, string] | null
        if (reply === null) return undefined
        const [epoch, atMs, speed, ageMs] = reply
        return { epoch: Number(epoch), atMs: Number(atMs), speed: Number(speed), ageMs: Math.max(Number(ageMs), 0) }
      }),
  }
}
