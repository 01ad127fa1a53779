// A bad network between a client and a server on loopback.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What becomes of bytes on their way, on all connections. */
export interface Line {
  /** False: they wait, as in a network that is cut, and arrive when the line is mended. */
  readonly toServer: boolean
  readonly toClient: boolean
  /** On the way, in each direction. */
  readonly delayMs: number
}

const GOOD_LINE: Line = { toServer: true, toClient: true, delayMs: 0 }

export interface Proxy {
  readonly port: number
  /** From now on what the server says on the connections that exist is swallowed; nobody is told. New ones are fine. */
  swallowReplies(): void
  /** Nothing passes in either direction on the connections that exist; nobody is told. New ones are fine. */
  freeze(): void
  /** Breaks all connections. New ones are fine. */
  cut(): void
  /** From now on the line is like this, for new connections too. Whatever is not said is good: `{}` mends everything. */
  setLine(line: Partial<Line>): void
  readonly connections: number
  stop(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  readonly ways: readonly Way[]
}

export async function startProxy(targetPort: number): Promise<Proxy> {
  const pairs = new Set<Pair>()
  let line = GOOD_LINE
  const listener = createServer((client) => {
    const server = connect(targetPort, '127.0.0.1')
    const ways = [
      new Way(client, server, () => ({ isOpen: line.toServer, delayMs: line.delayMs })),
      new Way(server, client, () => ({ isOpen: line.toClient, delayMs: line.delayMs })),
    ]
    const pair: Pair = { client, server, ways }
    pairs.add(pair)
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
    setLine: (changed) => {
      line = { ...GOOD_LINE, ...changed }
      for (const { ways } of pairs) for (const way of ways) way.goOn()
    },
    stop: async () => {
      listener.close()
      cut()
      await once(listener, 'close')
    },
  }
}

/** One direction of a connection. Bytes keep their order, whatever befalls the line. */
class Way {
  readonly #from: Socket
  readonly #to: Socket
  readonly #state: () => { readonly isOpen: boolean; readonly delayMs: number }
  readonly #onTheWay: { readonly data: Buffer; readonly dueMs: number }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, state: () => { readonly isOpen: boolean; readonly delayMs: number }) {
    this.#from = from
    this.#to = to
    this.#state = state
    from.on('data', (data: Buffer) => {
      const { isOpen, delayMs } = state()
      if (isOpen && delayMs === 0 && this.#onTheWay.length === 0) {
        to.write(data)
        return
      }
      this.#onTheWay.push({ data, dueMs: performance.now() + delayMs })
      this.goOn()
    })
  }

  /** Delivers what is due, if the line lets it. */
  goOn(): void {
    clearTimeout(this.#timer)
    if (!this.#state().isOpen) {
      this.#from.pause()
      return
    }
    this.#from.resume()
    const nowMs = performance.now()
    while (this.#onTheWay.length > 0 && this.#onTheWay[0]!.dueMs <= nowMs) this.#to.write(this.#onTheWay.shift()!.data)
    const [next] = this.#onTheWay
    if (next !== undefined) this.#timer = setTimeout(() => this.goOn(), next.dueMs - nowMs)
  }
}
