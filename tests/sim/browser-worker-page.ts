// Asks a worker of a real browser. Page and worker are built from the sources by the console's own bundler and served from
// loopback, isolated from other origins, without which a browser shares no memory between threads.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openBrowser } from '@dure/console/testing'
import type { Scenario } from '@dure/sim'
import { build, createLogger, preview } from 'vite'
import type { Asked, Wish } from './asked.ts'

/** The function that `browser-page.ts` leaves for us. */
declare const ask: (scenario: Scenario, seed: number, wish: Wish) => Promise<Asked>

const pageOf = (script: string): string => `<!doctype html>
<html lang="en">
  <title>A worker that simulates</title>
  <link rel="icon" href="data:,">
  <script type="module" src="${script}"></script>
</html>
`

const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

export interface BrowserWorkerPage {
  ask(scenario: Scenario, seed: number, wish: Wish): Promise<Asked>
  /** Whatever the bundler or the browser had to say against it. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

export async function openWorkerPage(): Promise<BrowserWorkerPage> {
  const complaints: string[] = []
  const complain = (message: unknown): number => complaints.push(String(message))
  const built = mkdtempSync(join(tmpdir(), 'dure-worker-'))
  const shared = {
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('.', import.meta.url)),
    customLogger: { ...createLogger('silent'), warn: complain, warnOnce: complain, error: complain },
  } as const
  const input = fileURLToPath(new URL('./browser-page.ts', import.meta.url))
  await build({
    ...shared,
    build: {
      outDir: built,
      emptyOutDir: true,
      target: 'esnext',
      rolldownOptions: { input, output: { entryFileNames: 'page.js' } },
    },
    worker: { format: 'es' },
  })
  writeFileSync(join(built, 'index.html'), pageOf('/page.js'))
  const server = await preview({
    ...shared,
    build: { outDir: built },
    preview: { host: '127.0.0.1', port: 0, headers: isolated },
  })
  const browser = await openBrowser()
  const page = await browser.newPage()
  page.on('console', (message) => complain(message.text()))
  page.on('pageerror', complain)
  await page.goto(server.resolvedUrls?.local[0] ?? '')
  return {
    ask: (...question) => page.evaluate(([scenario, seed, wish]) => ask(scenario, seed, wish), question),
    complaints,
    async close() {
      await browser.close()
      await server.close()
      rmSync(built, { recursive: true, force: true })
    },
  }
}
