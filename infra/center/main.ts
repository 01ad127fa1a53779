// What `npm start` runs once the dependencies are there.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildConsole } from '../setup/console-build.ts'
import { root } from '../setup/pinned-node.mjs'
import { ensureRedisServer } from '../setup/redis-server.ts'
import { say } from '../setup/say.mjs'
import { runCenter, type Screen } from './center.ts'
import { listenForInterruption } from './interruption.ts'
import { type CenterOptions, parseOptions, usage } from './options.ts'
import { Refusal } from './refusal.ts'

const interruption = listenForInterruption()
void interruption.insisted.then(() => say('ending everything at once'))
// A terminal that is gone must not keep the center from stopping in order.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

try {
  const options = parseOptions(process.argv.slice(2), process.env)
  if (options === 'help') process.stdout.write(usage)
  else process.exitCode = await start(options)
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`dure: ${error.message}\n`)
  process.exitCode = error.exitCode
}
// Whatever was given up half-way, such as a build, or a part that will now never start, must not keep this process alive.
process.exit()

function start(options: CenterOptions): Promise<number> {
  const services = ['scheduler', 'executor', 'studies', 'api'].map((name) => ({
    name,
    script: join(root, 'services', name, 'src/main.ts'),
  }))
  const cli = join(root, 'packages/cli/bin/dure.mjs')
  const demo = { name: 'demo', script: cli, args: ['demo'], isTask: true }
  return runCenter(
    {
      options,
      services,
      demo: options.demo && existsSync(cli) ? demo : undefined,
      root,
      redisProgram: () => ensureRedisServer(process.env),
      prepare: () => buildConsole(root),
    },
    screenFor(options),
    interruption,
  )
}

function screenFor(options: CenterOptions): Screen {
  const { preset, speed, dataDirectory } = options.settings
  return {
    say,
    welcome(ready) {
      const lines = [
        '',
        `  Dure is up: ${preset}, ${speed} center seconds a second`,
        '',
        `    console   ${ready.url}`,
        ...(ready.sign_in_url ? [`    sign in   ${ready.sign_in_url}   (works once)`] : []),
        '',
        '  In another shell:',
        '',
        '    npx dure pools            what there is, and how much of it is free',
        '    npx dure queue            who waits and who runs',
        '    npx dure explain JOB      why a job waits, and what would help',
        '    npx dure submit --help    a job of your own',
        '    npx dure shares           who has used how much of their share',
        '',
        `  Ctrl-C stops it. Every job is kept in ${dataDirectory}.`,
        '',
      ]
      process.stdout.write(`${lines.join('\n')}\n`)
    },
  }
}
