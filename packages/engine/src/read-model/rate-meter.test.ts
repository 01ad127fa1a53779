import { expect, it } from 'vitest'
import { rateMeter } from './rate-meter.ts'

it('counts what happened in the last sixty seconds, and forgets the rest', () => {
  let nowMs = 5_000_000
  const rate = rateMeter(() => nowMs)
  rate.add(3)
  nowMs += 30_000
  rate.add(4)
  expect(rate.perMinute()).toBe(7)
  nowMs += 29_999
  expect(rate.perMinute()).toBe(7)
  nowMs += 1
  expect(rate.perMinute()).toBe(4)
  nowMs += 30_000
  expect(rate.perMinute()).toBe(0)
  nowMs += 86_400_000
  rate.add(1)
  expect(rate.perMinute()).toBe(1)
})
