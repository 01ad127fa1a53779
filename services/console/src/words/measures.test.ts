import { fleetPeak } from '@dure/contract'
import { expect, it } from 'vitest'
import { measuresOf } from './measures.ts'

const ko = measuresOf('ko')
const en = measuresOf('en')
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

it.each([
  [0, '0초', '0s'],
  [999, '0초', '0s'],
  [61_000, '1분 1초', '1m 1s'],
  [5 * MINUTE_MS, '5분', '5m'],
  [3 * HOUR_MS + 12 * MINUTE_MS + 59_000, '3시간 12분', '3h 12m'],
  [24 * HOUR_MS, '1일', '1d'],
  [50 * HOUR_MS, '2일 2시간', '2d 2h'],
])('%d ms is %s, %s', (ms, korean, english) => {
  expect(ko.duration(ms)).toBe(korean)
  expect(en.duration(ms)).toBe(english)
})

it('tells the time of Korea, nine hours ahead of UTC, on a 24-hour clock', () => {
  const atMs = Date.UTC(2026, 2, 1, 15, 5, 9)
  expect(ko.clock(atMs)).toMatch(/00[:시] ?05[:분] ?09/)
  expect(en.time(atMs)).toBe('2 Mar 2026, 00:05:09 KST')
})

it('gives capacity in its format: the 30,000 H100 that 2 exaflops stand for', () => {
  const planned = fleetPeak([{ model: 'H100', count: 30_000 }])
  expect(en.capacity(planned, 'fp64')).toBe('2.01 EF')
  expect(en.capacity(planned, 'bf16')).toBe('29.7 EF')
  expect(en.capacity(planned, 'h100')).toBe('30,000 H100e')
  expect(en.capacity(fleetPeak([{ model: 'H100', count: 1 }]), 'fp64')).toBe('0.0669 PF')
  expect(en.capacity(fleetPeak([]), 'fp64')).toBe('0 EF')
})

it('signs differences and leaves zero alone', () => {
  expect(en.points(0.051)).toBe('+5.1')
  expect(en.points(-0.002)).toBe('-0.2')
  expect(en.points(0)).toBe('0.0')
  expect(ko.percent(0.9637)).toBe('96.4%')
})
