import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ScenarioFile } from '@dure/contract'
import type { Trace } from '@dure/sim'
import { expect, it } from 'vitest'
import { readLogs } from './log-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'dure-logs-'))
const lines = '1 0 -1 60 4 -1 -1 4 120 -1 1 1 1 -1 1 -1 -1 -1\n2 9 -1 60 4 -1 -1 4 120 -1 1 2 1 -1 1 -1 -1 -1\n'

/** A scenario that asks for a file with this in it, as it was when the scenario was read. */
function asking(name: string, content: string | Buffer, sha256 = hashOf(content)): ScenarioFile {
  const file = join(folder, name)
  writeFileSync(file, content)
  return {
    name: 'logged',
    date: '2028-07-03',
    pools: [],
    accounts: [],
    demand: { groups: [{ name: 'g', accounts: ['univ'], trace: { file, sha256 }, assumed: true }] },
  }
}
const hashOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')

it.each([
  ['as it is', lines],
  ['gzipped', gzipSync(lines)],
])('reads a log %s, once', async (name, content) => {
  const traces = new Map<string, Trace>()
  const scenario = asking(name, content)
  expect(await readLogs(scenario, traces)).toEqual([])
  const trace = traces.get(hashOf(content))!
  expect([...trace.jobs.submitS]).toEqual([0, 9])
  await readLogs(scenario, traces)
  expect(traces.get(hashOf(content))).toBe(trace)
})

it.each<[string, string | Buffer, string | undefined, string]>([
  ['another file', lines, 'a'.repeat(64), 'another_file'],
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3, 4, 5, 6, 7]), undefined, 'no_log'],
  ['a text', 'Dear all,\nthere is no log here.\n', undefined, 'no_log'],
  ['half of a gzipped log', gzipSync(lines.repeat(9)).subarray(0, 60), undefined, 'no_log'],
  ['nothing', '', undefined, 'empty_log'],
  ['lines that are no jobs', lines.replaceAll(' 60 ', ' -1 '), undefined, 'empty_log'],
  ['a log that breaks off', lines.slice(0, -30), undefined, 'cut_off'],
])('refuses %s', async (name, content, sha256, code) => {
  const traces = new Map<string, Trace>()
  const [fault] = await readLogs(asking(name, content, sha256), traces)
  expect(fault).toMatchObject({ code, pointer: '/demand/groups/0/trace/file' })
  expect(fault!.said.ko).toMatch(/[가-힣]/)
  expect(traces.size).toBe(0)
})

it('refuses a file that is not there any more', async () => {
  const scenario = asking('here', lines)
  const gone = structuredClone(scenario)
  gone.demand.groups![0]!.trace!.file = join(folder, 'gone')
  const [fault] = await readLogs(gone, new Map())
  expect(fault!.message).toMatch(
    /^The log .*gone cannot be read: .*ENOENT.*\. Run it on the machine that has the file\.$/,
  )
})
