import { expect, it } from 'vitest'
import { keepsThreshold, parseThreshold, thresholdText } from './threshold.ts'

it.each([
  ['wait_p95_s<3600', 'wait_p95_s < 3600'],
  ['  utilization >= .8 ', 'utilization >= 0.8'],
  ['cost_krw<=1e12', 'cost_krw <= 1000000000000'],
  ['wait_p95_s_sector_산업 > -1', 'wait_p95_s_sector_산업 > -1'],
  ['pools.rngd.nodes<10', 'pools.rngd.nodes < 10'],
])('%j says %s', (text, said) => expect(thresholdText(parseThreshold(text)!)).toBe(said))

it.each(['', 'wait_p95_s', 'wait_p95_s<', '<3600', 'wait_p95_s=3600', 'wait p95<1', 'a<b', 'a<1h', 'a<1e999', 'a<1<2'])(
  '%j says nothing',
  (text) => expect(parseThreshold(text)).toBeNull(),
)

it.each([
  ['x<5', [false, false, true]],
  ['x<=5', [false, true, true]],
  ['x>5', [true, false, false]],
  ['x>=5', [true, true, false]],
])('%s of 6, 5 and 4', (text, kept) => {
  const threshold = parseThreshold(text)!
  expect([6, 5, 4].map((value) => keepsThreshold(threshold, value))).toEqual(kept)
})
