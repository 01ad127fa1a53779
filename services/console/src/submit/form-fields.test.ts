import { SubmitJob } from '@dure/contract'
import { describe, expect, it } from 'vitest'
import { ko } from '../words/ko.ts'
import { checkBody, fieldOfPointer, formFields, readDraft } from './form-fields.ts'

it('has every field of the schema, in its order, with words for each', () => {
  const names = Object.keys(SubmitJob.shape)
  expect(formFields.map(({ name }) => name)).toEqual(names)
  expect(Object.keys(ko.field).sort()).toEqual([...names].sort())
})

it('fills in each field the way its quantity is written', () => {
  const controls = Object.fromEntries(formFields.map(({ name, control }) => [name, control]))
  expect(controls).toMatchObject({
    name: 'text',
    pools: 'list',
    speeds: 'numbers',
    accelerator: 'choice',
    nodes: 'number',
    memory_mib_per_node: 'memory',
    time_limit_ms: 'duration',
    hold: 'flag',
  })
  const limit = formFields.find(({ name }) => name === 'time_limit_ms')
  expect(limit).toMatchObject({ defaultText: '1h', bounds: { min: '1s', max: '366d' } })
})

it('reads a filled form as the body of a submit, and leaves out what was left empty', () => {
  const { body, unreadable } = readDraft({
    name: ' train ',
    account: '',
    pools: ['b200-a', 'b200-b'],
    speeds: '1, 0.3',
    nodes: '4',
    memory_mib_per_node: '64G',
    time_limit_ms: '1d12h',
    hold: true,
    exit_code: '0',
    comment: '   ',
  })
  expect(unreadable).toEqual([])
  expect(body).toEqual({
    name: 'train',
    pools: ['b200-a', 'b200-b'],
    speeds: [1, 0.3],
    nodes: 4,
    memory_mib_per_node: 65_536,
    time_limit_ms: 129_600_000,
    hold: true,
    exit_code: 0,
  })
  expect(checkBody(body, 'en')).toEqual([])
  expect(SubmitJob.parse(body)).toMatchObject({ nodes: 4, accelerators_per_node: 1 })
})

it('is a whole job when nothing at all was typed', () => {
  const { body } = readDraft({ name: '', pools: [], hold: false })
  expect(body).toEqual({})
  expect(checkBody(body, 'ko')).toEqual([])
})

describe('what is wrong', () => {
  it('names quantities that cannot be read, each in its own way', () => {
    const { unreadable } = readDraft({
      speeds: '1,fast',
      nodes: 'four',
      time_limit_ms: 'soon',
      memory_mib_per_node: 'much',
    })
    expect(unreadable).toEqual([
      { name: 'speeds', why: 'numbers' },
      { name: 'nodes', why: 'number' },
      { name: 'memory_mib_per_node', why: 'memory' },
      { name: 'time_limit_ms', why: 'duration' },
    ])
  })
  it.each([
    ['nodes', '0'],
    ['nodes', '1.5'],
    ['nodes', '-3'],
    ['nodes', '70000'],
    ['accelerators_per_node', '17'],
    ['time_limit_ms', '400d'],
    ['exit_code', '256'],
    ['speeds', '1,0'],
    ['account', 'a b'],
  ])('the schema refuses %s %s, at its field', (name, text) => {
    const { body, unreadable } = readDraft({ [name]: text })
    expect(unreadable).toEqual([])
    for (const language of ['ko', 'en'] as const) {
      expect(checkBody(body, language).map(({ pointer }) => fieldOfPointer(pointer))).toEqual([name])
    }
  })
  it('brings a finding inside a list back to the list, and one about nothing to the whole', () => {
    expect(fieldOfPointer('/pools/0')).toBe('pools')
    expect(fieldOfPointer('')).toBeNull()
    expect(fieldOfPointer('/no_such_field')).toBeNull()
  })
})
