// What a thread that asks a worker hears of it.

import type { SharedCancel } from '@dure/sim'
import type { Answer, Message } from './worker-answers.ts'

/** `stop`: cancel as soon as the worker has told how far it is. */
export type Wish = 'finish' | 'stop'

export interface Asked {
  readonly answer: Answer
  /** Jobs ended of jobs in all, as the worker told while it ran. */
  readonly progress: readonly (readonly [ended: number, jobs: number])[]
}

/** Hears the messages of a worker until it has answered. */
export function listen(wish: Wish, cancel: SharedCancel, done: (asked: Asked) => void): (message: Message) => void {
  const progress: [number, number][] = []
  return (message) => {
    if (message.kind === 'answer') {
      done({ answer: message.answer, progress })
      return
    }
    progress.push([message.ended, message.jobs])
    if (wish === 'stop') cancel.abort()
  }
}
