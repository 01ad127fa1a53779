// The short form of `npm run fuzz`: the same code on other inputs each day would be no test, so the seed stands here.

import { expect, it } from 'vitest'
import { fuzzParsers } from './parser-fuzz.ts'
import { fuzzRequests } from './request-fuzz.ts'

it('two thousand inputs for parsers are read, or refused as they promise', async () => {
  const { inputs, failures, parsers } = await fuzzParsers(2000, 1)
  expect(failures).toEqual([])
  expect(inputs).toBe(2000)
  for (const { name, inputs: count } of parsers) expect([name, count > 0]).toEqual([name, true])
})

it('a thousand requests on a real API are answered without a 5xx', async () => {
  const { requests, garbage, statuses, failures } = await fuzzRequests(1000, 1)
  expect(failures).toEqual([])
  expect(requests).toBe(1000)
  expect(garbage).toBeGreaterThan(100)
  // It gets behind the doors: some of it is taken.
  for (const status of [200, 400, 401, 403, 404]) expect([status, (statuses[status] ?? 0) > 0]).toEqual([status, true])
})
