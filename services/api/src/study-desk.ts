// What takes long about studies, in a thread of its own: checking what is asked, and drawing the report. A planner's question must not keep
// a researcher's submit waiting. A thread a task, a few at a time; both are rare.

import { Worker } from 'node:worker_threads'
import type { CreateStudy, Finding, Language, ResultRow } from '@dure/contract'
import type { Study } from '@dure/study'

/** Further ones wait for their turn. */
const TASKS_MAX = 2

export type DeskTask =
  | { readonly kind: 'read'; readonly asked: CreateStudy; readonly language: Language }
  | { readonly kind: 'report'; readonly study: Study; readonly rows: readonly ResultRow[] }

export type DeskAnswer =
  | { readonly kind: 'study'; readonly study: Study }
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | { readonly kind: 'page'; readonly html: string }

export interface StudyDesk {
  /** The study that a request asks for, or what is wrong with it. */
  read(asked: CreateStudy, language: Language): Promise<Extract<DeskAnswer, { kind: 'study' | 'findings' }>>
  /** The report as one HTML page. */
  report(study: Study, rows: readonly ResultRow[]): Promise<string>
}

export function openStudyDesk(): StudyDesk {
  const waiting: (() => void)[] = []
  let under = 0

  async function done(task: DeskTask): Promise<DeskAnswer> {
    // Whoever comes just as a place gets free may take it before the one that was woken.
    while (under >= TASKS_MAX) await new Promise<void>((resolve) => waiting.push(resolve))
    under++
    try {
      return await inThread(task)
    } finally {
      under--
      waiting.shift()?.()
    }
  }

  return {
    read: async (asked, language) => {
      const answer = await done({ kind: 'read', asked, language })
      if (answer.kind === 'page') throw new Error('unreachable: a question was answered with a page')
      return answer
    },
    report: async (study, rows) => {
      const answer = await done({ kind: 'report', study, rows })
      if (answer.kind !== 'page') throw new Error('unreachable: a report was answered without one')
      return answer.html
    },
  }
}

function inThread(task: DeskTask): Promise<DeskAnswer> {
  const worker = new Worker(new URL('./study-desk-thread.ts', import.meta.url), { workerData: task })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread of a study ended with ${code} before its answer`)))
  })
}
