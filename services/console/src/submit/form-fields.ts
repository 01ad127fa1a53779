// The form, derived from the very schema the API checks a submit with: which fields there are, how each is filled in, and
// what is wrong with what was typed. A field added to the schema appears here by itself and asks only for its words.

import {
  type Finding,
  findingsOf,
  formatDurationShort,
  formatMemory,
  type Language,
  parseDurationMs,
  parseMemoryMib,
  SubmitJob,
} from '@dure/contract'
import { z } from 'zod'

export type FieldName = keyof z.input<typeof SubmitJob>

type Control = 'text' | 'number' | 'numbers' | 'duration' | 'memory' | 'choice' | 'flag' | 'list'

export interface FormField {
  readonly name: FieldName
  readonly control: Control
  /** The schema's own sentence, in English; empty where it has none. */
  readonly description: string
  /** As it would be typed; null where the center decides. */
  readonly defaultText: string | null
  /** Bounds as they would be typed; null where there are none worth telling. */
  readonly bounds: { readonly min: string; readonly max: string } | null
  readonly maxLength: number | null
  readonly choices: readonly string[]
  /** Most jobs are described by the fields in front; the others are folded away. */
  readonly front: boolean
}

/** What of JSON Schema the submit uses. */
const Property = z.object({
  type: z.enum(['string', 'integer', 'boolean', 'array']).optional(),
  items: z.object({ type: z.string().optional() }).optional(),
  enum: z.array(z.string()).optional(),
  description: z.string().default(''),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
})
type Property = z.output<typeof Property>

const Described = z.object({ properties: z.record(z.string(), Property) })

const front: ReadonlySet<string> = new Set<FieldName>([
  'name',
  'account',
  'pools',
  'accelerator',
  'model',
  'nodes',
  'accelerators_per_node',
  'time_limit_ms',
])

function controlOf(name: string, { type, items, enum: choices }: Property): Control {
  if (choices !== undefined) return 'choice'
  if (type === 'array') return items?.type === 'number' ? 'numbers' : 'list'
  if (type === 'boolean') return 'flag'
  if (type !== 'integer') return 'text'
  if (name.endsWith('_ms')) return 'duration'
  return name.includes('_mib') ? 'memory' : 'number'
}

function typed(control: Control, value: number): string {
  if (control === 'duration') return formatDurationShort(value)
  return control === 'memory' ? formatMemory(value) : String(value)
}

function fieldOf(name: FieldName, property: Property): FormField {
  const control = controlOf(name, property)
  const { description, minimum, maximum, maxLength, default: preset } = property
  return {
    name,
    control,
    description,
    defaultText: typeof preset === 'number' ? typed(control, preset) : typeof preset === 'string' ? preset : null,
    bounds:
      minimum === undefined || maximum === undefined
        ? null
        : { min: typed(control, minimum), max: typed(control, maximum) },
    maxLength: maxLength ?? null,
    choices: property.enum ?? [],
    front: front.has(name),
  }
}

const { properties } = Described.parse(z.toJSONSchema(SubmitJob, { io: 'input' }))

export const formFields: readonly FormField[] = Object.entries(properties).map(([name, property]) =>
  fieldOf(name as FieldName, property),
)

/** What was typed; lists and flags as the form gives them. */
export type Draft = Readonly<Record<string, string | boolean | readonly string[]>>

/** A quantity that cannot even be read; the words are the page's, for people who see a form and not a body. */
interface Unreadable {
  readonly name: FieldName
  readonly why: 'duration' | 'memory' | 'number' | 'numbers'
}

export interface DraftReading {
  /** The body as it would be sent. */
  readonly body: Readonly<Record<string, unknown>>
  readonly unreadable: readonly Unreadable[]
}

function readNumber(control: Control, text: string): number | null {
  if (control === 'duration') return parseDurationMs(text)
  if (control === 'memory') return parseMemoryMib(text)
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

/** From typed text to the body of a submit. What was left empty is left out, so that the center's defaults hold. */
export function readDraft(draft: Draft): DraftReading {
  const body: Record<string, unknown> = {}
  const unreadable: Unreadable[] = []
  for (const { name, control } of formFields) {
    const given = draft[name]
    if (given === undefined || given === '' || given === false) continue
    if (typeof given !== 'string') {
      if (given === true || given.length > 0) body[name] = given
      continue
    }
    const text = given.trim()
    if (text === '') continue
    if (control === 'numbers') {
      const numbers = text.split(',').map((part) => readNumber('number', part.trim()))
      if (numbers.includes(null)) unreadable.push({ name, why: control })
      else body[name] = numbers
    } else if (control === 'duration' || control === 'memory' || control === 'number') {
      const number = readNumber(control, text)
      if (number === null) unreadable.push({ name, why: control })
      else body[name] = number
    } else body[name] = text
  }
  return { body, unreadable }
}

/** What the schema finds wrong with a body, before it is sent anywhere. */
export function checkBody(body: Readonly<Record<string, unknown>>, language: Language): readonly Finding[] {
  const read = SubmitJob.safeParse(body)
  return read.success ? [] : findingsOf(read.error.issues, body, Object.keys(SubmitJob.shape), language)
}

/** The field a finding is about: `/pools/0` is about `pools`; null where it is about the whole. */
export function fieldOfPointer(pointer: string): FieldName | null {
  const name = pointer.split('/')[1]
  return formFields.find((field) => field.name === name)?.name ?? null
}
