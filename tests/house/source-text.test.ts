import { describe, expect, it } from 'vitest'
import { importsOf, readSource } from './source-text.ts'

describe('reading source', () => {
  it.each([
    ['a line comment', 'a // Date.now()\nb', 'a              \nb'],
    ['a block comment over lines', 'a /* x\ny */ b', 'a     \n     b'],
    ['a string', "f('Date.now()') + 1", "f('          ') + 1"],
    ['a string with an escaped quote', String.raw`f('it\'s') / 2`, "f('     ') / 2"],
    ['a quote inside a comment', "a // it's\n'b'", "a        \n' '"],
    ['a comment mark inside a string', "'// no' + Date", "'     ' + Date"],
    ['the text of a template, but not its expressions', '`a ${Date.now()} b` + c', '`  ${Date.now()}  ` + c'],
    ['an object inside a template expression', '`${f({ a: 1 })} x` + c', '`${f({ a: 1 })}  ` + c'],
    ['a template inside a template', '`a${`b${c}d`}e` + f', '` ${` ${c} `} ` + f'],
    ['a regular expression with a quote', "x = /'[/]/.test(y) + 'z'", "x = /     .test(y) + ' '"],
    ['division, which is no regular expression', "a / b + 'c' / d", "a / b + ' ' / d"],
  ])('blanks %s', (_, source, code) => {
    expect(readSource(source).codeOnly).toBe(code)
  })

  it('finds every form of import, with its line', () => {
    const source = [
      "import a from 'one'",
      'import {',
      '  type B,',
      "} from 'two'",
      "import type { C } from 'three'",
      "export { d } from 'four'",
      "export * from 'five'",
      "import 'six'",
      "const g = await import('seven')",
      "const h = require('eight')",
      "// import x from 'comment'",
      'const i = "import x from \'string\'"',
    ].join('\n')
    const found = importsOf(source).sort((left, right) => left.line - right.line)
    expect(found.map(({ specifier }) => specifier)).toEqual([
      'one',
      'two',
      'three',
      'four',
      'five',
      'six',
      'seven',
      'eight',
    ])
    expect(found.map(({ line }) => line)).toEqual([1, 2, 5, 6, 7, 8, 9, 10])
  })
})
