// Runs in a worker thread: simulates the units it is sent.

import { parentPort } from 'node:worker_threads'
import { solverFor, type Trace } from '@dure/sim'
import { planOf } from '../plan/plan.ts'
import { runUnit, scenarioAt } from '../run-unit.ts'
import { studyVersion } from '../version.ts'
import { readLogs } from './log-files.ts'
import type { ThreadNews, ThreadTask } from './thread.ts'

/** Between two words on how far it is. */
const PROGRESS_MS = 250

const port = parentPort
if (port === null) throw new Error('this file is started as a worker thread')
const tell = (news: ThreadNews): void => port.postMessage(news)

/** Logs that have been read, by the SHA-256 of their files: all units of a study share them. */
const traces = new Map<string, Trace>()

const otherBuild = (asked: string): string =>
  `the study was asked of Dure ${asked}, and this worker is ${studyVersion()}: start all of a center from one build, and ask anew`

port.on('message', async ({ study, unit }: ThreadTask) => {
  let toldMs = performance.now()
  try {
    if (study.version !== studyVersion()) throw new Error(otherBuild(study.version))
    for (const scenario of study.scenarios) {
      const [fault] = await readLogs(scenario, traces)
      if (fault !== undefined) throw fault
    }
    const watch = {
      ...(await solverFor(planOf(scenarioAt(study, unit), traces).scenario.config)),
      clock: () => performance.now(),
      onProgress(ended: number, jobs: number) {
        if (performance.now() - toldMs < PROGRESS_MS) return
        toldMs = performance.now()
        tell({ kind: 'progress', part: ended / Math.max(1, jobs) })
      },
    }
    const row = runUnit(study, unit, watch, traces)
    tell({ kind: 'row', row })
  } catch (error) {
    tell({ kind: 'failed', sentence: (error as Error).message })
  }
})
