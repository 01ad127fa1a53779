import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AccountInput } from './account-tree.ts'
import { fleetPeak } from './catalogue/capacity.ts'
import { acceleratorOf } from './catalogue/catalogue.ts'
import { jobKindNames } from './catalogue/job-speed.ts'
import { ScenarioFile } from './scenario/scenario-file.ts'
import { readScenario } from './scenario/scenario-reading.ts'
import { loadScenario, scenarioFileText, scenarioNames, scenarioText } from './scenarios.ts'

const sound = (name: string): ScenarioFile => {
  const read = loadScenario(name)
  if (!read.ok) throw new Error(`${name}: ${JSON.stringify(read.findings[0])}`)
  return read.scenario
}

const peakOf = ({ pools }: ScenarioFile, ...names: string[]) =>
  fleetPeak(
    pools
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .map(({ model, nodes, accelerators_per_node }) => ({ model, count: nodes * accelerators_per_node })),
  )

it('are these', () =>
  expect(scenarioNames()).toEqual([
    'b300-only',
    'baseline-2024',
    'bridge-2026',
    'deadline-spike',
    'flagship-outage',
    'late-npu-software',
    'nacc-2028',
    'plan-2030',
    'power-cap-summer',
    'two-exaflops',
    'two-exaflops-surges',
    'typhoon-urgent',
  ]))

// The table of fleets in three units: EF in FP64, EF in BF16, H100-equivalents. To the digits that it prints.
it.each<[string, string[], string, string, number]>([
  ['baseline-2024', [], '0.134', '1.98', 2_000],
  ['two-exaflops', [], '2.007', '29.7', 30_000],
  // The government's part of the purchase of 2025, and Supercomputer 6.
  ['bridge-2026', ['b200-a', 'b200-b', 'b200-d', 'h200-a', 'h200-b'], '0.480', '20.6', 20_850],
  ['bridge-2026', ['kisti-6'], '0.568', '8.4', 8_500],
  // 15,000 of the center as B200, as B300, and 50,000 half B200 and half RNGD.
  ['nacc-2028', ['nacc-gpu'], '0.60', '33.8', 34_100],
  ['b300-only', ['nacc-gpu'], '0.02', '33.8', 34_100],
  ['plan-2030', [], '1.00', '62.7', 63_300],
])('%s %j is %s EF in FP64, %s in BF16, %i H100-equivalents', (name, pools, fp64, bf16, equivalents) => {
  const digits = (text: string): number => text.split('.')[1]!.length
  const peak = peakOf(sound(name), ...pools)
  expect(peak.fp64.toFixed(digits(fp64))).toBe(fp64)
  // 62.65 is printed as 62.7.
  expect(peak.bf16).toBeCloseTo(Number(bf16), digits(bf16) - 0.01)
  // Printed to three digits.
  expect(Number(peak.h100_equivalents.toPrecision(equivalents > 20_000 && equivalents < 21_000 ? 4 : 3))).toBe(
    equivalents,
  )
})

describe.each(scenarioNames())('%s', (name) => {
  it('is called as its file, in both languages', () => {
    const { name: own, description } = sound(name)
    expect(own).toBe(name)
    expect(description?.ko).toMatch(/[가-힣]/)
    expect(description?.en).toBeTruthy()
  })

  it('names a source for every number, or says that it is assumed', () => {
    const scenario = sound(name)
    const { demand, power, cost, faults = [], outages = [], readiness } = ScenarioFile.parse(scenario)
    const said = [
      ...scenario.pools,
      ...demand.groups,
      ...demand.drivers,
      ...faults,
      ...outages,
      readiness!,
      power!.tariff,
      power!.pue,
    ]
    for (const one of [...said, ...Object.values(cost!.capex_krw_per_accelerator)])
      expect(one.source !== undefined || one.assumed, JSON.stringify(one)).toBe(true)
    // A page of a published figure is listed.
    expect(Object.keys(scenario.sources ?? {}).length).toBeGreaterThan(10)
  })

  it('has models of the catalogue and accounts for every group', () => {
    const { pools, demand } = sound(name)
    for (const { model } of pools) expect(acceleratorOf(model)).toBeDefined()
    expect(demand.groups?.length).toBeGreaterThan(10)
  })
})

