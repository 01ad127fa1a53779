// Every bench at its small size, through the command itself: a wrong answer is an exit code and a sentence.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { benches } from './benches.ts'
import type { BenchReport } from './report.ts'

// Dozens of processes load the same modules: here, where nothing is timed, what one has compiled the next need not.
const compiled = mkdtempSync(join(tmpdir(), 'dure-bench-compiled-'))
afterAll(() => rmSync(compiled, { recursive: true, force: true }))

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [fileURLToPath(new URL('./run.ts', import.meta.url)), ...args], {
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  })

// Together, as here nobody looks at how long they take. The limit only ends what hangs: some start a dozen processes.
describe.concurrent('at its small size', { timeout: 240_000 }, () => {
  it.for(Object.keys(benches))('%s gives the recorded answer', async (name, { expect }) => {
    const { stdout, stderr } = await run('--small', '--json', '--only', name)
    expect(stderr).toBe('')
    const [report] = (JSON.parse(stdout) as { benches: BenchReport[] }).benches
    expect(report!.bench).toBe(name)
    for (const { median } of report!.figures) expect(median).toBeGreaterThan(0)
  })
})

it('a bench that does not exist is a mistake of usage, and says which there are', async () => {
  await expect(run('--only', 'speed')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('sim-log') })
})
