// `npm run check`: what a change must pass before it is merged, in a minute or two. All of it runs, whatever fails, so
// that one run tells everything there is to mend.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup/pinned-node.mjs'
import { runQuietly } from '../setup/quiet-command.mjs'
import { say, secondsSince } from '../setup/say.mjs'

interface Check {
  readonly name: string
  /** Command and arguments, run with the pinned Node. */
  readonly command: readonly string[]
}

const tool = (name: string) => join(root, 'node_modules/.bin', name)
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const projects = ['unit', 'house', 'bench'].map((name) => `--project=${name}`)

const checks: readonly Check[] = [
  { name: 'format and lint', command: [tool('biome'), 'check', '--error-on-warnings'] },
  ...['tsconfig.json', 'infra/tsconfig.json', 'services/console/tsconfig.json']
    .filter((file) => existsSync(join(root, file)))
    .map((file) => ({ name: `types of ${file}`, command: [tool('tsc'), '--noEmit', '-p', file] })),
  { name: 'unused code', command: [tool('knip')] },
  {
    name: 'unit, house and bench tests',
    command: [process.execPath, vitest, 'run', '--passWithNoTests', '--reporter=dot', ...projects],
  },
]

let failures = 0
for (const { name, command } of checks) {
  const startedMs = performance.now()
  const [program, ...args] = command
  const { status, output } = await runQuietly(program as string, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
  })
  say(`${status === 0 ? '✓' : '✗'} ${name} (${secondsSince(startedMs)})`)
  if (status !== 0) {
    failures++
    process.stdout.write(`${output.trimEnd()}\n`)
  }
}
say(failures === 0 ? 'fit to merge' : `${failures} of ${checks.length} checks failed`)
process.exitCode = failures === 0 ? 0 : 1
