import type { ShareAccountNode } from '@dure/core'
import { expect, expectTypeOf, it } from 'vitest'
import { type FairTreeAccount, readFairTreeFile } from './fair-tree-file.ts'

const user = (name: string, rest: object = {}) => ({ type: 'user', name, shares: 1, usage: 100, ...rest })
const account = (name: string, children: object[], rest: object = {}) => ({
  type: 'account',
  name,
  shares: 1,
  children,
  ...rest,
})

function read(tree: unknown) {
  const reading = readFairTreeFile(JSON.stringify(tree))
  return reading.ok ? reading.tree : reading.findings.map(({ pointer, detail }) => `${pointer} ${detail}`)
}

it('reads a tree of accounts and users', () => {
  const tree = account('root', [
    account('a', [user('u', { shares: 'parent' })], { shares: 'parent' }),
    user('v', { usage: 0.5 }),
  ])
  expect(read(tree)).toEqual(tree)
})

it.each<[string, unknown, string[]]>([
  [
    'negative usage',
    account('root', [user('u', { usage: -1 })]),
    ['/children/0/usage `children[0].usage` must be at least 0, but is -1.'],
  ],
  [
    'shares in words',
    account('root', [user('u', { shares: 'many' })]),
    ['/children/0/shares `children[0].shares` has none of the accepted forms, but is "many".'],
  ],
  [
    'a misspelt field',
    account('root', [{ ...user('u'), share: 1 }]),
    ['/children/0/share `share` is not a field here. Did you mean `shares`?'],
  ],
  ['a user at the root', user('u'), ['/type `type` must be account, but is "user".']],
  ['a list', [], [' the body must be an object.']],
])('refuses %s', (_, tree, findings) => {
  expect(read(tree)).toEqual(findings)
})

it('refuses what is no JSON, and a bottomless tree', () => {
  expect(readFairTreeFile('{')).toMatchObject({ ok: false, findings: [{ code: 'json' }] })
  const deep = `${'{"type":"account","name":"a","children":['.repeat(5_000)}${']}'.repeat(5_000)}`
  expect(readFairTreeFile(deep)).toMatchObject({
    ok: false,
    findings: [{ detail: 'The tree is more than 100 levels deep.' }],
  })
})

it('gives the core what it ranks', () => expectTypeOf<FairTreeAccount>().toExtend<ShareAccountNode>())
