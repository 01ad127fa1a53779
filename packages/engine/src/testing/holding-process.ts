// A leader that takes commands and never settles one, as a process of its own: made to be killed.
// Usage: node holding-process.ts URL PREFIX EPOCH. Prints the id of each command it gets, a line each.

import { redisPorts } from '../redis/index.ts'

const [url = '', prefix = '', epoch = ''] = process.argv.slice(2)
const ports = await redisPorts({ url, prefix }, 'holder')
await ports.commands.consume({
  epoch: Number(epoch),
  concurrency: 512,
  handler: async (batch) => {
    process.stdout.write(batch.map(({ id }) => `${id}\n`).join(''))
  },
})
