import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Its time of change says when the service was last well. On a tmpfs: it is gone with the container. */
export const SIGN_OF_LIFE = join(tmpdir(), 'dure-alive')
