// The center that commands without a live one work on: a preset by its name, or a file.

import { type Language, readCenterFile } from '@dure/contract'
import { loadPreset, presetNames } from '@dure/contract/presets'
import type { CenterConfig } from '@dure/core'
import { Failure } from './failure.ts'
import { nameOf, readText } from './input-file.ts'

/** @throws {Failure} ERR_BAD_CENTER_FILE with every line that is wrong; ERR_FILE_NOT_READ */
export async function openCenterSource(presetOrFile: string, language: Language): Promise<CenterConfig> {
  if (presetNames().includes(presetOrFile)) return loadPreset(presetOrFile).config
  const read = readCenterFile(await readText(presetOrFile), language)
  if (read.ok) return read.config
  throw new Failure('ERR_BAD_CENTER_FILE', { where: nameOf(presetOrFile), findings: read.findings })
}