describe('what the press release names', () => {
  const namesIn = (accounts: readonly AccountInput[]): string[] =>
    accounts.flatMap(({ name, accounts: below = [] }) => [name, ...namesIn(below)])
  const names = namesIn(sound('plan-2030').accounts as AccountInput[])

  it('is there by name, eight industries and eighteen domains in all, the others as slots', () => {
    expect(names).toEqual(expect.arrayContaining(['manufacturing', 'finance', 'medical-bio']))
    expect(names).toEqual(expect.arrayContaining(['safety', 'disaster-response', 'healthcare']))
    expect(names.filter((name) => name.startsWith('industry-slot-'))).toHaveLength(5)
    expect(names.filter((name) => name.startsWith('public-slot-'))).toHaveLength(15)
  })

  it('drives the demand', () => {
    const drivers = new Map(
      ScenarioFile.parse(sound('plan-2030')).demand.drivers.map(({ name, values }) => [name, values]),
    )
    expect(drivers.get('industry-adoption')).toEqual({ 2023: 0.28, 2030: 0.7 })
    expect(drivers.get('public-adoption')).toEqual({ 2023: 0.55, 2030: 0.95 })
    expect(drivers.get('ai-experts')).toEqual({ 2023: 51_000, 2030: 200_000 })
    expect(Object.values(drivers.get('unicorns')!)).toEqual([0, 1, 2, 4, 7, 10])
  })
})

it('knows the kinds of work that scenarios weigh', () => {
  const { groups } = ScenarioFile.parse(sound('plan-2030')).demand
  for (const { model } of groups) {
    if (model === undefined || typeof model === 'string' || !('kinds' in model) || Array.isArray(model.kinds)) continue
    for (const kind of Object.keys(model.kinds)) expect(jobKindNames).toContain(kind)
  }
})

it('lets a text from elsewhere extend what comes with Dure, and no file', () => {
  const text = 'extends: nacc-2028\nname: mine\npools: {nacc-gpu: {model: H200}}\n'
  const read = readScenario(scenarioText('request', text))
  // 15,000 H200 are 1.00 EF in FP64 and 14.8 in BF16.
  expect(read.ok && peakOf(read.scenario, 'nacc-gpu')).toMatchObject({ fp64: 1.005, bf16: 14.835 })
  const outside = readScenario(scenarioText('request', 'extends: /etc/passwd\nname: mine\n'))
  expect(outside.ok ? [] : outside.findings.map(({ code }) => code)).toEqual(['unknown_scenario'])
})

it('lets a file extend the files beside it', () => {
  const folder = new URL('../scenarios/', import.meta.url).pathname
  const text = 'extends: [two-exaflops, parts/readiness.yaml]\nname: mine\n'
  expect(readScenario(scenarioFileText(`${folder}mine.yaml`, text)).ok).toBe(true)
})

it.each(['', './'])('sees at once that files named with %j extend each other', (way) => {
  const folder = mkdtempSync(`${tmpdir()}/dure-`)
  const path = (name: string) => `${way}${relative(process.cwd(), join(folder, name))}`
  writeFileSync(path('one.yaml'), 'extends: two.yaml\nname: one\n')
  writeFileSync(path('two.yaml'), 'extends: one.yaml\nname: two\n')
  const read = readScenario(scenarioFileText(path('one.yaml'), readFileSync(path('one.yaml'), 'utf8')))
  rmSync(folder, { recursive: true })
  const names = ['one.yaml', 'two.yaml', 'one.yaml'].map((name) => relative(process.cwd(), join(folder, name)))
  expect(read.ok ? [] : read.findings.map(({ detail }) => detail)).toEqual([
    `\`extends\` comes back to where it began: ${names.join(' → ')}. Take one of them out.`,
  ])
})

it('says which there are when one is asked for that is not there', () => {
  expect(() => loadScenario('../package')).toThrow(
    'there is no scenario ../package; there are b300-only, baseline-2024,',
  )
})

it('lets a file name the logs beside it, by what is in them', () => {
  const folder = new URL('../../../tests/center/', import.meta.url).pathname
  const trace = (file: string) =>
    `extends: baseline-2024\nname: mine\ndemand: {groups: {academia: {model: national, trace: {file: ${file}}}}}\n`
  const reading = (file: string) => readScenario(scenarioFileText(`${folder}mine.yaml`, trace(file)))
  const file = `${folder}fixtures/three-days.swf`
  const read = reading('fixtures/three-days.swf')
  const group = read.ok ? read.scenario.demand.groups?.find(({ name }) => name === 'academia') : undefined
  expect(group?.trace).toEqual({ file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') })
  for (const none of ['fixtures', 'fixtures/none.swf']) {
    const refused = reading(none)
    expect(refused.ok ? [] : refused.findings.map(({ code, line }) => [code, line])).toEqual([['unknown_file', 3]])
  }
})
