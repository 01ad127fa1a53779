// A Redis server program: the one on PATH, else the distribution's.
import { exitCode, Refusal } from '../center/refusal.ts'
import { commandPath } from './command-path.ts'
import { runQuietly, tail } from './quiet-command.mjs'
import { say, secondsSince } from './say.mjs'
import { installSystemPackage } from './system-package.ts'

const programs = ['redis-server', 'valkey-server']

const packages = {
  'apt-get': 'redis-server',
  dnf: 'valkey',
  apk: 'redis',
  zypper: 'redis',
  pacman: 'valkey',
}

/** BullMQ asks for 6.2; Valkey began at 7.2. */
const OLDEST_VERSION = [6, 2] as const

const waysOut = [
  'install Redis 6.2 or newer, or Valkey (Debian and Ubuntu: sudo apt install redis-server; macOS: brew install redis)',
  'set REDIS_URL to a Redis you already have',
  'run the set-up as root or with a password-less sudo, without DURE_NO_INSTALL, and it installs the package itself',
]

/**
 * @returns absolute path of a server program that is new enough
 * @throws Refusal with the three ways out when there is none
 */
export async function ensureRedisServer(env: NodeJS.ProcessEnv): Promise<string> {
  const present = commandPath(programs, env)
  if (present) return assertRecent(present, await versionOf(present))

  const startedMs = performance.now()
  const installation = await installSystemPackage(packages, env)
  if (installation.kind === 'failed') {
    throw new Refusal(
      `the package ${installation.packageName} could not be installed; ${inOneLine()}. The installer said:\n${tail(installation.output)}`,
    )
  }
  if (installation.kind === 'not-allowed') {
    throw new Refusal(`there is no Redis on this machine, and none was installed (${installation.why}); ${inOneLine()}`)
  }

  const installed = commandPath(programs, env)
  if (!installed) {
    throw new Refusal(`the package ${installation.packageName} brought no Redis server onto PATH; ${inOneLine()}`)
  }
  say(`redis: installed the package ${installation.packageName} in ${secondsSince(startedMs)}`)
  return assertRecent(installed, await versionOf(installed))
}

function inOneLine(): string {
  return `three ways out: ${waysOut.map((way, index) => `(${index + 1}) ${way}`).join('; ')}`
}

async function versionOf(program: string): Promise<string> {
  const { status, output } = await runQuietly(program, ['--version'])
  const version = /v=(\d+(?:\.\d+)+)/.exec(output)?.[1]
  if (status !== 0 || !version) {
    throw new Refusal(`${program} does not run: ${output.trim().split('\n')[0]}; ${inOneLine()}`, exitCode.unavailable)
  }
  return version
}

function assertRecent(program: string, version: string): string {
  if (!isRecentRedis(version)) {
    throw new Refusal(
      `${program} is version ${version}, but the center needs ${OLDEST_VERSION.join('.')}; ${inOneLine()}`,
    )
  }
  return program
}

export function isRecentRedis(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor >= OLDEST_VERSION[1])
}
