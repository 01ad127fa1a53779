// Scenarios that come with Dure, read from `scenarios/`, and those in files. Like `presets.ts` it touches a disk, and browsers do not
// import it.

import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize, resolve } from 'node:path'
import type { Language } from './language.ts'
import { presetNames } from './presets.ts'
import type { LogFile, ScenarioText } from './scenario/extension.ts'
import { readScenario, type ScenarioTextReading } from './scenario/scenario-reading.ts'

const folder = new URL('../scenarios/', import.meta.url)
const centers = new URL('../presets/', import.meta.url)

/** Names of the scenarios that come with Dure, sorted. */
export const scenarioNames = (): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()

/** What `extends` can name anywhere: scenarios, and centers with `center/` before their names. */
const knownNames = (): readonly string[] => [...scenarioNames(), ...presetNames().map((name) => `center/${name}`)]

function shipped(reference: string): ScenarioText | null {
  if (scenarioNames().includes(reference)) return textAt(new URL(`${reference}.yaml`, folder), reference)
  const center = reference.replace(/^center\//, '')
  if (center === reference || !presetNames().includes(center)) return null
  return textAt(new URL(`${center}.yaml`, centers), reference)
}

/** A scenario of ours may extend parts that stand beside it. */
const textAt = (url: URL, name: string): ScenarioText => ({
  name,
  text: readFileSync(url, 'utf8'),
  known: knownNames(),
  extended: (reference) =>
    shipped(reference) ?? (isFile(new URL(reference, url)) ? textAt(new URL(reference, url), reference) : null),
})

/** A text from somewhere else, such as a request: it may extend what comes with Dure, and no file. */
export const scenarioText = (name: string, text: string): ScenarioText => ({
  name,
  text,
  known: knownNames(),
  extended: shipped,
})

/** A text of a file, which may extend other files and name job logs, by their paths from its own folder. */
export const scenarioFileText = (path: string, text: string): ScenarioText => ({
  // By one name whichever way leads there, or a cycle would be gone round twice before it is seen.
  ...scenarioText(normalize(path), text),
  extended(reference) {
    const beside = isAbsolute(reference) ? reference : join(dirname(path), reference)
    return shipped(reference) ?? (isFile(beside) ? scenarioFileText(beside, readFileSync(beside, 'utf8')) : null)
  },
  log(reference) {
    const beside = resolve(dirname(path), reference)
    return isFile(beside) ? logFile(beside) : null
  },
})

const CHUNK_BYTES = 1_048_576

/** Logs may be larger than what one reads at once. null: this one may not be read. */
function logFile(path: string): LogFile | null {
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return null
  }
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) hash.update(chunk.subarray(0, read))
  } finally {
    closeSync(file)
  }
  return { path, sha256: hash.digest('hex') }
}

const isFile = (path: string | URL): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/**
 * The scenario of a name.
 * @throws {Error} naming those there are, when there is none of that name
 */
export function loadScenario(name: string, language?: Language): ScenarioTextReading {
  const text = scenarioNames().includes(name) ? shipped(name) : null
  if (text === null) throw new Error(`there is no scenario ${name}; there are ${scenarioNames().join(', ')}`)
  return readScenario(text, language)
}
