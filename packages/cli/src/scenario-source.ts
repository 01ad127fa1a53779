// The scenario that commands without a live center work on: one that comes with Dure, by its name, or a file.

import { dirname, resolve } from 'node:path'
import { type Language, readScenario, type ScenarioTextReading } from '@dure/contract'
import { loadScenario, scenarioFileText, scenarioNames } from '@dure/contract/scenarios'
import { Failure } from './failure.ts'
import { isStandardInput, nameOf, readText } from './input-file.ts'

type OpenedScenario = Omit<Extract<ScenarioTextReading, { ok: true }>, 'ok'>

/**
 * @param from the file that names it, beside which it may stand
 * @throws {Failure} ERR_BAD_SCENARIO_FILE with every line that is wrong; ERR_FILE_NOT_READ
 */
export async function openScenarioSource(
  nameOrFile: string,
  language: Language,
  from?: string,
): Promise<OpenedScenario> {
  const file = from === undefined || isStandardInput(nameOrFile) ? nameOrFile : resolve(dirname(from), nameOrFile)
  const read = scenarioNames().includes(nameOrFile)
    ? loadScenario(nameOrFile, language)
    : readScenario(scenarioFileText(file, await readText(file)), language)
  if (read.ok) return read
  throw new Failure('ERR_BAD_SCENARIO_FILE', { where: nameOf(nameOrFile), findings: read.findings })
}
