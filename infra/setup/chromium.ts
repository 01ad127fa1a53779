// A Chromium for the browser tests: DURE_CHROMIUM, else the one on PATH, else the distribution's.
import { existsSync } from 'node:fs'
import { commandPath } from './command-path.ts'
import { say, secondsSince } from './say.mjs'
import { installSystemPackage } from './system-package.ts'

const programs = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** Where macOS keeps it, out of PATH. */
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

const packages = { 'apt-get': 'chromium', dnf: 'chromium', apk: 'chromium', zypper: 'chromium', pacman: 'chromium' }

/**
 * @returns path of the browser; undefined when there is none and none may be installed, which has been said. The browser
 *   tests then fail by themselves: a silent skip would look like success.
 */
export async function ensureChromium(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (env.DURE_CHROMIUM) return env.DURE_CHROMIUM
  const present = commandPath(programs, env) ?? applications.find((path) => existsSync(path))
  if (present) return present

  const startedMs = performance.now()
  const installation = await installSystemPackage(packages, env)
  const installed = commandPath(programs, env)
  if (installation.kind === 'installed' && installed) {
    say(`chromium: installed the package ${installation.packageName} in ${secondsSince(startedMs)}`)
    return installed
  }
  const why =
    installation.kind === 'not-allowed' ? installation.why : `the package ${installation.packageName} did not help`
  say(
    `chromium: there is none, and none was installed (${why}); the browser tests will fail. Install one, name it in DURE_CHROMIUM, or leave those tests out with --no-browser`,
  )
  return undefined
}
