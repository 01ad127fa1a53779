// Runs in a worker thread: simulates the units it is sent.

import { parentPort } from 'node:worker_threads'
import { runUnit } from '../run-unit.ts'
import type { ThreadNews, ThreadTask } from './thread.ts'

/** Between two words on how far it is. */
const PROGRESS_MS = 250

const port = parentPort
if (port === null) throw new Error('this file is started as a worker thread')
const tell = (news: ThreadNews): void => port.postMessage(news)

port.on('message', ({ study, unit }: ThreadTask) => {
  let toldMs = performance.now()
  try {
    const row = runUnit(study, unit, {
      clock: () => performance.now(),
      onProgress(ended, jobs) {
        if (performance.now() - toldMs < PROGRESS_MS) return
        toldMs = performance.now()
        tell({ kind: 'progress', part: ended / Math.max(1, jobs) })
      },
    })
    tell({ kind: 'row', row })
  } catch (error) {
    tell({ kind: 'failed', sentence: (error as Error).message })
  }
})
