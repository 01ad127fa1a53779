import { AccountList, NodeList, Overview, PoolList } from '@dure/contract'
import type { CenterConfig } from '@dure/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shareParts } from './share-parts.ts'
import { openScene, type Scene, START_MS, smallCenter } from './testing/scene.ts'

let scene: Scene
let ada: string
let operator: string
beforeEach(async () => {
  scene = await openScene()
  ada = await scene.keyFor('ada')
  operator = await scene.keyFor('op', 'operator')
})
afterEach(() => scene.close())

const submit = (payload: object) => scene.ask(ada, { url: '/v1/jobs', payload })

it('shows pools and nodes with what is free, busy and out', async () => {
  await submit({ nodes: 2, accelerators_per_node: 8 })
  await submit({ nodes: 1, accelerators_per_node: 3 })
  await scene.takeUp(START_MS, 2)
  for (const [id, act] of [
    ['h100-3', 'drain'],
    ['h100-0', 'drain'],
  ]) {
    const { status, body } = await scene.ask(operator, { url: `/v1/nodes/${id}/${act}`, payload: { reason: 'fan' } })
    expect([status, body]).toMatchObject([202, { id, to: 'drain' }])
  }
  await scene.takeUp(START_MS + 1, 2)

  const { items } = PoolList.parse((await scene.ask(ada, '/v1/pools')).body)
  // Nodes 0 and 1 are full, node 2 has three busy, node 3 is drained and idle.
  expect(items[0]).toEqual({
    name: 'h100',
    kind: 'gpu',
    model: 'H100',
    nodes: 4,
    nodes_up: 2,
    nodes_drained: 2,
    nodes_down: 0,
    accelerators_per_node: 8,
    cpus_per_node: 64,
    memory_mib_per_node: 65_536,
    accelerators: 32,
    accelerators_busy: 19,
    accelerators_free: 5,
    accelerators_out: 8,
    jobs_running: 2,
    jobs_pending: 0,
    utilization: 19 / 24,
  })
  const nodes = NodeList.parse((await scene.ask(ada, '/v1/nodes?pool=h100')).body).items
  expect(
    nodes.map(({ id, state, slurm_state, accelerators_busy, jobs }) => [
      id,
      state,
      slurm_state,
      accelerators_busy,
      jobs,
    ]),
  ).toEqual([
    ['h100-0', 'drain', 'DRAINING', 8, [1]],
    ['h100-1', 'up', 'ALLOCATED', 8, [1]],
    ['h100-2', 'up', 'MIXED', 3, [2]],
    ['h100-3', 'drain', 'DRAINED', 0, []],
  ])
  const drained = (await scene.ask(ada, '/v1/nodes?state=drain&limit=1')).body
  expect([drained.items.length, drained.next_cursor === null]).toEqual([1, false])
  const rest = (await scene.ask(ada, `/v1/nodes?state=drain&limit=1&cursor=${drained.next_cursor}`)).body
  expect([rest.items[0].id, rest.next_cursor]).toEqual(['h100-3', null])

  expect((await scene.ask(operator, { method: 'POST', url: '/v1/nodes/h100-3/resume' })).body).toMatchObject({
    to: 'up',
  })
  await scene.takeUp(START_MS + 2, 1)
  expect((await scene.ask(ada, '/v1/pools')).body.items[0]).toMatchObject({ nodes_up: 3, accelerators_free: 13 })
})

