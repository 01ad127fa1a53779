// Lua scripts: the only way several keys change together. Each lives in a .lua file that opens with its contract.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

export interface Script {
  readonly lua: string
  readonly sha1: string
}

/** Reads `<name>.lua` beside this file. */
export function loadScript(name: string): Script {
  const lua = readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8')
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') }
}

/** Runs a script by its hash, and by its text where Redis does not know it (yet, or after a restart). */
export async function runScript(
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha1, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return await redis.eval(script.lua, keys.length, ...keys, ...args)
  }
}
