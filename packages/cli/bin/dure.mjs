#!/usr/bin/env node
// Starts `dure` on the Node that this repository pins, whatever Node the machine has: that one runs TypeScript as it is.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const EXIT_UNAVAILABLE = 69
const root = new URL('../../../', import.meta.url)
const main = new URL('../src/main.ts', import.meta.url)
const node = fileURLToPath(new URL('node_modules/.bin/node', root))

if (!existsSync(node)) {
  process.stderr.write(
    'dure: the dependencies are not installed: run `npm start` or `npm test` once in the repository\n',
  )
  process.exitCode = EXIT_UNAVAILABLE
} else if (realpathSync(process.execPath) === realpathSync(node)) {
  // Compiled code is kept between runs, which halves the time to the first line.
  module.enableCompileCache?.(fileURLToPath(new URL('node_modules/.cache/dure', root)))
  await import(main.href)
} else {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`dure: the pinned Node could not be started: ${error.message}\n`)
    process.exitCode = EXIT_UNAVAILABLE
  })
  child.on('exit', (status, signal) => {
    process.exitCode = status ?? 128 + constants.signals[signal]
  })
}