describe('a power cap', () => {
  // Four nodes of 3060 W idle and two of 1000 W; of a job of eight H100 there are 7144 W more.
  const watts = {
    h100: { idleWPerNode: 3060, busyWPerAccelerator: 893 },
    rngd: { idleWPerNode: 1000, busyWPerAccelerator: 500 },
  }
  const metered: CenterConfig = {
    ...smallCenter,
    policy: { ...smallCenter.policy, power: { capW: null, pools: watts } },
  }

  it('is set and lifted by operators, and keeps jobs waiting', async () => {
    await scene.close()
    scene = await openScene({ config: metered })
    ada = await scene.keyFor('ada')
    operator = await scene.keyFor('op', 'operator')
    const cap = (cap_w: number | null) =>
      scene.ask(operator, { url: '/v1/power-cap', payload: { cap_w, reason: 'heat' } })
    expect(PoolList.parse((await scene.ask(ada, '/v1/pools')).body).power).toEqual({
      cap_w: null,
      draw_w: 14_240,
      idle_w: 14_240,
    })
    const { status, body } = await cap(22_000)
    expect([status, body]).toMatchObject([202, { cap_w: 22_000 }])
    await submit({ accelerators_per_node: 8 })
    const { id } = (await submit({ accelerators_per_node: 8 })).body
    await scene.takeUp(START_MS, 3)
    const capped = { cap_w: 22_000, draw_w: 21_384, idle_w: 14_240 }
    expect((await scene.ask(ada, '/v1/pools')).body.power).toEqual(capped)
    expect(Overview.parse((await scene.ask(ada, '/v1/overview')).body).power).toEqual(capped)
    expect((await scene.ask(ada, `/v1/jobs/${id}/explain`)).body.reasons[0]).toMatchObject({
      code: 'PowerNotAvail',
      numbers: { pool: 'h100', cap_w: 22_000, draw_w: 21_384, needed_w: 7144 },
    })
    expect((await cap(null)).body).toMatchObject({ cap_w: null })
    await scene.takeUp(START_MS + 1, 1)
    expect((await scene.ask(ada, `/v1/jobs/${id}`)).body.state).toBe('RUNNING')
    expect((await scene.ask(ada, '/v1/pools')).body.power).toMatchObject({ cap_w: null, draw_w: 28_528 })
  })

  it.each<[string, object, string]>([
    ['below nothing', { cap_w: -1 }, 'too_small'],
    ['in parts of a watt', { cap_w: 0.5 }, 'invalid_type'],
    ['that is not said', {}, 'invalid_type'],
  ])('%s is refused', async (_, payload, code) => {
    const { status, body } = await scene.ask(operator, { url: '/v1/power-cap', payload })
    expect([status, body.errors]).toMatchObject([400, [{ pointer: '/cap_w', code }]])
  })

  it('cannot be set where nobody knows the watts, and nobody shows any', async () => {
    const answer = await scene.ask(operator, { url: '/v1/power-cap', payload: { cap_w: 1_000_000 } })
    expect([answer.status, answer.body.code]).toEqual([409, 'ERR_WATTS_UNKNOWN'])
    expect((await scene.ask(ada, '/v1/pools')).body).not.toHaveProperty('power')
  })
})

it.each(['h100-4', 'h100', 'h100-x', 'b200-0'])('knows no node %s', async (id) => {
  const answer = await scene.ask(operator, { method: 'POST', url: `/v1/nodes/${id}/drain` })
  expect([answer.status, answer.body.code]).toEqual([404, 'ERR_NODE_NOT_FOUND'])
})

it('shows the share tree with what was promised and what was used', async () => {
  const HOUR_MS = 3_600_000
  await submit({ nodes: 4, accelerators_per_node: 8, time_limit_ms: 2 * HOUR_MS })
  await scene.takeUp(START_MS, 1)
  await scene.takeUp(START_MS + HOUR_MS, 0, [{ type: 'finish', job: 1, attempt: 1, exitCode: 0 }])
  const { items, revision } = AccountList.parse((await scene.ask(ada, '/v1/accounts')).body)
  expect(revision).toBe(scene.model.revision)
  expect(items.map(({ account, user, depth, share_of_center }) => [account, user, depth, share_of_center])).toEqual([
    ['lab', null, 0, 3 / 4],
    ['lab', 'ada', 1, 1 / 4],
    ['lab', 'ben', 1, 1 / 4],
    ['lab', 'mina', 1, 1 / 4],
    ['firm', null, 0, 1 / 4],
    ['firm', 'cho', 1, 1 / 8],
    ['firm', 'mina', 1, 1 / 8],
  ])
  // 32 accelerators for an hour, to the millisecond, on the account and on the user.
  for (const at of [0, 1])
    expect(items[at]).toMatchObject({ charged_accelerator_ms: String(32 * HOUR_MS), usage_of_center: 1 })
  expect(items[2]).toMatchObject({ charged_accelerator_ms: '0', usage_of_center: 0, level_fs: 'inf' })
  // Who used nothing comes first in turn: the firm's two users share the first ranks, ada has the last of five.
  expect(items.find(({ user }) => user === 'ada')?.fair_share).toBe(1 / 5)
  const firm = AccountList.parse((await scene.ask(ada, '/v1/accounts?account=firm&user=cho')).body)
  expect(firm.items.map(({ user }) => user)).toEqual(['cho'])
})

