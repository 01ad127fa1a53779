import { describe, expect, it } from 'vitest'
import { isKorean } from '../../testing/korean-text.ts'
import type { ScenarioText } from './extension.ts'
import { readScenario } from './scenario-reading.ts'

/** Texts on a shelf, that extend each other by name. */
function shelf(texts: Readonly<Record<string, string>>): (name: string) => ScenarioText {
  const at = (name: string): ScenarioText => ({
    name,
    text: texts[name]!,
    known: Object.keys(texts),
    extended: (reference) => (reference in texts ? at(reference) : null),
  })
  return at
}

const read = (texts: Readonly<Record<string, string>>, name = Object.keys(texts)[0]!, language: 'ko' | 'en' = 'en') =>
  readScenario(shelf(texts)(name), language)

function wrongIn(texts: Readonly<Record<string, string>> | string, language: 'ko' | 'en' = 'en'): string[] {
  const reading = read(typeof texts === 'string' ? { 's.yaml': texts } : texts, undefined, language)
  return reading.ok ? [] : reading.findings.map(({ file, line, detail }) => `${file}:${line}: ${detail}`)
}

const small = `name: small
date: 2028-07-01
pools:
  - name: h100
    model: H100
    nodes: 2
    accelerators_per_node: 8
    cpus_per_node: 112
    memory_per_node: 2TiB
    source: k1
accounts:
  - name: univ
    users: [ada]
demand:
  load: 0.9
`

it('keeps what is written as it is written', () => {
  const reading = read({ 's.yaml': small })
  expect(reading.ok && reading.scenario.pools[0]).toEqual({
    name: 'h100',
    model: 'H100',
    nodes: 2,
    accelerators_per_node: 8,
    cpus_per_node: 112,
    memory_per_node: '2TiB',
    source: 'k1',
  })
})

it('finds all that is wrong at once, in the order of the lines', () => {
  const text = small
    .replace('2028-07-01', '2028-02-30')
    .replace('model: H100', 'model: H10\n    arrives: 2029-01-01\n    retires: 2028-01-01')
    .replace('- name: univ', '- name: univ\n    shares: 0')
    .replace('load: 0.9', 'load: 0.9\n  drivers: [{name: d, values: {-3: 1}, source: k1}]')
  expect(wrongIn(`${text}promises: ["wait_p95 < 5"]\n`)).toEqual([
    's.yaml:2: `date` must be a day from 2000 to 2100, such as 2028-07-01, but is "2028-02-30".',
    's.yaml:5: There is no accelerator H10. Did you mean H100?',
    's.yaml:7: Pool h100 retires before it arrives. Set `retires` to a day after `arrives`.',
    's.yaml:13: The `shares` of these accounts add up to 0, so none of them would get a turn. Give at least one of them a share.',
    's.yaml:19: -3 is no year from 2000 to 2100. Write one such as 2028.',
    's.yaml:20: There is no column wait_p95. Did you mean wait_p95_s?',
  ])
})

