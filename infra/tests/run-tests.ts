// `npm test`: installs what the tests need, runs all but the long ones (or those whose path contains an argument), and ends with
// the line `N passed, N failed`. `npm run test:long` runs the long ones.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '../center/refusal.ts'
import { ensureChromium } from '../setup/chromium.ts'
import { buildConsole } from '../setup/console-build.ts'
import { root } from '../setup/pinned-node.mjs'
import { ensureRedisServer } from '../setup/redis-server.ts'
import { say } from '../setup/say.mjs'
import { finalCount, lastLine, type VitestReport } from './final-count.ts'

const NO_BROWSER = '--no-browser'
const LONG = '--long'

try {
  process.exitCode = await runTests(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`dure: ${error.message}\n`)
  process.exitCode = error.exitCode
}

async function runTests(args: readonly string[]): Promise<number> {
  const withBrowser = !args.includes(NO_BROWSER)
  const projects = args.includes(LONG) ? 'long' : '!long'
  const filters = args.filter((arg) => arg !== NO_BROWSER && arg !== LONG)

  const redis = await ensureRedisServer(process.env)
  await buildConsole(root)
  const chromium = withBrowser ? await ensureChromium(process.env) : undefined
  if (!withBrowser) say('chromium: not used; the browser tests are left out, as asked')

  const folder = mkdtempSync(join(tmpdir(), 'dure-tests-'))
  try {
    const reportFile = join(folder, 'report.json')
    const status = await vitest(
      [`--project=${projects}`, '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...filters],
      {
        ...process.env,
        DURE_REDIS_SERVER: redis,
        ...(chromium ? { DURE_CHROMIUM: chromium } : {}),
        ...(withBrowser ? {} : { DURE_NO_BROWSER: '1' }),
      },
    )
    const count = finalCount(readReport(reportFile), status)
    if (count.skipped > 0) say(`${count.skipped} skipped`)
    process.stdout.write(`${lastLine(count)}\n`)
    return count.failed === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function vitest(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [program, 'run', ...args], { cwd: root, env, stdio: 'inherit' })
  // Ctrl-C reaches both; the child's end is what this process waits for.
  const ignore = () => {}
  process.on('SIGINT', ignore)
  process.once('SIGTERM', () => child.kill('SIGTERM'))
  const [status] = (await once(child, 'exit')) as [number | null]
  process.off('SIGINT', ignore)
  return status ?? 1
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport
  } catch {
    return undefined // The runner did not get as far as writing one.
  }
}
