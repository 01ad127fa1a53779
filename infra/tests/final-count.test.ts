import { describe, expect, it } from 'vitest'
import { finalCount, lastLine, type VitestReport } from './final-count.ts'

const file = (status: 'passed' | 'failed', ...tests: string[]): VitestReport['testResults'][number] => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
})

describe('the last line of the tests', () => {
  it.each<[string, VitestReport | undefined, number, string]>([
    [
      'adds up over files',
      { testResults: [file('passed', 'passed', 'passed'), file('passed', 'passed')] },
      0,
      '3 passed, 0 failed',
    ],
    ['counts failed tests', { testResults: [file('failed', 'passed', 'failed', 'failed')] }, 1, '1 passed, 2 failed'],
    [
      'counts a file that could not be loaded',
      { testResults: [file('passed', 'passed'), file('failed')] },
      1,
      '1 passed, 1 failed',
    ],
    [
      'counts a failed preparation, whose tests were skipped',
      { testResults: [file('failed', 'skipped', 'skipped')] },
      1,
      '0 passed, 1 failed',
    ],
    [
      'does not count skipped tests as passed',
      { testResults: [file('passed', 'passed', 'skipped', 'todo')] },
      0,
      '1 passed, 0 failed',
    ],
    ['fails for an error outside any test', { testResults: [file('passed', 'passed')] }, 1, '1 passed, 1 failed'],
    ['fails when nothing ran', { testResults: [] }, 0, '0 passed, 1 failed'],
    ['fails when the runner wrote no report', undefined, 0, '0 passed, 1 failed'],
  ])('%s', (_, report, status, line) => {
    expect(lastLine(finalCount(report, status))).toBe(line)
  })
})
