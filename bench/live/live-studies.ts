// Planners' studies on a live queue: so many workers as processes, and one study at a time, from its question to its last row.

import { setTimeout as pause } from 'node:timers/promises'
import type { ResultRow } from '@dure/contract'
import { type RedisSettings, redisPorts } from '@dure/engine'
import { inOrder, nextUnits, type Study, studyId } from '@dure/study'
import { endProcess, messageOf, startProcess } from '../process.ts'

export interface LiveStudies {
  /** In the order of the study. */
  rows(study: Study): Promise<ResultRow[]>
  stop(): Promise<void>
}

/** How late the end of a study may be seen. */
const LOOK_MS = 10

export async function startLiveStudies(settings: RedisSettings, workers: number): Promise<LiveStudies> {
  const env = {
    DURE_REDIS_URL: settings.url,
    DURE_REDIS_PREFIX: settings.prefix.slice(0, -1),
    DURE_LOG_LEVEL: 'warn',
  }
  const main = new URL('../../services/studies/src/main.ts', import.meta.url)
  const processes = Array.from({ length: workers }, () => startProcess(main, [], env))
  await Promise.all(processes.map(messageOf))
  const { studies, close } = await redisPorts(settings, 'bench')
  return {
    rows: async (study) => {
      const id = studyId(study)
      await studies.begin({ id, study, askedBy: 'bench', askedAtMs: Date.now() })
      await studies.dispatch(id, nextUnits(study, []))
      for (;;) {
        const record = await studies.find(id)
        if (record?.state === 'completed') return inOrder(study, (await studies.rows(id)) as ResultRow[])
        if (record?.state !== 'running') throw new Error(`the study is ${record?.state}: ${record?.sentence}`)
        await pause(LOOK_MS)
      }
    },
    stop: async () => {
      await Promise.all(processes.map(endProcess))
      await close()
    },
  }
}
