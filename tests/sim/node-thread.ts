// Asks a worker thread, and waits for it without standing still.

import { Worker } from 'node:worker_threads'
import { type Scenario, sharedCancel } from '@dure/sim'
import { type Asked, listen, type Wish } from './asked.ts'

export function askThread(scenario: Scenario, seed: number, wish: Wish): Promise<Asked> {
  const worker = new Worker(new URL('./node-worker.ts', import.meta.url))
  const cancel = sharedCancel()
  const asked = new Promise<Asked>((resolve, reject) => {
    worker.on('message', listen(wish, cancel, resolve))
    worker.on('error', reject)
    worker.postMessage({ scenario, seed, cancel: cancel.memory })
  })
  return asked.finally(() => worker.terminate())
}
