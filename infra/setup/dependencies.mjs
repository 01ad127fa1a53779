// Installs the npm packages named in the lock file, the pinned Node among them, with nothing on the machine but a
// Node of version 18 or newer and its npm.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprintOf, isUnchanged, remember } from './fingerprint.mjs'
import { runQuietly, tail } from './quiet-command.mjs'
import { giveUp, say, secondsSince } from './say.mjs'

const EXIT_UNAVAILABLE = 69

/** Where the packages of the workspace are: the same places as in pnpm-workspace.yaml. */
const WORKSPACE_FOLDERS = ['packages', 'services']
const WORKSPACE_PACKAGES = ['bench', 'tests']

/**
 * Installs what is missing; does nothing when no manifest changed since the last time.
 * @param {string} root folder of the repository
 */
export async function installDependencies(root) {
  const stampFile = join(root, 'node_modules', '.dure-installed')
  const fingerprint = fingerprintOf(root, manifests(root))
  if (isUnchanged(stampFile, fingerprint) && existsSync(join(root, 'node_modules/.bin/node'))) return

  say('dependencies: installing what the lock file names (about a minute the first time) …')
  const startedMs = performance.now()
  const { status, output } = await runQuietly(
    'npx',
    ['--yes', 'pnpm@12', 'install', '--frozen-lockfile', '--reporter=append-only'],
    { cwd: root, env: { ...process.env, CI: 'true' } },
  )
  if (status !== 0) {
    giveUp(
      `the dependencies could not be installed; is the npm registry reachable? The installer said:\n${tail(output)}`,
      EXIT_UNAVAILABLE,
    )
  }
  remember(stampFile, fingerprint)
  say(`dependencies: installed in ${secondsSince(startedMs)}`)
}

/** @param {string} root */
function manifests(root) {
  const nested = WORKSPACE_FOLDERS.flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [],
  )
  return [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'package.json',
    ...[...nested.sort(), ...WORKSPACE_PACKAGES].map((folder) => `${folder}/package.json`),
  ]
}
