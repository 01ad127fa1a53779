// The health check of a service: exit status 0 while it is ready and its event loop turns (container.mjs).
import { statSync } from 'node:fs'
import { SIGN_OF_LIFE } from './sign-of-life.mjs'

const SILENT_MS_MAX = 15_000

const sign = statSync(SIGN_OF_LIFE, { throwIfNoEntry: false })
process.exit(sign && Date.now() - sign.mtimeMs < SILENT_MS_MAX ? 0 : 1)
