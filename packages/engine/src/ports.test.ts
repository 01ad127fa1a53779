import { expect, it } from 'vitest'
import { centerTimeMs } from './ports.ts'

const reading = { epoch: 1, atMs: 10_000, speed: 2.5, ageMs: 40 }

it.each([
  ['at the moment of reading it is older by the age of the reading', 0, 10_100],
  ['goes on at its speed', 100, 10_350],
  ['is whole milliseconds', 1, 10_102],
  ['stands still when the leader has been silent for too long', 1_000_000, 22_500],
  ['does not run backwards before its publication', -1000, 10_000],
])('center time %s', (_, sinceReadMs, expected) => {
  expect(centerTimeMs(reading, sinceReadMs, 5000)).toBe(expected)
})
