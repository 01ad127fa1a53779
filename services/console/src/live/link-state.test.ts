import { Overview } from '@dure/contract'
import { expect, it } from 'vitest'
import { standingOf } from './link-state.tsx'

const led = (owner: string | null, lag_ms: number) =>
  ({ leader: Overview.shape.leader.parse({ owner, epoch: 3, lag_ms, revisions_behind: 0 }) }) as Overview

it.each([
  ['connecting', false, null, 'connecting'],
  ['live', false, led('a', 0), 'live'],
  ['live', false, led('a', 60_000), 'behind'],
  // Center time stands still while nobody leads, so a lag says nothing then.
  ['live', false, led(null, 60_000), 'leaderGone'],
  ['live', true, led('a', 0), 'paused'],
  // A page that is paused and cut off must not look as if it could go on at once.
  ['reconnecting', true, led('a', 0), 'reconnecting'],
  ['reconnecting', false, led(null, 0), 'reconnecting'],
] as const)('%s, paused %s: %#', (link, paused, overview, standing) => {
  expect(standingOf({ link, paused, overview })).toBe(standing)
})
