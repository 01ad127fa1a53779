import { fairshare } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { isKorean } from '../testing/korean-text.ts'
import { fleetPeak } from './catalogue/capacity.ts'
import { readCenterFile } from './center-file.ts'
import type { Language } from './language.ts'
import { loadPreset, presetNames } from './presets.ts'

const small = `name: small
pools:
  - name: h100
    kind: gpu
    model: h100
    nodes: 2
    accelerators_per_node: 8
    cpus_per_node: 112
    memory_per_node: 2TiB
accounts:
  - name: univ
    shares: 3
    users: [ada]
    accounts:
      - name: lab
        shares: parent
        users:
          - name: ben
            shares: 2
`

function wrongIn(text: string, language: Language = 'en'): string[] {
  const read = readCenterFile(text, language)
  return read.ok ? [] : read.findings.map(({ line, detail }) => `${line}: ${detail}`)
}

it('reads pools, the tree of accounts and the policy', () => {
  const read = readCenterFile(small)
  expect(read.ok && read.config).toEqual({
    name: 'small',
    pools: [
      {
        name: 'h100',
        kind: 'gpu',
        model: 'H100',
        nodes: 2,
        perNode: { cpuMilli: 112_000, memoryMib: 2_097_152, accelerators: 8 },
      },
    ],
    accounts: [
      { name: 'univ', parent: null, shares: 3 },
      { name: 'lab', parent: 'univ', shares: 'parent' },
    ],
    associations: [
      { account: 'univ', user: 'ada', shares: 1 },
      { account: 'lab', user: 'ben', shares: 2 },
    ],
    policy: fairshare,
  })
})

it('changes single fields of a policy', () => {
  const read = readCenterFile(`${small}policy: {base: easy, name: mine, reservation_depth: all, half_life: 14d}\n`)
  expect(read.ok && read.config.policy).toMatchObject({
    name: 'mine',
    order: 'submit',
    reservationDepth: 'all',
    halfLifeMs: 14 * 86_400_000,
  })
})

describe('power', () => {
  const powerOf = (policy: string, text = small) => {
    const read = readCenterFile(`${text}policy: {${policy}}\n`)
    return read.ok ? read.config.policy.power : read.findings.map(({ line, detail }) => `${line}: ${detail}`)
  }

  it('is that of the usual server where it is published, of which three tenths are taken to be idle', () => {
    // A DGX H100 takes 10.2 kW: 3060 W idle, and 7140 W for eight.
    const pools = { h100: { idleWPerNode: 3060, busyWPerAccelerator: 893 } }
    expect(powerOf('power: {cap: 25MW}')).toEqual({ capW: 25_000_000, pools })
    expect(powerOf('power: {cap: none}')).toEqual({ capW: null, pools })
    expect(powerOf('power: {}')).toEqual({ capW: null, pools })
    expect(powerOf('power: {cap: 800W, idle_part: 0}')).toMatchObject({
      pools: { h100: { busyWPerAccelerator: 1275 } },
    })
  })

  it('may be said of a pool: of a full node, or of its parts', () => {
    expect(powerOf('power: {pools: {h100: {full_node: 8kW}}, idle_part: 0.25}')).toMatchObject({
      pools: { h100: { idleWPerNode: 2000, busyWPerAccelerator: 750 } },
    })
    expect(powerOf('power: {pools: {h100: {idle_node: 1.5kW, busy_accelerator: 900W}}}')).toMatchObject({
      pools: { h100: { idleWPerNode: 1500, busyWPerAccelerator: 900 } },
    })
  })

  it.each<[string, string, string, string[]]>([
    [
      'a cap that is none',
      'power: {cap: much}',
      small,
      ['20: `policy.power.cap` must be none, or a power with its unit: 40MW, 1.5GW, 800kW or 700W, but is "much".'],
    ],
    [
      'a pool that is not there',
      'power: {pools: {h10: {full_node: 1kW}}}',
      small,
      ['20: There is no pool h10. Did you mean h100?'],
    ],
    [
      'watts that nobody has published',
      'power: {cap: 1MW}',
      small.replace('model: h100', 'model: GH200'),
      ['20: Nobody has published what a server with GH200 takes: say it as `h100: {full_node: 3kW}`.'],
    ],
    [
      'processors that are but counted',
      'power: {cap: 1MW}',
      'name: sp2\npools: [{name: sp2, kind: cpu, processors: 128}]\naccounts: [{name: all, users: [u1]}]\n',
      ['4: Pool sp2 has no nodes whose power could be counted: use pools of nodes.'],
    ],
  ])('%s is found, and told in either language', (_, policy, text, findings) => {
    expect(powerOf(policy, text)).toEqual(findings)
    for (const detail of wrongIn(`${text}policy: {${policy}}\n`, 'ko')) expect(detail).toSatisfy(isKorean)
  })
})

