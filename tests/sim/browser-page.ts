// The page that asks a worker, as `node-thread.ts` does in Node. Tests call `ask` from outside.

import { type Scenario, sharedCancel } from '@dure/sim'
import { type Asked, listen, type Wish } from './asked.ts'
import type { Message, Question } from './worker-answers.ts'

declare class Worker {
  constructor(url: URL, options: { readonly type: 'module' })
  onmessage: (event: { readonly data: Message }) => void
  onerror: (event: { readonly message: string }) => void
  postMessage(question: Question): void
  terminate(): void
}

function ask(scenario: Scenario, seed: number, wish: Wish): Promise<Asked> {
  const worker = new Worker(new URL('./browser-worker.ts', import.meta.url), { type: 'module' })
  const cancel = sharedCancel()
  const asked = new Promise<Asked>((resolve, reject) => {
    const hear = listen(wish, cancel, resolve)
    worker.onmessage = ({ data }) => hear(data)
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.postMessage({ scenario, seed, cancel: cancel.memory })
  })
  return asked.finally(() => worker.terminate())
}

Object.assign(globalThis, { ask })