it('shows the center at a glance', async () => {
  for (let i = 0; i < 5; i++) await submit({ name: `n${i}`, accelerators_per_node: 8 })
  await submit({ hold: true })
  await scene.takeUp(START_MS, 6)
  await scene.ports.clock.publish({ epoch: 1, atMs: START_MS + 5000, speed: 1000 })
  await scene.ask(null, '/readyz') // looks at the clock
  const overview = Overview.parse((await scene.ask(ada, '/v1/overview')).body)
  expect(overview).toMatchObject({
    center: 'small',
    policy: 'fairshare',
    at_ms: START_MS,
    speed: 1000,
    queue: { pending: 1, held: 1, running: 4, oldest_job: 5 },
    totals: { submitted: 6, started: 4 },
    rates: { submitted_per_min: 6, started_per_min: 4, ended_per_min: 0 },
    utilization: 32 / 40,
    leader: { owner: 'by-hand', epoch: 1, revisions_behind: 0 },
  })
  expect(overview.queue.oldest_wait_ms).toBeGreaterThanOrEqual(5000)
  expect(overview.delivered.fp64).toBeCloseTo((32 * 66.9) / 1e6, 12)
  expect(overview.latest_starts.map(({ job, cause, wait_ms }) => [job, cause, wait_ms])).toEqual(
    [4, 3, 2, 1].map((job) => [job, 'turn', 0]),
  )
  expect(overview.top_accounts[0]).toMatchObject({ account: 'lab', jobs_running: 4, jobs_pending: 2 })
  expect((await scene.ask(ada, '/v1/me')).body).toEqual({
    user: 'ada',
    role: 'researcher',
    accounts: ['lab'],
    jobs_pending: 2,
    jobs_running: 4,
  })
})

describe('parts of the share tree', () => {
  const tree = (accounts: CenterConfig['accounts'], associations: CenterConfig['associations']) =>
    shareParts({ ...smallCenter, accounts, associations })

  it('multiply down the tree, users and accounts being siblings', () => {
    const parts = tree(
      [
        { name: 'a', parent: null, shares: 1 },
        { name: 'b', parent: null, shares: 3 },
        { name: 'b1', parent: 'b', shares: 1 },
      ],
      [
        { account: 'b', user: 'u', shares: 2 },
        { account: 'b1', user: 'v', shares: 7 },
      ],
    )
    expect([parts.ofAccount('a'), parts.ofAccount('b')]).toEqual([1 / 4, 3 / 4])
    expect([parts.ofUser('b', 'u'), parts.ofAccount('b1'), parts.ofUser('b1', 'v')]).toEqual([1 / 2, 1 / 4, 1 / 4])
    expect([parts.depthOf('b1'), parts.depthOf('a')]).toEqual([1, 0])
  })

  it('pass over an account with shares `parent`', () => {
    const parts = tree(
      [
        { name: 'a', parent: null, shares: 1 },
        { name: 'p', parent: null, shares: 'parent' },
        { name: 'p1', parent: 'p', shares: 1 },
      ],
      [
        { account: 'p', user: 'u', shares: 2 },
        { account: 'p', user: 'w', shares: 'parent' },
      ],
    )
    expect([parts.ofAccount('a'), parts.ofAccount('p'), parts.ofAccount('p1'), parts.ofUser('p', 'u')]).toEqual([
      1 / 4,
      null,
      1 / 4,
      1 / 2,
    ])
    expect(parts.ofUser('p', 'w')).toBeNull()
  })
})
