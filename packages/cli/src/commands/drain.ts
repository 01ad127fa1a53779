import type { Language } from '@dure/contract'
import type { Command } from 'commander'
import { declareNodeAct } from '../node-acts.ts'

export const declare = (command: Command, language: Language): void =>
  declareNodeAct(command, language, 'drain', {
    ko: (node) => `노드 ${node}: 새 작업을 받지 않습니다.`,
    en: (node) => `Node ${node} takes no new jobs.`,
  })
