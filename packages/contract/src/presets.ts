// Centers that come with Dure, read from `presets/`. The only file here that touches a disk: browsers import the rest.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { CenterConfig } from '@dure/core'
import { type CenterReading, readCenterFile } from './center-file.ts'

const folder = new URL('../presets/', import.meta.url)

/** Names of the presets, sorted. */
export const presetNames = (): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()

/**
 * The preset of a name.
 * @throws {Error} naming those there are, when there is none of that name, or when the file itself is broken.
 */
export function loadPreset(name: string): Extract<CenterReading, { ok: true }> {
  const names = presetNames()
  if (!names.includes(name)) throw new Error(`there is no preset ${name}; there are ${names.join(', ')}`)
  const read = readCenterFile(readFileSync(new URL(`${name}.yaml`, folder), 'utf8'))
  if (read.ok) return read
  const [first] = read.findings
  throw new Error(`preset ${name} is broken in line ${first?.line}: ${first?.detail}`)
}

/**
 * The center of a preset's name, or of a center file's path.
 * @throws {Error} with one sentence: no such preset or file, or the first thing that is wrong in it.
 */
export function loadCenter(nameOrPath: string): CenterConfig {
  if (presetNames().includes(nameOrPath)) return loadPreset(nameOrPath).config
  if (!existsSync(nameOrPath)) {
    throw new Error(`there is neither a preset nor a file ${nameOrPath}; the presets are ${presetNames().join(', ')}`)
  }
  const read = readCenterFile(readFileSync(nameOrPath, 'utf8'))
  if (read.ok) return read.config
  const [first] = read.findings
  throw new Error(`${nameOrPath}${first?.line === undefined ? '' : `:${first.line}`}: ${first?.detail}`)
}
