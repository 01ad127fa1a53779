// What a run of the tests amounts to. A run that proves nothing has failed.

/** The part of the test runner's JSON report that is counted. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly status: 'passed' | 'failed'
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

export interface FinalCount {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/**
 * @param report undefined when the runner wrote none
 * @param runnerStatus the runner's exit status
 */
export function finalCount(report: VitestReport | undefined, runnerStatus: number): FinalCount {
  let passed = 0
  let failed = 0
  let skipped = 0
  for (const file of report?.testResults ?? []) {
    let failedHere = 0
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed++
      else if (test.status === 'failed') failedHere++
      else skipped++
    }
    // A file that cannot be loaded, or whose preparation throws, has failed without a failed test.
    failed += file.status === 'failed' ? Math.max(1, failedHere) : failedHere
  }
  // Errors outside any test show only in the runner's status; and no test at all is no success.
  if (failed === 0 && (runnerStatus !== 0 || passed === 0)) failed = 1
  return { passed, failed, skipped }
}

export function lastLine({ passed, failed }: FinalCount): string {
  return `${passed} passed, ${failed} failed`
}
