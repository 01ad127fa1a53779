// Leaders coming and going.

import { type CenterConfig, easy } from '@dure/core'
import { describe, expect, it, vi } from 'vitest'
import { createMemoryStore, type MemoryStore, memoryPorts } from '../memory/index.ts'
import { type Ports, StoreError } from '../ports.ts'
import { lead } from './lead.ts'
import type { Term } from './term.ts'

const genesis: CenterConfig = {
  name: 'led',
  pools: [
    {
      name: 'gpu',
      kind: 'gpu',
      model: 'H100',
      nodes: 1,
      perNode: { cpuMilli: 8000, memoryMib: 8192, accelerators: 8 },
    },
  ],
  accounts: [{ name: 'a', parent: null, shares: 1 }],
  associations: [{ account: 'a', user: 'u', shares: 1 }],
  policy: easy,
}

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

function leading(store: MemoryStore, owner: string, change: (ports: Ports) => Partial<Ports> = () => ({})) {
  const stopping = new AbortController()
  const terms: Term[] = []
  const inMemory = memoryPorts(store)
  const done = lead(
    { ...inMemory, ...change(inMemory) },
    {
      owner,
      genesis,
      genesisMs: 0,
      speed: 1,
      leaseTtlMs: 600,
      concurrency: 8,
      monotonicMs: () => performance.now(),
      logger: quiet,
      onTerm: (term) => void terms.push(term),
    },
    stopping.signal,
  )
  done.catch(() => {})
  return { terms, done, stop: () => stopping.abort() }
}

describe('a leader', () => {
  it('that another has relieved stands by, and leads again when that one goes', async () => {
    const store = createMemoryStore(() => performance.now())
    const first = leading(store, 'first')
    await vi.waitFor(() => expect(first.terms).toHaveLength(1))
    store.lease = undefined
    const second = leading(store, 'second')
    await vi.waitFor(() => expect(second.terms).toHaveLength(1), 3000)
    second.stop()
    await second.done
    await vi.waitFor(() => expect(first.terms.length).toBeGreaterThan(1), 3000)
    first.stop()
    await first.done
  })

  it('that is asked to stop while the store does not answer stops all the same', async () => {
    const store = createMemoryStore(() => performance.now())
    let appends = 0
    const first = leading(store, 'first', ({ ledger }) => ({
      ledger: {
        ...ledger,
        append: () => {
          appends++
          return Promise.reject(new StoreError('unknown', 'append', 'connection lost'))
        },
      },
    }))
    await vi.waitFor(() => expect(appends).toBeGreaterThan(0))
    first.stop()
    await first.done
    expect(first.terms).toHaveLength(0)
  })

  it('gives its commands back and its lease up before a savepoint that takes long', async () => {
    const store = createMemoryStore(() => performance.now())
    const first = leading(store, 'first', ({ savepoints }) => ({
      savepoints: { ...savepoints, store: () => new Promise(() => {}) },
    }))
    await vi.waitFor(() => expect(first.terms).toHaveLength(1))
    first.stop()
    await first.done
    expect(store.lease).toBeUndefined()
  }, 10_000)
})