it.each<[string, string, string[]]>([
  ['an unknown field', `${small}demnd: 1\n`, ['s.yaml:16: `demnd` is not a field here. Did you mean `demand`?']],
  [
    'a number without a source',
    small.replace('    source: k1\n', ''),
    ['s.yaml:4: `pools[0]` needs a `source`, or `assumed: true` where nobody has published it.'],
  ],
  [
    'a capacity of nothing',
    small.replace('nodes: 2', 'nodes: 0'),
    [
      's.yaml:3: On the first day the capacity is 0 in `fp64`. Give nodes to a pool that stands there then, or change `date` or `unit`.',
    ],
  ],
  [
    'pools that are not there yet',
    small.replace('nodes: 2', 'nodes: 2\n    arrives: 2030-01-01'),
    [expect.stringContaining('s.yaml:3: On the first day the capacity is 0')] as unknown as string[],
  ],
  [
    'nobody who asks',
    small.replace('load: 0.9', 'pressure: 2'),
    ['s.yaml:14: Nothing says how much is asked for. Write a part of the capacity, such as `load: 0.9`, or `groups`.'],
  ],
  [
    'groups of accounts that are not there',
    small.replace(
      'load: 0.9',
      'groups: [{name: g, accounts: [unvi], h100_equivalents: 5, source: k1, drivers: [{driver: people}]}]',
    ),
    ['s.yaml:15: There is no driver people. There are –.', 's.yaml:15: There is no account unvi. Did you mean univ?'],
  ],
  [
    'groups that ask for nothing',
    small.replace('load: 0.9', 'groups: [{name: g, accounts: [univ], h100_equivalents: 0, source: k1}]'),
    [
      's.yaml:15: The `h100_equivalents` of all groups are 0, so nobody would ask for anything. Give at least one of them some.',
    ],
  ],
  [
    'an account in two groups',
    small.replace(
      'load: 0.9',
      'groups:\n    - {name: g, accounts: [univ], h100_equivalents: 5, source: k1}\n    - {name: h, accounts: [univ], h100_equivalents: 5, source: k1}',
    ),
    ['s.yaml:17: Account univ asks for work in group g already. Take it out of one of them.'],
  ],
  [
    'an outage of a pool that is not there, and of more nodes than there are',
    `${small}outages:\n  - {name: a, pool: h10, from: 2028-07-02, for: 3d}\n  - {name: b, pool: h100, nodes: 3, from: 2028-07-02, for: 3d}\n  - {name: c, pool: h100, from: 2028-07-02, for: 72}\n`,
    [
      's.yaml:17: There is no pool h10. Did you mean h100?',
      's.yaml:18: Pool h100 has 2 nodes, and 3 of them are to be out. Write 2 at most, or leave `nodes` out for all.',
      's.yaml:19: `outages[2].for` must be a time with its unit, such as 72h, 3d or 1d12h, but is 72.',
    ],
  ],
  [
    'a source that nobody has listed',
    `${small}sources: {k2: a page}\n`,
    ['s.yaml:10: There is no source k1. Did you mean k2?'],
  ],
  [
    'a policy nobody has',
    `${small}policy: lottery\n`,
    [expect.stringMatching(/^s.yaml:16: There is no policy lottery/)] as unknown as string[],
  ],
  ['a section of nothing', `${small}power:\n`, ['s.yaml:16: `power` must be an object, but is null.']],
  ['no YAML at all', 'a: [1', [expect.stringContaining('s.yaml:1: The YAML cannot be read')] as unknown as string[]],
  ['a list', '- a\n', ['s.yaml:1: A scenario is written as fields and values, such as `name: my-scenario`.']],
  [
    'a policy, a pool of it and a worth that are not there',
    `${small}policy: {base: fairshar, devices: {rule: most-good, worth: {h10: 1}}}\n`,
    [expect.stringContaining('s.yaml:16: There is no policy fairshar. Did you mean fairshare?') as unknown as string],
  ],
  [
    'an account and a user twice',
    small.replace('users: [ada]', 'users: [ada, ada]\n  - name: univ'),
    [
      's.yaml:13: User ada is in account univ twice. Take one out.',
      's.yaml:14: There are two accounts univ. Give one of them another name.',
    ],
  ],
  [
    'a line that is no YAML',
    small.replace('demand:', '\tdemand:'),
    ['s.yaml:14: The YAML cannot be read: Tabs are not allowed as indentation.'],
  ],
  ['a field twice', `${small}date: 2028-07-01\n`, ['s.yaml:16: The YAML cannot be read: Map keys must be unique.']],
  ['nothing', '', ['s.yaml:1: The file is empty.']],
])('%s is found, and told in either language', (_, text, findings) => {
  expect(wrongIn(text)).toEqual(findings)
  for (const detail of wrongIn(text, 'ko')) expect(detail).toSatisfy(isKorean)
})

it('speaks Korean too', () => {
  expect(
    wrongIn(small.replace('model: H100', 'model: H100\n    arrives: 2029-01-01\n    retires: 2028-01-01'), 'ko'),
  ).toEqual(['s.yaml:7: 풀 h100의 철거일이 도입일보다 늦지 않습니다. `retires`를 `arrives`보다 뒤로 하세요.'])
  expect(wrongIn(small.replace('2028-07-01', 'soon'), 'ko')).toEqual([
    's.yaml:2: `date` 값은 2028-07-01과 같은 날짜(2000~2100년) 형식이어야 합니다 (받은 값: "soon").',
  ])
})

it('puts what it extends beneath it, and leads every mistake to its own file', () => {
  const texts = {
    top: 'extends: [base, more]\nname: top\npools: {h100: {nodes: 0}, b200: null, rngd: {model: RNGX}}\n',
    base: small,
    more: 'pools:\n  - {name: b200, model: B200}\n  - {name: rngd, nodes: 1, accelerators_per_node: 8}\ndemand: {pressure: -1}\n',
  }
  expect(wrongIn(texts)).toEqual([
    'top:3: `pools[1].cpus_per_node` is missing.',
    'top:3: `pools[1].memory_per_node` is missing.',
    'more:4: `demand.pressure` must be more than 0, but is -1.',
  ])
})

it('says the whole chain of a scenario that extends itself', () => {
  expect(wrongIn({ a: 'extends: b\n', b: 'extends: [c]\n', c: 'name: c\nextends: a\n' })).toEqual([
    'c:2: `extends` comes back to where it began: a → b → c → a. Take one of them out.',
  ])
})

it('refuses chains that go too deep, and guesses a misspelt name', () => {
  const deep = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`s${i}`, `extends: s${i + 1}\n`]))
  expect(wrongIn({ ...deep, s20: small })[0]).toContain('s15:1: `extends` goes too deep')
  expect(wrongIn({ top: 'extends: bridge\n', bridges: small })).toEqual([
    'top:1: There is no scenario and no file bridge. Did you mean bridges?',
  ])
  // Two paths to one file are no circle.
  expect(wrongIn({ top: 'extends: [a, b]\n', a: 'extends: base\n', b: 'extends: base\n', base: small })).toEqual([])
})

