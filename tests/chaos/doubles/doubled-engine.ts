// `@dure/engine` as a service under test gets it: all of it, but ports that have been wrapped.

import { redisPorts as connectPorts, type Ports, type RedisSettings } from '@dure/engine'
import { wrapPorts } from './wraps.ts'

export * from '@dure/engine'

export async function redisPorts(settings: RedisSettings, name: string): Promise<Ports> {
  return wrapPorts(await connectPorts(settings, name), settings)
}
