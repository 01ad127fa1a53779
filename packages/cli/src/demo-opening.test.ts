import { loadCenter } from '@dure/contract/presets'
import { accelerators, demandOf, simulate, submissions, width } from '@dure/sim'
import { describe, expect, it } from 'vitest'
import { OPENED_BEFORE_MS, openingSeed } from './demo-opening.ts'

const MINUTE_MS = 60_000

describe('the beginning of a demonstration', () => {
  const config = loadCenter('baseline-2024')

  it.each([
    ['a weekday afternoon in Seoul', Date.UTC(2026, 10, 24, 5)],
    ['before dawn there', Date.UTC(2026, 10, 23, 19, 48)],
    ['a Saturday', Date.UTC(2026, 10, 21, 1)],
  ])('shows a full center and a queue: %s', (_, startMs) => {
    const seed = openingSeed(config, 1.2, startMs)
    const asked = submissions({ config, seed, load: 1.2, startMs, openedBeforeMs: OPENED_BEFORE_MS })
    const demand = demandOf(config, asked, startMs + 15 * MINUTE_MS)
    const { startMs: starts, endMs: ends } = simulate(config, demand)
    // Looked at from the schedule alone, after ten minutes.
    const atMs = startMs + 10 * MINUTE_MS
    let busy = 0
    let waiting = 0
    for (let i = 0; i < demand.count; i++) {
      if (demand.submitMs[i]! > atMs) continue
      if (starts[i]! < 0 || starts[i]! > atMs) waiting++
      else if (ends[i]! > atMs) busy += width(demand.requests[demand.request[i]!]!)
    }
    expect(waiting).toBeGreaterThan(0)
    // 2,000 of the 2,320 are GPUs; the others have few jobs that they can run.
    expect(accelerators(config)).toBe(2320)
    expect(busy).toBeGreaterThan(0.97 * 2000)
  })
})
