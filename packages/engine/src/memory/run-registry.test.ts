import { expect, it } from 'vitest'
import { createMemoryStore, memoryPorts } from './index.ts'

it('lets the runs of a dead executor be adopted soon, though the clock of the store was set back after its last heartbeat', async () => {
  let nowMs = 3_600_000
  const { registry } = memoryPorts(createMemoryStore(() => nowMs))
  await registry.record('dead', [{ job: 1, attempt: 1, dueMs: 500, detail: null }])
  nowMs = 0
  expect(await registry.adopt('heir', 200)).toBe(0)
  nowMs = 200
  expect(await registry.adopt('heir', 200)).toBe(1)
})
