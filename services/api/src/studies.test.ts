import { fileURLToPath } from 'node:url'
import type { ResultRow } from '@dure/contract'
import { nextUnits, type Study } from '@dure/study'
import { inventedRow } from '@dure/study/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openScene, type Scene } from './testing/scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await openScene({ wallMs: () => 1_900_000_000_000 })
})
afterEach(() => scene.close())

const scenario = {
  name: 'tiny',
  date: '2030-01-07',
  days: 2,
  pools: [
    {
      name: 'h100',
      model: 'H100',
      nodes: 8,
      accelerators_per_node: 8,
      cpus_per_node: 96,
      memory_per_node: '2TiB',
      assumed: true,
    },
  ],
  accounts: [{ name: 'univ', users: ['kim', 'lee'] }],
  demand: { load: 0.8 },
  study: { sweep: [{ field: 'demand.load', values: [0.4, 0.8] }], seeds: 2 },
}

const ask = async (key: string, payload: object = { scenario }, headers: Record<string, string> = {}) =>
  scene.ask(key, { url: '/v1/studies', payload, headers })

/** What workers would make of it. */
async function work(id: string): Promise<void> {
  const { studies } = scene.ports
  const study = (await studies.find(id))!.study as Study
  for (const unit of nextUnits(study, [])) await studies.addRow(id, unit.id, inventedRow(study, unit))
  await studies.end(id, 'completed')
}

it('keeps a question, queues its units, and says where its answer will be', async () => {
  const planner = await scene.keyFor('ada', 'planner')
  const { status, headers, body } = await ask(planner)
  expect(status).toBe(202)
  expect(body).toEqual({
    id: expect.stringMatching(/^s[0-9a-f]{32}$/),
    name: 'tiny',
    title: { ko: 'tiny', en: 'tiny' },
    kind: 'sweep',
    state: 'running',
    detail: null,
    asked_by: 'ada',
    asked_at_ms: 1_900_000_000_000,
    rows: 0,
    rows_expected: 4,
    links: {
      self: `/v1/studies/${body.id}`,
      results: `/v1/studies/${body.id}/results`,
      report: `/v1/studies/${body.id}/report`,
    },
  })
  expect(headers.location).toBe(body.links.self)
  expect(await scene.ports.studies.backlog()).toEqual({ waiting: 4, active: 0 })
  expect((await scene.ask(planner, body.links.self)).body).toEqual(body)
  expect((await scene.ask(planner, '/v1/studies')).body).toEqual({ items: [body], next_cursor: null })
})

it('takes equal questions for one study, whoever asks', async () => {
  const first = await ask(await scene.keyFor('ada', 'planner'))
  const again = await ask(await scene.keyFor('ben', 'operator'))
  expect(again.body).toEqual(first.body)
  expect(await scene.ports.studies.backlog()).toEqual({ waiting: 4, active: 0 })
  const other = await ask(await scene.keyFor('ben', 'operator'), { scenario, seeds: [1, 2, 3] })
  expect([other.body.id === first.body.id, other.body.rows_expected]).toEqual([false, 6])
})

it('gives the same answer to the same Idempotency-Key, and none to another body under it', async () => {
  const planner = await scene.keyFor('ada', 'planner')
  const key = { 'idempotency-key': 'k1' }
  const first = await ask(planner, { scenario }, key)
  const again = await ask(planner, { scenario }, key)
  expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([202, first.body, 'true'])
  const other = await ask(planner, { scenario, seeds: 5 }, key)
  expect([other.status, other.body.code]).toEqual([422, 'ERR_IDEMPOTENCY_MISMATCH'])
})

it('takes scenarios by their names', async () => {
  const { status, body } = await ask(await scene.keyFor('ada', 'planner'), {
    scenario: 'two-exaflops',
    seeds: 1,
    days: 4,
  })
  expect([status, body.name, body.kind]).toEqual([202, 'two-exaflops', 'sweep'])
})

it.each<[string, object, string, string]>([
  [
    'ten million points',
    { ...scenario, study: { sweep: [{ field: 'demand.load', from: 1, to: 2, points: 10_000_000 }] } },
    '/scenario/study/sweep',
    '30,000,000 simulations',
  ],
  [
    'a value that cannot be',
    { ...scenario, study: { sweep: [{ field: 'demand.load', values: [-1] }] } },
    '/scenario/study/sweep/0',
    'demand.load = -1',
  ],
  ['a field that is not there', { ...scenario, pols: [] }, '/scenario/pols', 'Did you mean `pools`?'],
])('refuses %s, and keeps nothing', async (_, wrong, pointer, detail) => {
  const planner = await scene.keyFor('ada', 'planner')
  const { status, body } = await scene.ask(planner, {
    url: '/v1/studies',
    payload: { scenario: wrong },
    headers: { 'accept-language': 'en' },
  })
  expect([status, body.code]).toEqual([400, 'ERR_INVALID_REQUEST'])
  expect(body.errors).toContainEqual(expect.objectContaining({ pointer, detail: expect.stringContaining(detail) }))
  expect((await scene.ask(planner, '/v1/studies')).body.items).toEqual([])
})

