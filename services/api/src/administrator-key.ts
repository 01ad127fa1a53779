// The key of whoever runs the center on this machine, in a file only they can read.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BadConfiguration } from '@dure/engine'
import type { KeyRing } from './keys.ts'

const FILE = 'admin.key'
const USER = 'admin'

/**
 * Id of the key in `<directory>/admin.key`. Makes one where there is no file, or where the store does not know what is in
 * it: a Redis that was exchanged knows no keys. Throws `BadConfiguration` when the file cannot be read or written.
 */
export async function administratorKey(directory: string, keys: KeyRing): Promise<string> {
  const file = join(directory, FILE)
  try {
    const found = existsSync(file) ? await keys.recognize(readFileSync(file, 'utf8').trim()) : undefined
    if (found?.kind === 'caller' && found.caller.role === 'administrator') return found.caller.keyId
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    // Whether the directory can be written is found out before there is a key that nobody holds.
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, '', { mode: 0o600 })
    const { stored, key } = await keys.create({
      user: USER,
      role: 'administrator',
      note: 'made at the local start',
    })
    writeFileSync(draft, `${key}\n`)
    renameSync(draft, file)
    return stored.id
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause
    throw new BadConfiguration(
      `The key file ${file} cannot be used (${(cause as Error).message}): give yourself the right to read and write it, or set DURE_DATA to another directory.`,
      { cause },
    )
  }
}
