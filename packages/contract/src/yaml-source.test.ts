import { expect, it } from 'vitest'
import { readYaml } from './yaml-source.ts'

const details = (text: string): string[] => {
  const read = readYaml(text)
  return read.ok ? [] : read.findings.map(({ detail }) => detail)
}

it.each([
  ['keys', 'e: '.repeat(20_000)],
  ['lists', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['dashes', '- '.repeat(20_000)],
])('says of %s that nest without end that they do, or what else is wrong, and does not fall over', (_, text) => {
  const [first] = details(text)
  expect(first).toMatch(/^The YAML (nests too many levels deep|cannot be read)/)
})

it('names the first fifty mistakes of thousands', () => {
  expect(details('a: 1\n'.repeat(3000)).length).toBe(50)
})
