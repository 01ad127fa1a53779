import type { Language } from '@dure/contract'
import type { Command } from 'commander'
import { declareJobAct } from '../job-acts.ts'

export const declare = (command: Command, language: Language): void =>
  declareJobAct(command, language, {
    ask: (center, id) => center.holdJob(id),
    done: { ko: (id) => `작업 ${id} 보류를 접수했습니다.`, en: (id) => `Job ${id} will be held.` },
  })
