// A bad network between a client and a server on loopback.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Proxy {
  readonly port: number
  /** From now on what the server says on the connections that exist is swallowed; nobody is told. New ones are fine. */
  swallowReplies(): void
  /** Nothing passes in either direction on the connections that exist; nobody is told. New ones are fine. */
  freeze(): void
  /** Breaks all connections. New ones are fine. */
  cut(): void
  readonly connections: number
  stop(): Promise<void>
}

export async function startProxy(targetPort: number): Promise<Proxy> {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>()
  const listener = createServer((client) => {
    const server = connect(targetPort, '127.0.0.1')
    const pair = { client, server }
    pairs.add(pair)
    client.on('data', (data) => server.write(data))
    server.on('data', (data) => client.write(data))
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => {})
      socket.on('close', () => {
        other.destroy()
        pairs.delete(pair)
      })
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')

  const cut = () => {
    for (const { client, server } of pairs) {
      client.destroy()
      server.destroy()
    }
  }
  return {
    port: address.port,
    get connections() {
      return pairs.size
    },
    swallowReplies: () => {
      for (const { server } of pairs) server.removeAllListeners('data').resume()
    },
    freeze: () => {
      for (const { client, server } of pairs) {
        client.removeAllListeners('data').resume()
        server.removeAllListeners('data').resume()
      }
    },
    cut,
    stop: async () => {
      listener.close()
      cut()
      await once(listener, 'close')
    },
  }
}
