import { describe, expect, it } from 'vitest'
import { type ConformanceCase, conformanceCases, judge } from './conformance.ts'

const cases = conformanceCases()

it('finds the cases that lie with the core', () => {
  expect(cases.filter(({ kind }) => kind === 'fair-tree').length).toBeGreaterThanOrEqual(15)
  expect(cases.filter(({ kind }) => kind === 'backfill').length).toBeGreaterThanOrEqual(14)
})

it.each(cases.map((each) => [each.name, each] as const))('%s', (_, conformanceCase) => {
  expect(judge(conformanceCase).differences).toEqual([])
})

describe('a case that does not hold is noticed', () => {
  const spoiled = (kind: ConformanceCase['kind'], spoil: (text: string) => string): ConformanceCase =>
    JSON.parse(spoil(JSON.stringify(cases.find((each) => each.kind === kind))))

  it('when a start differs', () => {
    const verdict = judge(spoiled('backfill', (text) => text.replace('"starts_s":{"1":0', '"starts_s":{"1":7')))
    expect(verdict).toMatchObject({ passed: false, differences: ['job 1: starts at 0 s, not at 7 s'] })
  })

  it('when a job is expected that there is not, or a policy', () => {
    expect(
      judge(spoiled('backfill', (text) => text.replace(/"policy":"[^"]*"/, '"policy":"dice"'))).differences,
    ).toEqual(['there is no policy dice'])
  })

  it('when a factor or a level differs in the sixth decimal', () => {
    const verdict = judge(
      spoiled('fair-tree', (text) => text.replaceAll(/"fair_share":1([,}])/g, '"fair_share":1.000001$1')),
    )
    expect(verdict.differences.join()).toMatch(/fair_share is 1\.000000, not 1\.000001/)
  })

  it('when somebody is missing', () => {
    const verdict = judge(
      spoiled('fair-tree', (text) =>
        text.replace('"expect":{"rows":[', '"expect":{"rows":[{"account":"nowhere","user":"nobody","fair_share":1},'),
      ),
    )
    expect(verdict.differences).toEqual(['nobody: not ranked'])
  })
})
