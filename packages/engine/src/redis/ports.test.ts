import { afterAll, beforeAll } from 'vitest'
import type { Ports } from '../ports.ts'
import { type PrivateRedis, portsContract, startPrivateRedis } from '../testing/index.ts'
import { redisPorts } from './index.ts'

let server: PrivateRedis

beforeAll(async () => {
  server = await startPrivateRedis()
})

afterAll(() => server.stop())

portsContract('redis', async () => {
  const settings = server.settings()
  const connected: Ports[] = []
  return {
    connect: async () => {
      const ports = await redisPorts(settings, 'contract')
      connected.push(ports)
      return ports
    },
    close: async () => {
      await Promise.all(connected.map((ports) => ports.close()))
    },
  }
})
