// A process that runs a program of this repository on the pinned Node.
//
// The protocol: settings come by environment (`DURE_*`); the process sends `{ready: true, …}` over its channel once it can
// be used; SIGTERM asks it to end in order, as does the loss of the channel (see tether.mjs); exit status 78 means that
// starting it again would not help, and its last line in the log says why.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { logFile } from './log-file.ts'
import type { PartSpec, Ready } from './part.ts'

export interface ServiceProgram {
  readonly name: string
  /** Absolute path of its main file. */
  readonly script: string
  readonly args?: readonly string[]
  /** A task rather than a service: it counts as up once it runs, and may come to an end. */
  readonly isTask?: boolean
}

interface ServiceSurroundings {
  readonly workingFolder: string
  readonly logs: string
  readonly env: NodeJS.ProcessEnv
  readonly spawned: (pid: number) => void
}

const tether = fileURLToPath(new URL('./tether.mjs', import.meta.url))

export function servicePart(program: ServiceProgram, surroundings: ServiceSurroundings): PartSpec {
  const log = logFile(surroundings.logs, program.name)
  return {
    name: program.name,
    log: log.path,
    mayFinish: program.isTask ?? false,
    lastWords: log.lastWords,
    spawn: () =>
      log.append((descriptor) => {
        const child = spawn(process.execPath, ['--import', tether, program.script, ...(program.args ?? [])], {
          cwd: surroundings.workingFolder,
          env: surroundings.env,
          stdio: ['ignore', descriptor, descriptor, 'ipc'],
          // A session of its own: Ctrl-C in the terminal reaches the supervisor only, which stops all in order.
          detached: true,
        })
        if (child.pid !== undefined) surroundings.spawned(child.pid)
        return child
      }),
    ready: (child) => (program.isTask ? Promise.resolve({}) : readyMessage(child)),
    askToStop: (child) => child.kill('SIGTERM'),
    kill: (child) => child.kill('SIGKILL'),
  }
}

function readyMessage(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'ready' in message && message.ready === true) {
        resolve(message as Ready)
      }
    })
  })
}
