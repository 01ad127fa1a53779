// The scenario that a command is about: one that comes with Dure, by its name, or a file.

import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import {
  type Finding,
  type Language,
  nearestName,
  readScenario,
  type ScenarioTextReading,
  withParticle,
} from '@dure/contract'
import { loadScenario, scenarioFileText, scenarioNames, scenarioText } from '@dure/contract/scenarios'
import type { Trace } from '@dure/sim'
import { logFaults, type Traces } from '@dure/study'
import { readLogs } from '@dure/study/local'
import { Failure } from './failure.ts'
import { isStandardInput, nameOf, readText } from './input-file.ts'

type OpenedScenario = Extract<ScenarioTextReading, { ok: true }> & {
  /** The logs it asks for. */
  readonly traces: Traces
}

/**
 * @param from a file that names it: paths are meant from its folder
 * @throws {Failure} ERR_BAD_SCENARIO_FILE with everything that is wrong; ERR_FILE_NOT_READ
 */
export async function openScenarioSource(
  nameOrFile: string,
  language: Language,
  from?: string,
): Promise<OpenedScenario> {
  const read = scenarioNames().includes(nameOrFile)
    ? loadScenario(nameOrFile, language)
    : await readFileScenario(nameOrFile, from === undefined ? nameOrFile : resolve(dirname(from), nameOrFile), language)
  const refuse = (findings: readonly Finding[]): never => {
    throw new Failure('ERR_BAD_SCENARIO_FILE', { where: nameOf(nameOrFile), findings })
  }
  if (!read.ok) return refuse(read.findings)
  const traces = new Map<string, Trace>()
  const faults = await readLogs(read.scenario, traces)
  if (faults.length === 0) faults.push(...logFaults(read.scenario, traces))
  if (faults.length > 0) {
    refuse(
      faults.map(({ pointer, code, said }) => ({ pointer, code, detail: said[language], ...read.placeOf(pointer) })),
    )
  }
  return { ...read, traces }
}

async function readFileScenario(name: string, file: string, language: Language): Promise<ScenarioTextReading> {
  if (!isStandardInput(file) && !existsSync(file)) throw noScenario(name)
  const text = await readText(file)
  return readScenario(isStandardInput(file) ? scenarioText('-', text) : scenarioFileText(file, text), language)
}

/** A name that was misspelt is no file either, and the names are what people look for. */
function noScenario(name: string): Failure {
  const meant = nearestName(name, scenarioNames())
  const names = scenarioNames().join(', ')
  const help =
    meant === null
      ? { ko: `있는 시나리오: ${names}`, en: `the scenarios are ${names}` }
      : { ko: `${withParticle(meant, '을')} 쓰려고 하셨습니까?`, en: `did you mean ${meant}?` }
  return new Failure('ERR_FILE_NOT_READ', {
    detail: {
      ko: `${name}(이)라는 시나리오도 파일도 없습니다. ${help.ko}`,
      en: `there is neither a scenario nor a file ${name}; ${help.en}`,
    },
  })
}
