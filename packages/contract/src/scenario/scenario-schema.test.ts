import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { scenarioJsonSchema } from './scenario-schema.ts'

it('is what is published for editors: `dure scenario --schema` writes it', () => {
  const file = new URL('../../schemas/scenario.schema.json', import.meta.url)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(scenarioJsonSchema())
})

it('leads every reference to a definition', () => {
  const schema = scenarioJsonSchema()
  const references = [...JSON.stringify(schema).matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name)
  expect(references.length).toBeGreaterThan(0)
  expect(Object.keys(schema.$defs as object)).toEqual(expect.arrayContaining(references))
})
