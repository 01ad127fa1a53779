import { globSync, readFileSync } from 'node:fs'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'
import { en } from './en.ts'
import { ko } from './ko.ts'

type Tree = { readonly [key: string]: string | Tree }

const textsOf = (tree: Tree, path = ''): (readonly [string, string])[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as const] : textsOf(value, `${path}${key}.`),
  )

const korean = new Map(textsOf(ko))
const english = new Map(textsOf(en))
const slotsOf = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).sort()

it('says everything in both languages', () => {
  expect([...english.keys()].sort()).toEqual([...korean.keys()].sort())
  expect(korean.size).toBeGreaterThan(200)
  const silent = [...korean].filter(([, text]) => text.trim() === '').map(([key]) => key)
  expect(silent).toEqual([])
  // The schema's own sentence stands for an English hint that is not there.
  const silentInEnglish = [...english].filter(([key, text]) => text.trim() === '' && !/^field\..*\.hint$/.test(key))
  expect(silentInEnglish).toEqual([])
})

it('puts the same numbers and names into both', () => {
  for (const [key, text] of korean) expect(slotsOf(english.get(key) ?? ''), key).toEqual(slotsOf(text))
})

it('is Korean in Korean and not in English', () => {
  for (const [key, text] of english) expect(text, key).not.toMatch(/\p{Script=Hangul}/u)
  const latinOnly = [...korean].filter(([, text]) => {
    const own = text.replaceAll(/\{\{\w+\}\}/g, '')
    return /[a-z]{3,}/.test(own) && !/\p{Script=Hangul}/u.test(own)
  })
  expect(latinOnly).toEqual([])
})

interface SyntaxNode {
  readonly type: string
  readonly [field: string]: unknown
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'

/** Attributes whose text reaches people. */
const spoken = new Set(['title', 'alt', 'placeholder', 'aria-label', 'aria-description', 'label'])

function hardCodedIn(node: SyntaxNode, found: string[], inCode = false): string[] {
  const name = (isNode(node.openingElement) && isNode(node.openingElement.name) && node.openingElement.name.name) || ''
  // Commands that one types are the same in every language.
  const code = inCode || name === 'code'
  const { value } = node
  if (node.type === 'JSXText' && !code && /\p{L}{2,}/u.test(String(value))) found.push(String(value).trim())
  if (node.type === 'JSXAttribute' && isNode(node.name) && spoken.has(String(node.name.name)) && isNode(value)) {
    if (value.type === 'Literal' && /\p{L}/u.test(String(value.value))) found.push(String(value.value))
  }
  for (const child of Object.values(node)) {
    for (const one of Array.isArray(child) ? child : [child]) if (isNode(one)) hardCodedIn(one, found, code)
  }
  return found
}

describe('no component has a text of its own', () => {
  const components = globSync('src/**/*.tsx', { cwd: new URL('../..', import.meta.url).pathname })
  it('looks at all components', () => expect(components.length).toBeGreaterThan(15))
  it.each(components)('%s', (path) => {
    const source = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
    const { program, errors } = parseSync(path, source)
    expect(errors).toEqual([])
    expect(hardCodedIn(program as unknown as SyntaxNode, [])).toEqual([])
  })
  it('would find one', () => {
    const { program } = parseSync('a.tsx', 'const a = <p title="Why">Waits <code>npm start</code></p>')
    expect(hardCodedIn(program as unknown as SyntaxNode, [])).toEqual(['Why', 'Waits'])
  })
})
