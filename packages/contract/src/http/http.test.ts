import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { findingsOf } from '../findings.ts'
import * as contract from '../index.ts'
import {
  Explain,
  events,
  Job,
  JobList,
  JobListQuery,
  NodeList,
  nodeId,
  Overview,
  PoolList,
  readNodeId,
  SubmitJob,
} from '../index.ts'

const schemas = Object.entries<unknown>(contract).flatMap(([name, value]) =>
  value instanceof z.ZodType ? [{ name, schema: value }] : [],
)

it('can be described as JSON Schema, what goes in and what comes out', () => {
  expect(schemas.length).toBeGreaterThan(30)
  for (const { name, schema } of schemas) {
    expect(() => z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }), name).not.toThrow()
  }
  for (const schema of [Job, JobList, Explain, PoolList, NodeList, Overview, ...Object.values(events)])
    z.toJSONSchema(schema, { io: 'output' })
})

/** Every field name that is a quantity says its unit. */
it('writes times with _ms, in snake_case throughout', () => {
  const names = new Set<string>()
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties') for (const name of Object.keys(value as object)) names.add(name)
      walk(value)
    }
  }
  for (const schema of [
    SubmitJob,
    Job,
    Explain,
    PoolList,
    NodeList,
    Overview,
    contract.AccountList,
    contract.KeyList,
    ...Object.values(events),
  ])
    walk(z.toJSONSchema(schema, { io: 'input' }))
  expect(names.size).toBeGreaterThan(60)
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
  for (const name of names) if (/_at(_|$)|^wait|_limit|run_time/.test(name)) expect(name).toMatch(/_ms$/)
})

describe('a submit', () => {
  it.each<[unknown, string, string]>([
    [{ node: 2 }, 'en', '`node` is not a field here. Did you mean `nodes`?'],
    [{ node: 2 }, 'ko', '`node` 항목은 여기에 없습니다. `nodes`을(를) 쓰려고 하셨습니까?'],
    [{ priority: 99 }, 'en', '`priority` is not a field here.'],
    [{ nodes: -1 }, 'en', '`nodes` must be at least 1, but is -1.'],
    [{ nodes: -1 }, 'ko', '`nodes` 값은 1 이상이어야 합니다 (받은 값: -1).'],
    [{ nodes: 1e9 }, 'en', '`nodes` must be at most 65536, but is 1000000000.'],
    [{ nodes: '2' }, 'en', '`nodes` must be a number, but is "2".'],
    [{ accelerators_per_node: 0.5 }, 'en', '`accelerators_per_node` must be a whole number, but is 0.5.'],
    [{ time_limit_ms: 10 }, 'en', '`time_limit_ms` must be at least 1000, but is 10.'],
    [{ pools: [] }, 'en', '`pools` must have at least 1 item.'],
    [{ name: '  ' }, 'en', '`name` must have at least 1 character, but is "  ".'],
    [{ name: 'x'.repeat(200) }, 'en', `\`name\` must have at most 128 characters, but is "${'x'.repeat(56)}....`],
    [{ hold: 'yes' }, 'ko', '`hold` 값은 true 또는 false여야 합니다 (받은 값: "yes").'],
    [[], 'en', 'the body must be an object.'],
    [null, 'en', 'the body must be an object, but is null.'],
  ])('%j is wrong (%s)', (body, language, detail) => {
    const read = SubmitJob.safeParse(body)
    expect(read.success).toBe(false)
    const findings = findingsOf(read.error?.issues ?? [], body, Object.keys(SubmitJob.shape), language as 'ko' | 'en')
    expect(findings.map((finding) => finding.detail)).toEqual([detail])
  })

  it('is complete when empty', () =>
    expect(SubmitJob.parse({})).toMatchObject({ nodes: 1, accelerators_per_node: 1, hold: false }))
})

describe('a list query', () => {
  it('takes states in either case, and a page size as text', () => {
    expect(JobListQuery.parse({ state: 'pending,RUNNING,accepted', limit: '200' })).toEqual({
      state: ['PENDING', 'RUNNING', 'accepted'],
      limit: 200,
    })
    expect(JobListQuery.parse({})).toEqual({ limit: 50 })
  })
  it.each([
    { limit: '201' },
    { limit: '0' },
    { limit: 'all' },
    { state: 'SLEEPING' },
    { state: '' },
    { sort: 'id' },
    { account: 'a b' },
  ])('refuses %j', (query) => expect(JobListQuery.safeParse(query).success).toBe(false))
})

it('names nodes so that the pool can be read back', () => {
  for (const [pool, index] of [
    ['h100', 0],
    ['b200-a', 17],
    ['a-1', 2],
  ] as const)
    expect(readNodeId(nodeId(pool, index))).toEqual({ pool, index })
  for (const id of ['h100', 'h100-', '-3', 'h100-x', 'h100-01', 'h100--']) expect(readNodeId(id)).toBeNull()
})
