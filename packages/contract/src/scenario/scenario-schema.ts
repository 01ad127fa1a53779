// The form of scenario files as a JSON Schema, for editors: they complete names and underline what is wrong while somebody writes.

import { z } from 'zod'
import { ScenarioFile } from './scenario-file.ts'

type Schema = { [key: string]: unknown }

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

let made: Schema | undefined

/** JSON Schema 2020-12 of what people write. A file that extends another may leave anything out, and remove with null. */
export function scenarioJsonSchema(): Schema {
  made ??= schemaOfFiles()
  return made
}

function schemaOfFiles(): Schema {
  const written = z.toJSONSchema(ScenarioFile, { io: 'input', unrepresentable: 'any', reused: 'ref' })
  const { $schema, $defs, ...whole } = written as Schema
  const loose = new Loose(($defs ?? {}) as Schema)
  const properties = {
    ...(whole.properties as Schema),
    extends: {
      description: 'Scenarios beneath this one: names of presets, center/NAME for a center, or paths of files.',
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
    },
  }
  return {
    $schema,
    $id: 'urn:dure:schema:scenario',
    title: 'Dure capacity scenario',
    description: 'A whole scenario, or a part that another one extends: a part has no name.',
    type: 'object',
    if: { required: ['name'], not: { required: ['extends'] } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, not a promise
    then: { ...whole, properties },
    else: { properties: loose.fields(properties), additionalProperties: false },
    $defs: { ...($defs as Schema), ...loose.defs },
  }
}

/** What a part may write: every field may be missing, or null to remove it, and a list of named things may be a map by their names. */
class Loose {
  readonly defs: Schema = {}
  readonly #strict: Schema

  constructor(strict: Schema) {
    this.#strict = strict
    for (const [name, schema] of Object.entries(strict)) this.defs[`part-${name}`] = this.#loosened(schema)
  }

  fields(properties: Schema): Schema {
    return Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, { anyOf: [this.#loosened(schema), { type: 'null' }] }]),
    )
  }

  #loosened(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map((one) => this.#loosened(one))
    if (!isSchema(schema)) return schema
    const { required: _, minItems: __, ...rest } = schema
    const loose: Schema = {}
    for (const [key, value] of Object.entries(rest)) {
      if (key === '$ref') loose.$ref = String(value).replace('#/$defs/', '#/$defs/part-')
      else if (key === 'properties') loose.properties = this.fields(value as Schema)
      else if (['items', 'anyOf', 'oneOf', 'allOf'].includes(key)) loose[key] = this.#loosened(value)
      else loose[key] = value
    }
    if (!this.#hasNames(schema.items)) return loose
    const item = this.#shared(loose.items)
    return {
      anyOf: [
        { ...loose, items: item },
        { type: 'object', additionalProperties: { anyOf: [item, { type: 'null' }] } },
      ],
    }
  }

  /** A schema that is used twice is written once. */
  #shared(schema: unknown): unknown {
    if (!isSchema(schema) || '$ref' in schema) return schema
    const name = `item-${Object.keys(this.defs).length}`
    this.defs[name] = schema
    return { $ref: `#/$defs/${name}` }
  }

  #hasNames(items: unknown): boolean {
    if (!isSchema(items)) return false
    if (typeof items.$ref === 'string') return this.#hasNames(this.#strict[items.$ref.replace('#/$defs/', '')])
    return isSchema(items.properties) && 'name' in items.properties
  }
}

let names: readonly string[] | undefined

/** Names of all fields, to guess what a misspelt one was meant to be. */
export function fieldNames(): readonly string[] {
  names ??= [...namesIn(scenarioJsonSchema())]
  return names
}

function namesIn(schema: unknown, found = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return found
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const name of Object.keys(value as Schema)) found.add(name)
    namesIn(value, found)
  }
  return found
}
