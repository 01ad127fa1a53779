import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { conclude } from '../commands/conform.ts'
import { reportFailure } from '../failure-report.ts'
import type { Screen } from '../screen.ts'
import type { CaseHead } from './case.ts'
import { conformanceCases, goldenFolder, judge } from './conformance.ts'
import { kinds } from './kinds.ts'

const cases = conformanceCases()
const named = cases.map((each) => [`${each.kind}: ${each.name}`, each] as const)

it('knows every folder of cases', () => {
  // Quotients of the processor are no rule of a scheduler; the arithmetic that uses them is tested where it is.
  const folders = readdirSync(goldenFolder).filter((folder) => folder !== 'extended-division')
  expect(kinds.map(({ kind }) => kind).sort()).toEqual(folders.sort())
})

it('finds cases of every kind, each with a name of its own and a source', () => {
  for (const { kind } of kinds) expect([kind, cases.some((each) => each.kind === kind)]).toEqual([kind, true])
  expect(new Set(named.map(([name]) => name)).size).toBe(cases.length)
  for (const { source, system } of cases) {
    expect(source.length).toBeGreaterThan(10)
    expect(system).not.toBe('')
  }
})

it.each(named)('%s', (_, conformanceCase) => {
  expect(judge(conformanceCase).differences).toEqual([])
})

describe('a wrong expectation is noticed, whichever of its values it is', () => {
  it.each(named)('%s', (_, conformanceCase) => {
    const unnoticed = spoiledCases(conformanceCase).filter(({ spoiled }) => judge(spoiled).passed)
    expect(unnoticed.map(({ place }) => place)).toEqual([])
  })
})

describe('dure conform', () => {
  const screenOf = (json: boolean) => {
    const written: string[] = []
    const write = (text: string): void => void written.push(text)
    const document = (value: unknown): void => write(JSON.stringify(value))
    const screen: Screen = {
      language: 'en',
      json,
      quiet: false,
      width: Number.POSITIVE_INFINITY,
      isWatched: false,
      data: write,
      document,
      say: write,
      warn: write,
      emphasis: (text) => text,
      clear: () => {},
    }
    return { screen, written }
  }
  const [first, second] = cases as [CaseHead, CaseHead]
  const { spoiled } = spoiledCases(first)[0] as { spoiled: CaseHead }

  it('fails when one expectation of one case is wrong, and says which', () => {
    const { screen, written } = screenOf(false)
    const verdicts = [spoiled, second].map(judge)
    let thrown: unknown
    try {
      conclude(verdicts, false, screen)
    } catch (error) {
      thrown = error
    }
    expect(reportFailure(thrown, 'en', true).exitCode).toBe(1)
    expect(written.join('\n')).toContain(`${spoiled.kind}: ${spoiled.name}`)
    expect(written.join('\n')).toContain(verdicts[0]?.differences[0])
  })

  it('counts by system in JSON', () => {
    const { screen, written } = screenOf(true)
    conclude([first, second].map(judge), false, screen)
    expect(first.system).toBe(second.system)
    expect(JSON.parse(written[0] as string)).toMatchObject({
      passed: 2,
      failed: 0,
      systems: [{ system: first.system, cases: 2, passed: 2, failed: 0, derived: 0 }],
    })
  })
})

it('a kind that nobody judges does not pass', () => {
  const [first] = cases as [CaseHead]
  expect(judge({ ...first, kind: 'dice' })).toMatchObject({
    passed: false,
    differences: ['there is no kind of case dice'],
  })
})

/** A copy of the case for every single value below `expect`, with that value changed and nothing else. */
function spoiledCases(conformanceCase: CaseHead): { place: string; spoiled: CaseHead }[] {
  const { expect: expected } = conformanceCase as CaseHead & { expect: object }
  return leavesOf(expected, []).map((path) => {
    const spoiled = structuredClone(conformanceCase)
    let holder: unknown = (spoiled as typeof spoiled & { expect: object }).expect
    for (const key of path.slice(0, -1)) holder = (holder as Record<string, unknown>)[key]
    const last = path.at(-1) as string
    const record = holder as Record<string, unknown>
    record[last] = spoiledValue(record[last])
    return { place: path.join('.'), spoiled }
  })
}

function leavesOf(value: unknown, path: readonly string[]): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
}

/** Off by a thousandth, and by no less than what is seen in six decimals. */
function spoiledValue(value: unknown): unknown {
  if (typeof value === 'number') return value + Math.max(Math.abs(value) / 1000, 2e-6)
  return typeof value === 'boolean' ? !value : `not ${value}`
}
