import fc from 'fast-check'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { readYaml } from '../yaml-source.ts'
import { located, merged, placeOf, plainOf } from './located.ts'

function part(value: unknown, file = 'f') {
  const read = readYaml(stringify(value))
  if (!read.ok) throw new Error(read.findings[0]?.detail)
  return located(read.source, file)
}

const laid = (base: unknown, over: unknown): unknown => {
  const both = merged(part(base), part(over))
  return both === undefined ? undefined : plainOf(both)
}

it.each<[string, unknown, unknown, unknown]>([
  ['maps', { a: 1, b: { c: 2 } }, { b: { d: 3 } }, { a: 1, b: { c: 2, d: 3 } }],
  ['null removes', { a: 1, b: 2 }, { a: null }, { b: 2 }],
  ['null stays where there is nothing', { a: 1 }, { b: null }, { a: 1, b: null }],
  ['plain lists are replaced', { a: [1, 2] }, { a: [3] }, { a: [3] }],
  [
    'named things',
    [{ name: 'x', n: 1, m: 1 }, { name: 'y' }],
    [{ name: 'z' }, { name: 'x', n: 2 }],
    [{ name: 'x', n: 2, m: 1 }, { name: 'y' }, { name: 'z' }],
  ],
  [
    'named things by a map',
    [{ name: 'x', n: 1 }, { name: 'y' }],
    { y: null, x: { n: 2 }, z: { n: 3 } },
    [
      { name: 'x', n: 2 },
      { name: 'z', n: 3 },
    ],
  ],
  [
    'trees of named things',
    [{ name: 'x', accounts: [{ name: 'x1', shares: 1 }] }],
    [{ name: 'x', accounts: [{ name: 'x2' }, { name: 'x1', shares: 2 }] }],
    [{ name: 'x', accounts: [{ name: 'x1', shares: 2 }, { name: 'x2' }] }],
  ],
])('%s', (_, base, over, result) => expect(laid(base, over)).toEqual(result))

it('lays nothing on anything, and anything on itself, without a change', () => {
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.stringMatching(/^[a-z]{1,5}$/),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('node')),
    ),
  })).node
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), value), (map) => {
      expect(laid(map, {})).toEqual(map)
      expect(laid(map, map)).toEqual(map)
    }),
  )
})

it('knows where each part came from', () => {
  const both = merged(part({ a: 1, b: { c: 2 } }, 'base'), part({ b: { d: 3 } }, 'over'))!
  expect(placeOf(both, ['a'])).toEqual({ file: 'base', line: 1 })
  expect(placeOf(both, ['b', 'c'])).toEqual({ file: 'base', line: 3 })
  expect(placeOf(both, ['b', 'd'])).toEqual({ file: 'over', line: 2 })
  // What is missing is missing in the nearest thing around it.
  expect(placeOf(both, ['b', 'e', 'f'])).toEqual({ file: 'over', line: 1 })
})
