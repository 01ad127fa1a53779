// A ledger that the code of an earlier day has written is read, folded and decided anew by the code of today: an upgrade
// finds its center again.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createMemoryStore, memoryPorts } from '../memory/index.ts'
import { createReadModel } from '../read-model/read-model.ts'
import { audit } from './audit.ts'
import { recover } from './recovery.ts'

interface EarlierLedger {
  readonly factsHash: string
  readonly facts: number
  readonly entries: readonly {
    readonly revision: number
    readonly epoch: number
    readonly nonce: string
    readonly sha: string
    readonly previousSha: string
    /** Base64. */
    readonly body: string
  }[]
}

const fixture = new URL('./fixtures/ledger-2026-11-23.json', import.meta.url)
const { factsHash, facts, entries } = JSON.parse(readFileSync(fixture, 'utf8')) as EarlierLedger
const ledgerEntries = entries.map((entry) => ({ ...entry, body: new Uint8Array(Buffer.from(entry.body, 'base64')) }))

async function ports() {
  const store = createMemoryStore(() => 0)
  const { ledger, savepoints, lease } = memoryPorts(store)
  await lease.acquire('earlier', 1_000)
  for (const entry of ledgerEntries) await ledger.append(entry)
  return { ledger, savepoints }
}

describe('a ledger of 2026-11-23', () => {
  it('keeps its chain, so that what is read is what was written', async () => {
    const { ledger } = await ports()
    expect((await ledger.read(1, 100)).map(({ sha }) => sha)).toEqual(entries.map(({ sha }) => sha))
  })

  it('is folded by a new leader to the facts that were written', async () => {
    const { ledger, savepoints } = await ports()
    const silent = { started: () => {}, ended: () => {}, requeued: () => {} }
    const { folded, revision } = await recover(ledger, savepoints, silent)
    expect(revision).toBe(entries.length)
    expect(folded?.log.hash()).toBe(factsHash)
  })

  it('leads to the same facts when it is decided anew', async () => {
    const { ledger } = await ports()
    expect(await audit(ledger)).toMatchObject({ revision: entries.length, facts, factsHash })
  })

  it('is read by whoever shows jobs', () => {
    const model = createReadModel({ nowMs: () => 0 })
    for (const entry of ledgerEntries) model.fold(entry)
    const states = [1, 2, 3, 4, 5, 10, 16].map((job) => model.jobs.get(job)?.state)
    // Worked out by hand from the commands that were sent.
    expect(states).toEqual(['FAILED', 'TIMEOUT', 'COMPLETED', 'CANCELLED', 'COMPLETED', 'FAILED', 'TIMEOUT'])
  })
})
