import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fingerprintOf, isUnchanged, remember } from './fingerprint.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dure-fingerprint-'))
  mkdirSync(join(folder, 'src/inner'), { recursive: true })
  mkdirSync(join(folder, 'src/node_modules'))
  write('src/a.ts', 'ab')
  write('src/inner/b.ts', 'c')
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
const fingerprint = () => fingerprintOf(folder, ['src', 'missing.json'])

it.each([
  ['a changed file', () => write('src/a.ts', 'ax')],
  ['a new file', () => write('src/inner/c.ts', '')],
  ['a file that is no longer missing', () => write('missing.json', '{}')],
  ['a byte moved from one file to the next', () => [write('src/a.ts', 'a'), write('src/inner/b.ts', 'bc')]],
])('changes with %s', (_, change) => {
  const before = fingerprint()
  change()
  expect(fingerprint()).not.toBe(before)
})

it('does not change with what is installed or built, or with time', () => {
  const before = fingerprint()
  write('src/node_modules/x.js', 'x')
  write('src/a.ts', 'ab')
  expect(fingerprint()).toBe(before)
})

it('is remembered beside the result', () => {
  const stamp = join(folder, '.stamp')
  expect(isUnchanged(stamp, 'abc')).toBe(false)
  remember(stamp, 'abc')
  expect(isUnchanged(stamp, 'abc')).toBe(true)
  expect(isUnchanged(stamp, 'abd')).toBe(false)
})
