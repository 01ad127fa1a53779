// A center that is configured and that nobody leads for now.

import type { CenterConfig } from '@dure/core'
import { type RedisSettings, redisPorts } from '@dure/engine'
import { handLedCenter } from '@dure/engine/testing'

const FIRST_EPOCH = 1

/** The API answers once a leader has configured the center. */
export async function configure(settings: RedisSettings, config: CenterConfig): Promise<void> {
  const ports = await redisPorts(settings, 'bench')
  try {
    await handLedCenter(ports, config, Date.now())
    await ports.lease.release(FIRST_EPOCH)
  } finally {
    await ports.close()
  }
}
