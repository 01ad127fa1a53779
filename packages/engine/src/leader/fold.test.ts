// An entry that is sound in itself and tells of what cannot have happened: two leaders have written.

import { easy } from '@dure/core'
import { expect, it } from 'vitest'
import { createMemoryStore, memoryPorts } from '../memory/index.ts'
import type { LedgerEntry } from '../ports.ts'
import { handLedCenter } from '../testing/hand-led-center.ts'
import { audit } from './audit.ts'
import { type Folded, foldEntry } from './fold.ts'

const config = {
  name: 'folded',
  pools: [
    {
      name: 'gpu',
      kind: 'gpu',
      model: 'H100',
      nodes: 1,
      perNode: { cpuMilli: 8_000, memoryMib: 8_192, accelerators: 8 },
    },
  ],
  accounts: [{ name: 'a', parent: null, shares: 1 }],
  associations: [{ account: 'a', user: 'u', shares: 1 }],
  policy: easy,
} as const

it('a moment before the last one breaks the ledger, for who folds it and for who decides it anew', async () => {
  const { ledger, lease } = memoryPorts(createMemoryStore(() => 0))
  const center = await handLedCenter({ ledger, lease }, config, 1_000)
  await center.commit(5_000, [])
  const entries = await ledger.read(1, 10)
  const earlier = await otherEntry()
  const broken: readonly LedgerEntry[] = [...entries, { ...earlier, revision: entries.length + 1 }]

  let folded: Folded | undefined
  const fold = () => {
    for (const entry of broken) folded = foldEntry(folded, entry, { keep: false }, () => {}).folded
  }
  const sentence = /^ledger entry 4 is broken: what it says cannot have happened \(.*time does not go back/
  expect(fold).toThrow(sentence)
  await expect(audit({ ...ledger, read: async (from) => broken.slice(from - 1) })).rejects.toThrow(sentence)
})

/** What another leader of the same center has written, who is not as far. */
async function otherEntry(): Promise<LedgerEntry> {
  const { ledger, lease } = memoryPorts(createMemoryStore(() => 0))
  const center = await handLedCenter({ ledger, lease }, config, 1_000)
  await center.commit(2_000, [])
  return (await ledger.tail())!
}
