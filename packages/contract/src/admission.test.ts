import { fairshare } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { admissionOf } from './admission.ts'
import { SubmitJob, type SubmitJobBody } from './http/job.ts'

const perNode = { cpuMilli: 112_000, memoryMib: 2_097_152, accelerators: 8 }
const config = {
  name: 'test',
  pools: [
    { name: 'h100', kind: 'gpu', model: 'H100', nodes: 4, perNode },
    { name: 'h200', kind: 'gpu', model: 'H200', nodes: 2, perNode: { ...perNode, cpuMilli: 96_000 } },
    { name: 'rngd', kind: 'npu', model: 'RNGD', nodes: 2, perNode },
  ],
  accounts: [
    { name: 'univ-a', parent: null, shares: 1 },
    { name: 'univ-b', parent: null, shares: 1 },
  ],
  associations: [
    { account: 'univ-a', user: 'ada', shares: 1 },
    { account: 'univ-a', user: 'ben', shares: 1 },
    { account: 'univ-b', user: 'ben', shares: 1 },
  ],
  policy: fairshare,
} as const

const admit = admissionOf(config)
const submit = (body: SubmitJobBody, user = 'ada') => admit(SubmitJob.parse(body), user)

function admitted(body: SubmitJobBody, user?: string) {
  const admission = submit(body, user)
  if (admission.kind === 'refused') throw new Error(admission.detail.en)
  return admission.command
}

describe('what is left out', () => {
  it('is any GPU pool, one accelerator, and its part of the smaller node', () => {
    expect(admitted({})).toEqual({
      account: 'univ-a',
      user: 'ada',
      request: { pools: ['h100', 'h200'], nodes: 1, acceleratorsMilli: 1000, cpuMilli: 12_000, memoryMib: 262_144 },
      timeLimitMs: 3_600_000,
      held: null,
      label: '{"name":"job","run_time_ms":1800000,"exit_code":0}',
    })
  })

  it('is not filled in where it is said', () => {
    const command = admitted({
      cpus_per_node: 3,
      memory_mib_per_node: 512,
      run_time_ms: 5,
      hold: true,
      exit_code: 1,
      comment: 'c',
      pools: ['rngd'],
    })
    expect(command.request).toEqual({
      pools: ['rngd'],
      nodes: 1,
      acceleratorsMilli: 1000,
      cpuMilli: 3_000,
      memoryMib: 512,
    })
    expect(command.held).toBe('user')
    expect(JSON.parse(command.label)).toEqual({ name: 'job', run_time_ms: 5, exit_code: 1, comment: 'c' })
  })
})

it('speeds stay beside their pools, in thousandths, where a pool falls out or is named twice', () => {
  const { pools, speedsMille } = admitted({
    pools: ['h200', 'h100', 'rngd', 'h100'],
    speeds: [1.156, 1, 0.3, 5],
    nodes: 3,
  }).request
  expect(pools).toEqual(['h100'])
  expect(speedsMille).toEqual([1000])
  expect(admitted({ pools: ['h200', 'rngd'], speeds: [1.1564, 0.3] }).request.speedsMille).toEqual([1156, 300])
  expect(admitted({ pools: ['h200', 'rngd'] }).request).not.toHaveProperty('speedsMille')
})

it.each<[string, SubmitJobBody, string[]]>([
  ['a kind', { accelerator: 'npu' }, ['rngd']],
  ['a model', { model: 'h200' }, ['h200']],
  ['names, the preferred first', { pools: ['h200', 'h100', 'h200'] }, ['h200', 'h100']],
  ['only pools that could hold it', { nodes: 3 }, ['h100']],
])('%s chooses pools', (_, body, pools) => expect(admitted(body).request.pools).toEqual(pools))

