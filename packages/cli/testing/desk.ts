// Somebody at a terminal: `dure` typed in a folder of its own, each time a process of its own.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** What is started to run `dure`. */
export const command = fileURLToPath(new URL('../bin/dure.mjs', import.meta.url))

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  /** null where a signal ended it. */
  readonly code: number | null
}

export interface Desk {
  readonly folder: string
  write(name: string, content: string | Uint8Array): void
  /** Types `dure` with these arguments, a text being parted at its blanks. */
  dure(args: string | readonly string[], given?: { readonly input?: string; readonly env?: NodeJS.ProcessEnv }): Ended
}

/** A desk for the tests of one file, gone when they are over. */
export function openDesk(): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'dure-desk-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  return {
    folder,
    write(name, content) {
      writeFileSync(join(folder, name), content)
    },
    dure(args, { input = '', env = {} } = {}) {
      const words = typeof args === 'string' ? args.split(' ').filter(Boolean) : args
      const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...words], {
        cwd: folder,
        env: { PATH: process.env.PATH, LANG: 'C', ...env },
        input,
        encoding: 'utf8',
      })
      return { stdout, stderr, code: status }
    },
  }
}