it('takes a fitted model from its file, and what is wrong in it', () => {
  const group = 'groups: [{name: g, accounts: [univ], h100_equivalents: 5, source: k1, model: {file: fit.yaml}}]'
  const top = small.replace('load: 0.9', group)
  expect(wrongIn({ top, 'fit.yaml': 'name: fit\n' })[0]).toBe('fit.yaml:1: `percents_of` is missing.')
  expect(wrongIn({ top })).toEqual([
    'top:15: There is no file fit.yaml. Its path begins at the folder of this scenario file.',
  ])
})

describe('a job log', () => {
  const hash = 'a'.repeat(64)
  const group = (trace: string, more = '') =>
    small.replace('load: 0.9', `groups:\n    - {name: g, accounts: [univ], source: k1, ${more}trace: {${trace}}}`)
  const withLogs = (text: string): ScenarioText => ({
    ...shelf({ 's.yaml': text })('s.yaml'),
    log: (reference) => (reference === 'a.swf' ? { path: '/logs/a.swf', sha256: hash } : null),
  })
  const wrong = (text: string, language: 'ko' | 'en' = 'en') => {
    const reading = readScenario(withLogs(text), language)
    return reading.ok ? [] : reading.findings.map(({ line, pointer, detail }) => [line, pointer, detail])
  }
  const at = '/demand/groups/0/trace'

  it('is known by where it lies and what is in it', () => {
    const reading = readScenario(withLogs(group('file: a.swf')))
    expect(reading.ok && reading.scenario.demand.groups![0]!.trace).toEqual({ file: '/logs/a.swf', sha256: hash })
    expect(wrong(group(`file: a.swf, sha256: ${hash}`))).toEqual([])
  })

  it.each<[string, string, [string, string][]]>([
    [
      'that is not there',
      group('file: b.swf'),
      [
        [
          `${at}/file`,
          'There is no job log b.swf that can be read. Its path begins at the folder of this scenario file.',
        ],
      ],
    ],
    [
      'that is another',
      group(`file: a.swf, sha256: ${'b'.repeat(64)}`),
      [
        [
          `${at}/sha256`,
          `a.swf is another log: its SHA-256 is ${hash}. Get the one that is meant, or take \`sha256\` out.`,
        ],
      ],
    ],
    [
      'with two speeds',
      group('file: a.swf, load: 1, load_factor: 2'),
      [
        [
          `${at}/load`,
          '`demand.groups[0].trace.load` must not stand beside `load_factor`: one of them says how fast jobs come, but is 1.',
        ],
      ],
    ],
    [
      'for a pool that is not there',
      group('file: a.swf, queues: {batch: h10}'),
      [[`${at}/queues/batch`, 'There is no pool h10. Did you mean h100?']],
    ],
    [
      'of a kind that is not known',
      group('file: a.swf, kind: hpcc'),
      [[`${at}/kind`, expect.stringContaining('must be one of notebook, evaluation') as unknown as string]],
    ],
    [
      'with a field it has not',
      group('file: a.swf, offest: 3d'),
      [[`${at}/offest`, '`offest` is not a field here. Did you mean `offset`?']],
    ],
    [
      'with an amount of its own',
      group('file: a.swf', 'h100_equivalents: 5, '),
      [
        [
          '/demand/groups/0/h100_equivalents',
          expect.stringContaining(
            'must be left out where a log asks alone (`trace.load` scales it), or stand beside `model: national`',
          ) as unknown as string,
        ],
      ],
    ],
    [
      'beside a model without an amount',
      group('file: a.swf', 'model: national, '),
      [['/demand/groups/0/h100_equivalents', '`demand.groups[0].h100_equivalents` is missing.']],
    ],
    [
      'with surges',
      group('file: a.swf', 'surges: [{from: 2028-07-02, for: 1d, factor: 2, source: k1}], '),
      [['/demand/groups/0/surges', expect.stringContaining('are for a `model`') as unknown as string]],
    ],
  ])('%s is found', (_, text, findings) => expect(wrong(text).map(([, ...rest]) => rest)).toEqual(findings))

  it('is found on its line, in Korean too', () =>
    expect(wrong(group('file: b.swf'), 'ko')).toEqual([
      [16, `${at}/file`, '읽을 수 있는 작업 기록 b.swf이(가) 없습니다. 경로는 이 시나리오 파일의 폴더에서 시작합니다.'],
    ]))

  it('cannot be named from elsewhere', () =>
    expect(wrongIn(group('file: a.swf'))).toEqual([
      's.yaml:16: A scenario from a request or standard input cannot name a job log. Run it as a file on the machine that has the log.',
    ]))

  it('leaves nothing for a load to scale where there is nothing else', () => {
    const text = group('file: a.swf').replace('demand:\n', 'demand:\n  load: 0.5\n')
    expect(wrong(text)).toEqual([
      [
        15,
        '/demand/load',
        '`demand.load` is for what models ask for, and all groups have logs alone. Write `trace.load` in the groups.',
      ],
    ])
  })
})
