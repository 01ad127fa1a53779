// `npm run dev` in this folder: the built page on a center that moves on by a minute every second.

import { fileURLToPath } from 'node:url'
import { standInServer } from './stand-in-server.ts'

const server = await standInServer(fileURLToPath(new URL('../dist', import.meta.url)), Number(process.env.PORT ?? 4173))
console.log(`the page, on a stand-in center: ${server.url}`)
setInterval(() => server.tick(), 1_000)
