// Installs a package of the machine's own distribution, where that is allowed: as root or with a sudo that asks for
// no password, and never with DURE_NO_INSTALL=1.
import { fileURLToPath } from 'node:url'
import { commandPath } from './command-path.ts'
import { runQuietly } from './quiet-command.mjs'

/** What a program is called by each package manager; a missing one has no such package. */
export type PackageNames = Readonly<Partial<Record<Manager, string>>>

type Manager = 'apt-get' | 'dnf' | 'apk' | 'zypper' | 'pacman'

export type Installation =
  | { readonly kind: 'installed'; readonly packageName: string }
  | { readonly kind: 'not-allowed'; readonly why: string }
  | { readonly kind: 'failed'; readonly packageName: string; readonly output: string }

const aptInstall = fileURLToPath(new URL('./apt-install.sh', import.meta.url))

/** Only Debian starts a service for having been installed, hence its script; the others leave that to the owner. */
const commands: Record<Manager, (packageName: string) => readonly string[]> = {
  'apt-get': (name) => ['sh', aptInstall, '/usr/sbin/policy-rc.d', name],
  dnf: (name) => ['dnf', 'install', '-y', '-q', name],
  apk: (name) => ['apk', 'add', '--quiet', name],
  zypper: (name) => ['zypper', '--non-interactive', '--quiet', 'install', name],
  pacman: (name) => ['pacman', '-Sy', '--noconfirm', '--needed', name],
}

export async function installSystemPackage(names: PackageNames, env: NodeJS.ProcessEnv): Promise<Installation> {
  if (env.DURE_NO_INSTALL === '1') return { kind: 'not-allowed', why: 'DURE_NO_INSTALL=1 forbids it' }

  const manager = (Object.keys(commands) as Manager[]).find((name) => commandPath([name], env))
  if (!manager) return { kind: 'not-allowed', why: 'this system has none of the package managers the set-up knows' }
  const packageName = names[manager]
  if (!packageName) return { kind: 'not-allowed', why: `${manager} has no package for it` }

  const asRoot = await prefixForRoot(env)
  if (!asRoot) return { kind: 'not-allowed', why: 'it takes root or a sudo without password' }

  const [command, ...args] = [...asRoot, ...commands[manager](packageName)]
  const { status, output } = await runQuietly(command as string, args, { env })
  return status === 0 ? { kind: 'installed', packageName } : { kind: 'failed', packageName, output }
}

/** What to put in front of a command so that root runs it; undefined when that is not to be had. */
async function prefixForRoot(env: NodeJS.ProcessEnv): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return []
  if (!commandPath(['sudo'], env)) return undefined
  const { status } = await runQuietly('sudo', ['-n', 'true'], { env })
  return status === 0 ? ['sudo', '-n'] : undefined
}
