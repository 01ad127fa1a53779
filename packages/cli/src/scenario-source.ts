// The scenario that a command is about: one that comes with Dure, by its name, or a file.

import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Language, nearestName, readScenario, type ScenarioTextReading } from '@dure/contract'
import { loadScenario, scenarioFileText, scenarioNames, scenarioText } from '@dure/contract/scenarios'
import { Failure } from './failure.ts'
import { isStandardInput, nameOf, readText } from './input-file.ts'

type OpenedScenario = Extract<ScenarioTextReading, { ok: true }>

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
  if (read.ok) return read
  throw new Failure('ERR_BAD_SCENARIO_FILE', { where: nameOf(nameOrFile), findings: read.findings })
}

async function readFileScenario(name: string, file: string, language: Language): Promise<ScenarioTextReading> {
  if (!isStandardInput(file) && !existsSync(file)) throw noScenario(name)
  const text = await readText(file)
  return readScenario(isStandardInput(file) ? scenarioText('-', text) : scenarioFileText(file, text), language)
}

/** A name that was misspelt is no file either, and the names are what people look for. */
function noScenario(name: string): Failure {
  const meant = nearestName(name, scenarioNames())
  const help = meant === null ? `the scenarios are ${scenarioNames().join(', ')}` : `did you mean ${meant}?`
  return new Failure('ERR_FILE_NOT_READ', { detail: `there is neither a scenario nor a file ${name}; ${help}` })
}
