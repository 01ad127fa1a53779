// `npm test`: every test, from whatever this machine has; see tests/run-tests.ts.
import { onPinnedNode } from './setup/pinned-node.mjs'

await onPinnedNode(new URL('./tests/run-tests.ts', import.meta.url))
