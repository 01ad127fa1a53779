import { segmentsContract } from '../testing/index.ts'
import { createMemoryStore } from './index.ts'
import { memorySegments } from './segments.ts'

segmentsContract('memory', async () => {
  const store = createMemoryStore(() => 0)
  return { open: () => memorySegments(store), close: async () => {} }
})
