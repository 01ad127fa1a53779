// The machine's Node only fetches the Node that this repository pins. That one runs TypeScript as it stands, so
// nothing here needs a build step, and nobody's results depend on what their machine happened to have.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installDependencies } from './dependencies.mjs'
import { giveUp } from './say.mjs'

const OLDEST_NODE = 18

/** Folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Installs the dependencies, then runs a TypeScript program on the pinned Node with this process's arguments.
 * @param {URL} program
 */
export async function onPinnedNode(program) {
  const major = Number(process.versions.node.split('.')[0])
  if (major < OLDEST_NODE) {
    giveUp(`Node ${process.versions.node} is too old: the set-up needs Node ${OLDEST_NODE} or newer`, 78)
  }
  endWithNpm()
  await installDependencies(root)

  // Compiled code is kept between runs: a service starts in half the time, and tests start hundreds.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/dure')
  const node = join(root, 'node_modules/.bin/node')
  if (!existsSync(node)) {
    giveUp('the pinned Node is missing after the installation; remove node_modules and try again', 69)
  }
  if (realpathSync(process.execPath) === realpathSync(node)) {
    await import(program.href)
    return
  }
  process.exitCode = await runInForeground(node, [fileURLToPath(program), ...process.argv.slice(2)])
}

/**
 * An npm that is killed outright cannot tell the script it runs, so the script looks who its parent is.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const npm = process.ppid
  setInterval(() => {
    if (process.ppid !== npm) process.kill(process.pid, 'SIGTERM')
  }, 1000).unref()
}

/**
 * Stands in for the program in front of whoever started us: hands on signals, and gives back its exit status. The
 * channel between the two tells the program when this process is killed outright.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function runInForeground(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => child.kill(signal))
    }
    child.on('error', (error) => giveUp(`the pinned Node could not be started: ${error.message}`, 69))
    child.on('exit', (status) => resolve(status ?? 1))
  })
}
