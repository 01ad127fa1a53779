import { portsContract } from '../testing/index.ts'
import { createMemoryStore, memoryPorts } from './index.ts'

portsContract('memory', async () => {
  const store = createMemoryStore(() => performance.now())
  return { connect: async () => memoryPorts(store), close: async () => {} }
})
