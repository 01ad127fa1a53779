import { expect, it } from 'vitest'
import { nodeSeconds, pastUsage, turnedBins } from './binned-usage.ts'

it('nothing used is nothing, and without decay all bins add up', () => {
  expect(pastUsage([], 0.5)).toBe(0)
  expect(pastUsage([1, 2, 3], 1)).toBe(6)
  expect(nodeSeconds([])).toBe(0)
})

it('when a period ends, everything counts once more as much less, and the oldest bin is forgotten', () => {
  const bins = [128, 64, 64, 16]
  const turned = turnedBins(bins, 100)
  expect(turned).toEqual([100, 128, 64, 64])
  // 100 / 2 + what the first three bins had, halved; the last had 16 / 16.
  expect(pastUsage(turned, 0.5)).toBe(50 + (pastUsage(bins, 0.5) - 1) / 2)
})
