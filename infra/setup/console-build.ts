// The console page is the one thing with a build step; it is built when what it is made of has changed.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exitCode, Refusal } from '../center/refusal.ts'
import { fingerprintOf, isUnchanged, remember } from './fingerprint.mjs'
import { runQuietly, tail } from './quiet-command.mjs'
import { say, secondsSince } from './say.mjs'

/** What goes into the page: its own folder and the packages it may import. */
const sources = [
  'services/console',
  'packages/contract/src',
  'packages/contract/package.json',
  'packages/core/src',
  'packages/core/package.json',
  'packages/client/src',
  'packages/client/package.json',
  'packages/sim/src',
  'packages/sim/package.json',
  'pnpm-lock.yaml',
]

/** @throws Refusal with the builder's own words when the page does not build */
export async function buildConsole(root: string): Promise<void> {
  const folder = join(root, 'services/console')
  if (!existsSync(join(folder, 'index.html'))) return

  const stampFile = join(folder, 'dist/.built-from')
  const fingerprint = fingerprintOf(root, sources)
  if (isUnchanged(stampFile, fingerprint)) return

  const startedMs = performance.now()
  const { status, output } = await runQuietly('npm', ['run', 'build', '--silent'], { cwd: folder })
  if (status !== 0) throw new Refusal(`the console page could not be built:\n${tail(output, 40)}`, exitCode.failed)
  remember(stampFile, fingerprint)
  say(`console: built the page in ${secondsSince(startedMs)}`)
}
