// Which program this is.

import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Package = z.object({ version: z.string() })

export interface Release {
  readonly version: string
  /** Hash of the source revision, where the environment of the build says so. */
  readonly commit: string | null
}

export function readRelease(environment: Readonly<Record<string, string | undefined>>): Release {
  const { version } = Package.parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')))
  return { version, commit: environment.DURE_COMMIT || null }
}
