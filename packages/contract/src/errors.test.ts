import { describe, expect, it } from 'vitest'
import { type ErrorEntry, errorCodes, errors, exitCodeOfStatus, isErrorCode } from './errors.ts'
import { preferredLanguage } from './language.ts'
import { Problem, problemOf } from './problem.ts'

const entries: [string, ErrorEntry][] = Object.entries(errors)

it.each(entries)('%s is worded in both languages and has its exit code', (code, entry) => {
  expect(code).toMatch(/^ERR_[A-Z0-9_]+$/)
  expect(entry.title.ko).toMatch(/[가-힣]/)
  expect(entry.whatToDo.ko).toMatch(/[가-힣].*\.$/)
  expect(entry.title.en).not.toMatch(/[가-힣]/)
  expect(entry.whatToDo.en).toMatch(/[.]$/)
  if (entry.status !== null) expect(entry.exit).toBe(exitCodeOfStatus(entry.status))
})

it.each([
  [400, 1],
  [401, 77],
  [403, 77],
  [404, 4],
  [409, 5],
  [422, 1],
  [429, 69],
  [500, 1],
  [503, 69],
])('status %i makes the command line exit with %i', (status, exit) => expect(exitCodeOfStatus(status)).toBe(exit))

describe('a problem document', () => {
  it('has the registry in the language asked for', () => {
    const problem = problemOf('ERR_JOB_NOT_FOUND', 'en', {
      detail: 'There is no job 17.',
      requestId: 'r1',
      instance: '/v1/jobs/17',
    })
    expect(Problem.parse(problem)).toEqual({
      type: 'urn:dure:error:ERR_JOB_NOT_FOUND',
      title: 'There is no such job',
      status: 404,
      detail: 'There is no job 17.',
      code: 'ERR_JOB_NOT_FOUND',
      what_to_do: 'See the numbers with `dure queue`. Jobs of others are not shown.',
      instance: '/v1/jobs/17',
      request_id: 'r1',
    })
    expect(problemOf('ERR_JOB_NOT_FOUND', 'ko').title).toBe('그런 작업이 없습니다')
  })

  it('knows its codes', () => {
    expect(errorCodes.every(isErrorCode)).toBe(true)
    expect(isErrorCode('toString')).toBe(false)
  })
})

it.each([
  [undefined, 'ko'],
  ['', 'ko'],
  ['en', 'en'],
  ['en-US,en;q=0.9', 'en'],
  ['ko-KR,ko;q=0.9,en-US;q=0.8', 'ko'],
  ['fr,en;q=0.5,ko;q=0.1', 'en'],
  ['fr', 'ko'],
  ['en;q=0', 'ko'],
] as const)('Accept-Language %j prefers %s', (header, language) => expect(preferredLanguage(header)).toBe(language))
