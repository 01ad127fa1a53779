// Installers talk a lot. Nobody needs to read it unless it fails, and then all of it.
import { spawn } from 'node:child_process'

/**
 * Runs a command to its end without showing its output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string | URL, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ status: number, output: string }>} exit status (127 when the command is not there) and both
 *   output streams in the order in which they arrived
 */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', (error) => resolve({ status: 127, output: `${output}${error.message}\n` }))
    child.on('close', (status) => resolve({ status: status ?? 1, output }))
  })
}

/**
 * The end of a command's output, indented, for the foot of an error message.
 * @param {string} output
 * @param {number} [lines]
 */
export function tail(output, lines = 20) {
  return output
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join('\n')
}