it('takes a machine of interchangeable processors', () => {
  const read = readCenterFile(
    'name: sp2\npools: [{name: sp2, kind: cpu, processors: 128}]\naccounts: [{name: all, users: [u1]}]\npolicy: easy\n',
  )
  expect(read.ok && read.config.pools).toEqual([{ name: 'sp2', kind: 'cpu', processors: 128 }])
})

it.each<[string, string, string[]]>([
  [
    'a model nobody makes',
    small.replace('model: h100', 'model: H10'),
    ['5: There is no accelerator H10. Did you mean H100?'],
  ],
  ['the wrong kind', small.replace('kind: gpu', 'kind: npu'), ['4: H100 is a gpu, not a npu. Write `kind: gpu`.']],
  [
    'a memory that is none',
    small.replace('2TiB', 'much'),
    [
      '9: `pools[0].memory_per_node` must be a number of MiB, or one with a unit: 512M, 64G, 1.5T (also MiB, GiB, TiB), but is "much".',
    ],
  ],
  ['no nodes', small.replace('nodes: 2', 'nodes: 0'), ['6: `pools[0].nodes` must be at least 1, but is 0.']],
  [
    'an account twice',
    small.replace('name: lab', 'name: univ'),
    ['15: There are two accounts univ. Give one of them another name.'],
  ],
  [
    'the root account',
    small.replace('name: lab', 'name: root'),
    ['15: The account root is there by itself: take another name.'],
  ],
  ['a user twice', small.replace('[ada]', '[ada, ada]'), ['13: User ada is in account univ twice. Take one out.']],
  [
    'an unknown policy',
    `${small}policy: lottery\n`,
    [
      '20: There is no policy lottery. There are fairshare, fcfs, greedy, easy, easy-sjbf, conservative, classic, admission, effective-priority, drf, hdrf, borrowing, division, demand-capped, max-min.',
    ],
  ],
  ['an unknown field', `${small}polcy: easy\n`, ['20: `polcy` is not a field here. Did you mean `policy`?']],
  [
    'nobody to submit',
    'name: a\npools: [{name: p, kind: cpu, processors: 1}]\naccounts:\n  - name: x\n',
    ['3: No account has a user, so nobody could submit a job. Write `users` into an account.'],
  ],
  ['a missing part', 'name: a\naccounts: [{name: x, users: [u]}]\n', ['1: `pools` is missing.']],
])('%s is found, and told in either language', (_, text, findings) => {
  expect(wrongIn(text)).toEqual(findings)
  for (const detail of wrongIn(text, 'ko')) expect(detail).toSatisfy(isKorean)
})

