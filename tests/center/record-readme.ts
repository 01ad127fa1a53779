// `npm run readme`: starts a center with its demo, types the commands of the README to it, takes the pictures of the
// console, and writes all that and the newest bench results into the README.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openBrowser, queueFigure, seeLive, visit } from '@dure/console/testing'
import { recordedNumbers, withNumbers } from './recorded-numbers.ts'
import { leaveNothing, makeHome, type StartedCenter, until } from './started-center.ts'
import { exchangesOf, play, withExchanges } from './transcript.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = new URL('../../README.md', import.meta.url)
const images = new URL('../../.github/images/', import.meta.url)

const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } } as const

async function takePictures({ client }: StartedCenter): Promise<void> {
  mkdirSync(images, { recursive: true })
  const browser = await openBrowser()
  try {
    for (const language of ['ko', 'en'] as const) {
      for (const [name, size] of Object.entries(sizes)) {
        const { url } = await client.createSignInLink()
        const visited = await visit(browser, url, { language, ...size })
        await seeLive(visited)
        await until('the page to show the queue', async () => (await queueFigure(visited, 'running')) > 0)
        await visited.page.screenshot({ path: fileURLToPath(new URL(`console-${language}-${name}.png`, images)) })
        await visited.close()
      }
    }
  } finally {
    await browser.close()
  }
}

const home = makeHome()
try {
  const before = readFileSync(page, 'utf8')
  const commands = exchangesOf(before).map(({ command }) => command)
  const { center, exchanges } = await play(commands, home, root)
  await takePictures(center)
  await center.stop()
  writeFileSync(page, withNumbers(withExchanges(before, exchanges), recordedNumbers()))
} finally {
  await leaveNothing(home)
}
