// One bench in a process of its own, so that it starts cold and its memory is its own.
// Usage, as a forked process: one-bench.ts NAME SIZE. Says the report, and ends.

import { benches } from './benches.ts'
import type { Size } from './bounds.ts'

// By `exit`, which takes the bench's own processes along, however it comes to an end.
for (const event of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(event, () => process.exit(1))

const [name = '', size] = process.argv.slice(2)
const bench = await benches[name]!()
const report = await bench(size as Size)
process.send?.(report, () => process.exit(0))