it.each<[string, object]>([
  ['to extend', { ...scenario, extends: fileURLToPath(import.meta.url) }],
  ['to extend, beside those that come with Dure', { ...scenario, extends: 'parts/korea.yaml' }],
  ['to extend, on the way up from them', { extends: ['two-exaflops', '../scenarios/parts/korea.yaml'] }],
  ['with a model', { ...scenario, demand: { load: 0.8, model: { file: '/etc/hostname' } } }],
])('reads no file of its machine %s', async (_, asked) => {
  const { status, body } = await ask(await scene.keyFor('ada', 'planner'), { scenario: asked })
  expect([status, body.code]).toEqual([400, 'ERR_INVALID_REQUEST'])
  // For a file that was read, something else would be wrong.
  expect(body.errors).toEqual([expect.objectContaining({ code: expect.stringMatching(/^unknown_(scenario|file)$/) })])
})

it('counts what a request asks for besides its scenario', async () => {
  const points = { ...scenario, study: { sweep: [{ field: 'demand.load', from: 0.1, to: 1, points: 100 }], seeds: 1 } }
  const planner = await scene.keyFor('ada', 'planner')
  for (const more of [{ seeds: 101 }, { compared: Array.from({ length: 100 }, () => scenario), seeds: 2 }]) {
    const { status, body } = await ask(planner, { scenario: points, ...more })
    expect([status, body.errors?.[0].code]).toEqual([400, 'too_many_simulations'])
  }
})

it('leads to the name of a scenario where it was written', async () => {
  const asked = { ...scenario, study: { compare: { scenarios: ['plan-2030', 'plan-2040'] } } }
  const { body } = await ask(await scene.keyFor('ada', 'planner'), { scenario: asked })
  expect(body.errors).toEqual([
    expect.objectContaining({ pointer: '/scenario/study/compare/scenarios/1', code: 'unknown_scenario' }),
  ])
})

it('hands out rows in order, and the report as a page with a policy of its own', async () => {
  const planner = await scene.keyFor('ada', 'planner')
  const { body } = await ask(planner)
  const empty = await scene.ask(planner, body.links.report)
  expect([empty.status, empty.body.code]).toEqual([409, 'ERR_STUDY_EMPTY'])
  await work(body.id)
  const results: ResultRow[] = (await scene.ask(await scene.keyFor('ed', 'auditor'), body.links.results)).body
  expect(results.map(({ point, seed }) => [point, seed])).toEqual([
    [0, 1],
    [0, 2],
    [1, 1],
    [1, 2],
  ])
  expect((await scene.ask(planner, body.links.self)).body).toMatchObject({
    state: 'completed',
    rows: 4,
    rows_expected: 4,
  })
  const page = await scene.ask(planner, body.links.report)
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  expect(page.text).toContain('<!doctype html>')
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[^;]+; script-src 'sha256-/,
  )
})

it('is cancelled by who asked or who operates, and goes on when it is asked for again', async () => {
  const planner = await scene.keyFor('ada', 'planner')
  const { body } = await ask(planner)
  const remove = async (key: string) => scene.ask(key, { method: 'DELETE', url: body.links.self })
  const foreign = await remove(await scene.keyFor('ben', 'planner'))
  expect([foreign.status, foreign.body.code]).toEqual([403, 'ERR_ROLE'])
  expect((await remove(planner)).body).toMatchObject({ state: 'cancelled' })
  const twice = await remove(await scene.keyFor('root', 'administrator'))
  expect([twice.status, twice.body.code]).toEqual([409, 'ERR_STUDY_ENDED'])
  expect((await ask(planner)).body).toMatchObject({ id: body.id, state: 'running' })
})

it('does not know what it was never asked', async () => {
  const planner = await scene.keyFor('ada', 'planner')
  for (const path of ['', '/results', '/report']) {
    const { status, body } = await scene.ask(planner, `/v1/studies/s${'0'.repeat(32)}${path}`)
    expect([status, body.code]).toEqual([404, 'ERR_STUDY_NOT_FOUND'])
  }
})
