// What `npm start` can be told: by a flag, else by the environment, else the default. The settings themselves, and what
// they may be, are those of the services (`@dure/contract`), which get them from here.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readSettings, type Settings } from '@dure/contract'
import { exitCode, Refusal } from './refusal.ts'

export interface CenterOptions {
  /** All but `redisUrl`, which is known only once Redis runs. Directories are absolute. */
  readonly settings: Omit<Settings, 'redisUrl'>
  /** A Redis that somebody else runs; undefined = a private one. */
  readonly redisUrl: string | undefined
  /** Whether a simulated community of users submits jobs. */
  readonly demo: boolean
}

export const usage = `Usage: npm start -- [options]

  --preset NAME   the center to bring up, or the path of a center file (DURE_PRESET; default baseline-2024)
  --speed N       center seconds per second (DURE_SPEED; default 60)
  --port N        port on 127.0.0.1 for the console and the API, 0 = any free one (DURE_PORT; default 8080)
  --data DIR      where the center keeps its ledger and keys (DURE_DATA; default .dure)
  --no-demo       no simulated users: the queue is yours alone
  --help          this text

  REDIS_URL       use this Redis (6.2 or newer, append-only file, maxmemory-policy noeviction), not a private one
  DURE_SEGMENTS   where older entries of the ledger go that Redis need not hold (default DIR/ledger)
  DURE_KEY_RATE   requests a second of one key (default 50; 0 = no limit; operators and administrators have none)
  DURE_LOG_LEVEL  what goes to DIR/logs: trace, debug, info, warn or error (default info)
`

/** An hour of the center a minute: slow enough to watch, fast enough to see jobs end. */
const DEFAULT_SPEED = '60'

const variableOf = { preset: 'DURE_PRESET', speed: 'DURE_SPEED', port: 'DURE_PORT', data: 'DURE_DATA' } as const

/**
 * @param args what follows the program's name
 * @returns 'help' when that is what was asked for
 * @throws Refusal naming the flag (exit code 2) or the variable (78) that is wrong
 */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): CenterOptions | 'help' {
  const flags = parseFlags(args)
  if (flags.help) return 'help'

  const fromFlags: Record<string, string> = {}
  for (const flag of ['preset', 'speed', 'port', 'data'] as const) {
    const value = flags[flag]
    if (value === '') throw badFlag(`--${flag} needs a value`)
    if (value !== undefined) fromFlags[variableOf[flag]] = value
  }
  const redisUrl = env.REDIS_URL || env.DURE_REDIS_URL || undefined
  const reading = readSettings({
    ...env,
    DURE_SPEED: env.DURE_SPEED || DEFAULT_SPEED,
    ...fromFlags,
    DURE_REDIS_URL: redisUrl ?? 'redis://127.0.0.1',
  })
  if (!reading.ok) {
    const finding = reading.findings[0]
    const variable = finding?.pointer ?? ''
    const flag = Object.entries(variableOf).find(([, name]) => name === variable && name in fromFlags)?.[0]
    const named = variable === 'DURE_REDIS_URL' ? 'REDIS_URL' : flag ? `--${flag}` : variable
    const sentence = (finding?.detail ?? 'a setting is wrong').replace(variable, named)
    throw flag ? badFlag(sentence) : new Refusal(sentence)
  }

  const { redisUrl: _, ...settings } = reading.settings
  const { dataDirectory, segmentsDirectory } = settings
  return {
    settings: {
      ...settings,
      dataDirectory: resolve(dataDirectory),
      segmentsDirectory: segmentsDirectory && resolve(segmentsDirectory),
    },
    redisUrl,
    demo: !flags['no-demo'],
  }
}

function parseFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        preset: { type: 'string' },
        speed: { type: 'string' },
        port: { type: 'string' },
        data: { type: 'string' },
        'no-demo': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    return values
  } catch (error) {
    throw badFlag((error as Error).message.split('. ')[0] ?? '', error)
  }
}

function badFlag(complaint: string, cause?: unknown): Refusal {
  return new Refusal(`${complaint}; \`npm start -- --help\` lists the options`, exitCode.usage, { cause })
}
