import { appendFileSync, closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lastWordsOf, logFile, putLongLogsAside } from './log-file.ts'
import { temporaryFolder } from './testing/running-center.ts'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())

it.each([
  ['a sentence', 'started\nthere is no such preset\n\n', 'there is no such preset'],
  ['the message of a JSON record', '{"level":60,"msg":"cannot listen","port":1}\n', 'cannot listen'],
  ['a JSON record without one', '{"level":60}\n', '{"level":60}'],
  [
    'the error of a stack trace',
    'file:///x.ts:1\nthrow new Error()\n\nTypeError: x is not a function\n    at f (x.ts:1)\n    at g\n\nNode.js v24.21.0\n',
    'TypeError: x is not a function',
  ],
  ['the last line, not an error long before it', 'Error: early\nall is well\n', 'all is well'],
  ['nothing', '\n', undefined],
])('takes as last words %s', (_, text, words) => {
  expect(lastWordsOf(text)).toBe(words)
})

it('does not take the words of an earlier run for the last', () => {
  const log = logFile(folder.path, 'api')
  log.append((descriptor) => writeSync(descriptor, 'old words\n'))
  expect(log.lastWords()).toBe('old words')
  log.append(() => {})
  expect(log.lastWords()).toBeUndefined()
  appendFileSync(log.path, 'new words\n')
  expect(log.lastWords()).toBe('new words')
  expect(readFileSync(log.path, 'utf8')).toBe('old words\nnew words\n')
})

it('puts a long file aside at the next start', () => {
  const log = logFile(folder.path, 'api')
  writeFileSync(log.path, 'x'.repeat(17 * 1024 * 1024))
  log.append((descriptor) => writeSync(descriptor, 'fresh\n'))
  expect(readdirSync(folder.path).sort()).toEqual(['api.log', 'api.log.1'])
  expect(readFileSync(log.path, 'utf8')).toBe('fresh\n')
})

it('puts a long file aside while a process writes to it, and knows its last words all the same', () => {
  const log = logFile(folder.path, 'api')
  log.append((descriptor) => writeSync(descriptor, 'x'.repeat(10 * 1024 * 1024)))
  const writing = openSync(log.path, 'a')
  log.append(() => {})
  putLongLogsAside(folder.path)
  expect(readdirSync(folder.path)).toEqual(['api.log'])
  writeSync(writing, 'x'.repeat(7 * 1024 * 1024))
  putLongLogsAside(folder.path)
  writeSync(writing, 'last words\n')
  closeSync(writing)
  expect(readFileSync(log.path, 'utf8')).toBe('last words\n')
  expect(log.lastWords()).toBe('last words')
  expect(readFileSync(`${log.path}.1`)).toHaveLength(17 * 1024 * 1024)
})