describe('the presets', () => {
  const count = (name: string, model: string): number =>
    loadPreset(name).config.pools.reduce(
      (sum, pool) => (pool.kind !== 'cpu' && pool.model === model ? sum + pool.nodes * pool.perNode.accelerators : sum),
      0,
    )

  it('are these', () => expect(presetNames()).toEqual(['baseline-2024', 'purchase-2025']))

  it('have the published counts', () => {
    expect(count('baseline-2024', 'H100')).toBe(2_000)
    expect(count('purchase-2025', 'B200')).toBe(10_080)
    expect(count('purchase-2025', 'H200')).toBe(3_056)
  })

  it('add up to the published figure of the purchase', () => {
    const gpus = loadPreset('purchase-2025').config.pools.flatMap((pool) =>
      pool.kind === 'gpu' ? [{ model: pool.model, count: pool.nodes * pool.perNode.accelerators }] : [],
    )
    expect(fleetPeak(gpus).fp64).toBeCloseTo(0.608, 3)
  })

  it.each(presetNames())(
    '%s has all three kinds, with what is assumed marked, and the sectors 30 to 20 to 50',
    (name) => {
      const { config, file } = loadPreset(name)
      expect(new Set(config.pools.map((pool) => pool.kind))).toEqual(new Set(['gpu', 'npu', 'pim']))
      for (const pool of file.pools) {
        expect(pool.source).toBeDefined()
        if (pool.kind !== 'gpu') expect(pool.assumed).toBe(true)
      }
      expect(
        config.accounts.filter(({ parent }) => parent === null).map(({ name: sector, shares }) => [sector, shares]),
      ).toEqual([
        ['industry', 300],
        ['academia', 200],
        ['national', 500],
        ['operations', 1],
      ])
      expect(config.policy).toEqual(fairshare)
      expect(config.associations.length).toBeGreaterThan(50)
    },
  )

  it('are named when one is asked for that is not there', () => {
    expect(() => loadPreset('../package')).toThrow(
      'there is no preset ../package; there are baseline-2024, purchase-2025',
    )
  })
})

it('takes share rules, billing and placement, and keeps what its base says of them', () => {
  const policyIn = (policy: string) => {
    const read = readCenterFile(`${small}policy: ${policy}\n`)
    return read.ok ? read.config.policy : read.findings
  }
  expect(policyIn('drf')).toMatchObject({ name: 'drf', shares: { rule: 'drf' } })
  expect(policyIn('{base: hdrf, name: mine}')).toEqual({ ...fairshare, name: 'mine', shares: { rule: 'hdrf' } })
  expect(policyIn('{shares: {rule: division, k: 0.5}, decay: slurm}')).toEqual({
    ...fairshare,
    shares: { rule: 'division', k: 0.5 },
    decay: 'slurm',
  })
  expect(policyIn('{billing: {combine: max, per_gib: 0.25, per_accelerator: {gpu: 2}}}')).toEqual({
    ...fairshare,
    billing: {
      combine: 'max',
      perCpu: 0,
      perGib: 0.25,
      perNode: 0,
      perAccelerator: { gpu: 2 },
    },
  })
  const workload = '[{accelerators: 0.5, memory: 1GiB, popularity: 3}]'
  expect(policyIn(`{placement: {rule: least-fragmentation, workload: ${workload}}}`)).toMatchObject({
    placement: {
      rule: 'least-fragmentation',
      workload: [{ acceleratorsMilli: 500, cpuMilli: 0, memoryMib: 1024, nodes: 1, popularity: 3 }],
    },
  })
  expect(policyIn('{base: max-min, round: 30m}')).toMatchObject({ shares: { rule: 'targets' }, roundMs: 1_800_000 })
  expect(policyIn('{devices: {rule: fastest}}')).toEqual({ ...fairshare, devices: { rule: 'fastest' } })
  expect(policyIn('{devices: {rule: most-good, worth: {h100: 1.5}}}')).toEqual({
    ...fairshare,
    devices: { rule: 'most-good', worthMille: { h100: 1500 } },
  })
  expect(wrongIn(`${small}policy: {devices: {rule: most-good, worth: {h10: 1}}}\n`)).toEqual([
    '20: There is no pool h10. Did you mean h100?',
  ])
  expect(wrongIn(`${small}policy: {devices: {rule: most-good, worth: {h100: 0}}}\n`)).toHaveLength(1)
  expect(wrongIn(`${small}policy: {devices: {rule: fastest, worth: {h100: 1}}}\n`)).toHaveLength(1)
  expect(wrongIn(`${small}policy: {shares: {rule: lottery}}\n`)).toHaveLength(1)
  expect(wrongIn(`${small}policy: lottery\n`)[0]).toContain('There is no policy lottery')
})
