import { describe, expect, it } from 'vitest'
import { checkPurity } from './purity.ts'
import { sourcesUnder } from './repository.ts'
import { type SourceFile, show } from './source-text.ts'

const faults = (text: string) => show(checkPurity([{ path: 'a.ts', text }], ['@dure/core', 'pure-rand']))
const isProduct = ({ path }: SourceFile) => !/\.(test|bench)\.ts$/.test(path)

describe('purity', () => {
  it.each([
    ['core', []],
    ['sim', ['@dure/core', 'highs', 'pure-rand']],
  ])('%s reads no clock, draws no unseeded number and touches nothing outside', (name, mayImport) => {
    const sources = sourcesUnder(`packages/${name}/src`).filter(isProduct)
    expect(sources.length).toBeGreaterThan(5)
    expect(show(checkPurity(sources, mayImport))).toEqual([])
  })

  it.each([
    'const now = Date.now()',
    'const now = new Date()',
    'const now = performance.now()',
    'setTimeout(f, 1)',
    'const tick = setInterval',
    'const x = Math.random()',
    'const x = crypto.randomUUID()',
    "import { readFileSync } from 'node:fs'",
    "import { readFileSync } from 'fs'",
    "const fs = await import('node:fs')",
    "import { z } from 'zod'",
    'const x = process.env.X',
    "await fetch('http://x')",
    'const x = globalThis.x',
    'console.log(1)',
    'const y = x ** 2',
    'y **= 2',
    'const y = Math.pow(x, 2)',
    'const y = Math.exp(x)',
    'const { log } = Math',
    "const y = Math['log'](x)",
    'const y = Math . sin(x)',
    'const text = `${Date.now()}`',
    'names.sort((a, b) => a.localeCompare(b))',
  ])('finds: %s', (text) => {
    expect(faults(`\n${text}\n`)).toEqual([expect.stringMatching(/^a\.ts:2 /)])
  })

  it.each([
    'const y = Math.sqrt(x) + Math.floor(x) * Math.imul(a, b)',
    '// Date.now() would be wrong here, and so would x ** 2',
    '/** A clock such as `Date.now` comes in as an argument. */',
    "throw new Error('no Date.now() here')",
    "import { ln } from '@dure/core'\nimport { x } from 'pure-rand/generator/x'\nimport { y } from './y.ts'",
    'const updated = candidateDates * 2 * 3',
  ])('has nothing against: %s', (text) => {
    expect(faults(text)).toEqual([])
  })
})
