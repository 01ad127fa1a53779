// Somebody who submits jobs as fast as they like, seen from outside their process.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const module = fileURLToPath(new URL('./flooding-process.ts', import.meta.url))

export interface Flooded {
  readonly letIn: number
  /** Answered 429, with a Retry-After. */
  readonly refused: number
  readonly other: number
}

export interface Flooder {
  /** Submits so many jobs, at the rate. */
  flood(count: number): Promise<Flooded>
  stop(): void
}

export function startFlooder(url: string, key: string, perSecond: number): Flooder {
  const child = fork(module, [url, key, String(perSecond)])
  return {
    flood: async (count) => {
      const told = once(child, 'message') as Promise<[Flooded]>
      child.send(count)
      return (await told)[0]
    },
    stop: () => child.kill('SIGKILL'),
  }
}

/** What several were told, together. */
export function added(all: readonly Flooded[]): Flooded {
  const sum = (of: keyof Flooded) => all.reduce((total, one) => total + one[of], 0)
  return { letIn: sum('letIn'), refused: sum('refused'), other: sum('other') }
}
