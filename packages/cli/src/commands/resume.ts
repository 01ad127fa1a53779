import type { Language } from '@dure/contract'
import type { Command } from 'commander'
import { declareNodeAct } from '../node-acts.ts'

export const declare = (command: Command, language: Language): void =>
  declareNodeAct(command, language, 'resume', {
    ko: (node) => `노드 ${node}: 다시 작업을 받습니다.`,
    en: (node) => `Node ${node} takes jobs again.`,
  })
