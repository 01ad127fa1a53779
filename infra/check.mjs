// `npm run check`: what a change must pass before it is merged; see tests/run-checks.ts.
import { onPinnedNode } from './setup/pinned-node.mjs'

await onPinnedNode(new URL('./tests/run-checks.ts', import.meta.url))
