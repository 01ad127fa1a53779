import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Refusal } from './refusal.ts'

/**
 * Finds out whether a TCP port can be listened on; nothing is left listening.
 * @param port 0 = any
 * @returns the port, or for 0 a free one, which is likely but not certain to stay free until it is used
 * @throws the system's error, with its `code`, when it cannot
 */
export async function probePort(host: string, port: number): Promise<number> {
  const server = createServer()
  server.listen({ host, port, exclusive: true })
  await once(server, 'listening')
  const found = (server.address() as AddressInfo).port
  server.close()
  await once(server, 'close')
  return found
}

/** @throws Refusal when the port cannot be had */
export async function claimPort(host: string, port: number): Promise<number> {
  try {
    return await probePort(host, port)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why: Record<string, string> = {
      EADDRINUSE: 'is taken by another program',
      EACCES: 'is reserved for the system',
      EADDRNOTAVAIL: 'cannot be had, because this machine does not have that address',
    }
    throw new Refusal(
      `port ${port} on ${host} ${why[code ?? ''] ?? `cannot be listened on (${code})`}: choose another one with --port, or 0 for any that is free`,
      undefined,
      { cause: error },
    )
  }
}
