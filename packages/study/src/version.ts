// Which program decides a study's results: the version of the package, and a hash of the sources that decide, which run as they lie there. So
// a build between two versions, or one that somebody has changed, is another program (decisions/006-a-build-is-its-sources.md).

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import manifest from '../package.json' with { type: 'json' }

const packages = ['core', 'sim', 'contract', 'study']
const HASH_DIGITS = 12

let known: string | undefined

/** `0.1.0+1a2b3c4d5e6f`. Read once: the program that runs is the one that was read first, too. */
export const studyVersion = (): string => (known ??= `${manifest.version}+${sourcesHash()}`)

function sourcesHash(): string {
  const hash = createHash('sha256')
  for (const name of packages) {
    const folder = new URL(`../../${name}/src/`, import.meta.url)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    for (const path of files.sort()) hash.update(`${name}/${path}\n`).update(readFileSync(new URL(path, folder)))
  }
  return hash.digest('hex').slice(0, HASH_DIGITS)
}
