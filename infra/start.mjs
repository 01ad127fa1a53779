// `npm start`: the whole center, from whatever this machine has. Everything after the dependencies runs on the
// Node they bring along; see center/main.ts.
import { onPinnedNode } from './setup/pinned-node.mjs'

await onPinnedNode(new URL('./center/main.ts', import.meta.url))