it.each<[string, SubmitJobBody, string, string, string, string]>([
  [
    'a foreign account',
    { account: 'univ-b' },
    'ada',
    'ERR_UNKNOWN_ACCOUNT',
    '/account',
    'User ada does not belong to account univ-b; accounts to charge: univ-a.',
  ],
  [
    'a user without account',
    {},
    'eve',
    'ERR_UNKNOWN_ACCOUNT',
    '/user',
    'User eve belongs to no account of this center.',
  ],
  [
    'which of two accounts',
    {},
    'ben',
    'ERR_ACCOUNT_REQUIRED',
    '/account',
    'User ben belongs to several accounts: univ-a, univ-b.',
  ],
  [
    'a misspelt pool',
    { pools: ['h1O0'] },
    'ada',
    'ERR_UNKNOWN_POOL',
    '/pools/0',
    'There is no pool h1O0. Did you mean h100?',
  ],
  [
    'a strange pool',
    { pools: ['h100', 'tpu-v5'] },
    'ada',
    'ERR_UNKNOWN_POOL',
    '/pools/1',
    'There is no pool tpu-v5; there are h100, h200, rngd.',
  ],
  [
    'speeds beside no pools',
    { speeds: [1] },
    'ada',
    'ERR_IMPOSSIBLE_REQUEST',
    '/speeds',
    'Speeds stand beside `pools`, one for each: name the pools as well.',
  ],
  [
    'a speed too few',
    { pools: ['h100', 'rngd'], speeds: [1] },
    'ada',
    'ERR_IMPOSSIBLE_REQUEST',
    '/speeds',
    'There are 2 pools and 1 speeds; give one for each pool.',
  ],
  [
    'a kind that is not there',
    { accelerator: 'pim' },
    'ada',
    'ERR_UNKNOWN_POOL',
    '/accelerator',
    'This center has no pim pool.',
  ],
  [
    'a model that is not there',
    { model: 'B200' },
    'ada',
    'ERR_UNKNOWN_POOL',
    '/model',
    'No pool has B200 accelerators; there are H100, H200, RNGD.',
  ],
  [
    'a pool of another kind',
    { pools: ['rngd'], accelerator: 'gpu' },
    'ada',
    'ERR_IMPOSSIBLE_REQUEST',
    '/pools/0',
    'Pool rngd has npu, but the job asks for gpu.',
  ],
  [
    'a gang larger than any pool',
    { nodes: 5 },
    'ada',
    'ERR_IMPOSSIBLE_REQUEST',
    '/nodes',
    'It asks for 5 nodes, but the most in h100, h200 is 4.',
  ],
  [
    'too many on a node',
    { accelerators_per_node: 9 },
    'ada',
    'ERR_IMPOSSIBLE_REQUEST',
    '/accelerators_per_node',
    'It asks for 9 accelerators per node, but the most in h100, h200 is 8.',
  ],
  [
    'sizes that meet nowhere',
    { nodes: 3, cpus_per_node: 100, pools: ['h200'] },
    'ada',
    'ERR_IMPOSSIBLE_REQUEST',
    '/nodes',
    'It asks for 3 nodes, but the most in h200 is 2.',
  ],
])('%s is refused', (_, body, user, code, pointer, detail) => {
  const admission = submit(body, user)
  expect(admission).toMatchObject({
    kind: 'refused',
    code,
    pointer,
    detail: { en: detail, ko: expect.stringMatching(/[가-힣].*\.$/) },
  })
})

it('refuses sizes that each fit somewhere but nowhere together', () => {
  const mixed = admissionOf({ ...config, pools: [config.pools[0], { ...config.pools[1], nodes: 8 }] })
  expect(mixed(SubmitJob.parse({ nodes: 8, cpus_per_node: 100 }), 'ada')).toMatchObject({
    kind: 'refused',
    detail: { en: 'Each size fits some pool of h100, h200, but no one of them fits all.' },
  })
})

it('counts processors where that is all there is', () => {
  const counted = admissionOf({ ...config, pools: [{ name: 'sp2', kind: 'cpu', processors: 128 }] })
  expect(counted(SubmitJob.parse({ nodes: 64, accelerators_per_node: 2 }), 'ada')).toMatchObject({
    kind: 'admitted',
    command: { request: { pools: ['sp2'], nodes: 64, acceleratorsMilli: 2000, cpuMilli: 0, memoryMib: 0 } },
  })
  expect(counted(SubmitJob.parse({ nodes: 129 }), 'ada')).toMatchObject({ kind: 'refused', pointer: '/nodes' })
})
