import { expect, it } from 'vitest'
import { TimeLeft } from './time-left.ts'

it('reckons with what rounds have taken, or took before', () => {
  const left = new TimeLeft(
    [
      { name: '4', rounds: 10, isAlone: false, roundMs: 10_000 },
      { name: '9', rounds: 2, isAlone: true, roundMs: 30_000 },
    ],
    2,
  )
  // Ten rounds of ten seconds by two centers, then two of thirty by one.
  expect(left.ms).toBe(50_000 + 60_000)
  left.played('4', 20_000)
  // They turn out to take twice as long.
  expect(left.ms).toBe(90_000 + 60_000)
  expect(left.line('4')).toBe('  row 4 1/10, 1 of 12 rounds, about 3 min left')
})

it('guesses what nobody has ever played', () => {
  expect(new TimeLeft([{ name: 'new', rounds: 4, isAlone: false, roundMs: undefined }], 1).ms).toBe(60_000)
})
