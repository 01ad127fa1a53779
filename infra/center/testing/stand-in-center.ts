// The real supervisor over stand-in services, as a program: the same options as `npm start`, then what each service is
// told, such as `-- --scheduler=--stubborn`.
import { fileURLToPath } from 'node:url'
import { ensureRedisServer } from '../../setup/redis-server.ts'
import { say } from '../../setup/say.mjs'
import { runCenter } from '../center.ts'
import { listenForInterruption } from '../interruption.ts'
import { parseOptions } from '../options.ts'
import { Refusal } from '../refusal.ts'

const standIn = fileURLToPath(new URL('./stand-in-service.ts', import.meta.url))
const end = process.argv.indexOf('--')
const ownArgs = process.argv.slice(2, end < 0 ? undefined : end)
const serviceArgs = end < 0 ? [] : process.argv.slice(end + 1)

const interruption = listenForInterruption()
try {
  const options = parseOptions(ownArgs, process.env)
  if (options === 'help') throw new Error('the stand-in center has no help of its own')
  const folder = options.settings.dataDirectory
  const service = (name: string, ...args: string[]) => ({
    name,
    script: standIn,
    args: [name, folder, ...args, ...serviceArgs.flatMap((arg) => toldTo(name, arg))],
  })
  process.exitCode = await runCenter(
    {
      options,
      services: [service('scheduler'), service('executor'), service('api', '--listen')],
      demo: options.demo ? { ...service('demo', '--finish'), isTask: true } : undefined,
      root: process.cwd(),
      redisProgram: () => ensureRedisServer(process.env),
      prepare: async () => {},
    },
    { say, welcome: (ready) => process.stdout.write(`${JSON.stringify(ready)}\n`) },
    interruption,
  )
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`dure: ${error.message}\n`)
  process.exitCode = error.exitCode
}
process.exit()

/** `--scheduler=--stubborn` tells the scheduler `--stubborn`. */
function toldTo(name: string, arg: string): string[] {
  const prefix = `--${name}=`
  return arg.startsWith(prefix) ? [arg.slice(prefix.length)] : []
}
