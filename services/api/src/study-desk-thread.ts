// Runs in a thread of its own, for one task: see study-desk.ts.

import { parentPort, workerData } from 'node:worker_threads'
import { type CreateStudy, type Finding, type Language, readScenario, type ScenarioFile } from '@dure/contract'
import { loadScenario, scenarioNames, scenarioText } from '@dure/contract/scenarios'
import { studyReport } from '@dure/report/study'
import { outcomeOf, studyOf } from '@dure/study'
import type { DeskAnswer, DeskTask } from './study-desk.ts'

const task = workerData as DeskTask
parentPort?.postMessage(task.kind === 'read' ? read(task.asked, task.language) : page(task))

function page({ study, rows }: Extract<DeskTask, { kind: 'report' }>): DeskAnswer {
  return { kind: 'page', html: studyReport(outcomeOf(study, rows)) }
}

function read({ scenario: input, compared, seeds, days }: CreateStudy, language: Language): DeskAnswer {
  const findings: Finding[] = []
  const opened = (one: CreateStudy['scenario'], at: string): ScenarioFile | null => {
    const result = scenarioOf(one, at, language)
    if (Array.isArray(result)) findings.push(...result)
    return Array.isArray(result) ? null : result
  }
  const scenario = opened(input, '/scenario')
  const others = compared ?? scenario?.study?.compare?.scenarios
  const named = compared === undefined ? '/scenario/study/compare/scenarios' : '/compared'
  const sides = others?.map((one, index) => opened(one, `${named}/${index}`))
  if (scenario === null || findings.length > 0) return { kind: 'findings', findings }
  const reading = studyOf(scenario, {
    language,
    ...(seeds !== undefined && { seeds }),
    ...(days !== undefined && { days }),
    ...(sides !== undefined && { compared: sides.filter((side) => side !== null) }),
  })
  if (reading.ok) return { kind: 'study', study: reading.study }
  return { kind: 'findings', findings: reading.findings.map((one) => ({ ...one, pointer: `/scenario${one.pointer}` })) }
}

/** A request has no lines: what is wrong is led to by its pointer. */
function scenarioOf(input: CreateStudy['scenario'], at: string, language: Language): ScenarioFile | Finding[] {
  if (typeof input === 'string' && !scenarioNames().includes(input)) {
    const names = scenarioNames().join(', ')
    const detail = {
      ko: `${input}이라는 시나리오가 없습니다. 있는 것: ${names}.`,
      en: `There is no scenario ${input}; there are ${names}.`,
    }[language]
    return [{ pointer: at, code: 'unknown_scenario', detail }]
  }
  const reading =
    typeof input === 'string'
      ? loadScenario(input, language)
      : readScenario(scenarioText('scenario', JSON.stringify(input)), language)
  if (reading.ok) return reading.scenario
  return reading.findings.map(({ pointer, code, detail }) => ({ pointer: `${at}${pointer}`, code, detail }))
}
