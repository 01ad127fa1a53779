import { exitCodes } from '@dure/contract/errors'
import { run } from './program.ts'

// Whoever reads us may have seen enough (`dure queue | head`): that is no error, and nobody is left to tell. A full disk is one.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    if (stream === process.stdout) process.stderr.write(`dure: the output cannot be written: ${error.message}\n`)
    process.exit(exitCodes.failed)
  })
}

process.exitCode = await run(process.argv.slice(2))
