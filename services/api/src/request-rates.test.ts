import { connectPrompt } from '@dure/engine'
import { startPrivateRedis } from '@dure/engine/testing'
import { describe, expect, it } from 'vitest'
import { memoryCounts, type RequestCounts, redisCounts } from './request-counts.ts'
import { requestRates } from './request-rates.ts'

const PER_SECOND = 20

let nowMs = 0
const processOf = (counts: RequestCounts, troubles: unknown[] = []) =>
  requestRates({ perSecond: PER_SECOND, counts, nowMs: () => nowMs, failed: (error) => troubles.push(error) })

/** How many of `count` requests are let in. */
const letIn = (rates: ReturnType<typeof processOf>, key: string, count: number): number =>
  Array.from({ length: count }, () => rates.waitMs(key)).filter((waitMs) => waitMs === 0).length

describe('a key', () => {
  it('may make ten seconds of its requests at once, then as many as come back, and is told when', () => {
    const rates = processOf(memoryCounts())
    expect(letIn(rates, 'a', 500)).toBe(200)
    expect(rates.waitMs('a')).toBe(50) // one twentieth of a second
    nowMs += 20
    expect(rates.waitMs('a')).toBe(30)
    nowMs += 30
    expect([rates.waitMs('a'), rates.waitMs('a')]).toEqual([0, 50])
    nowMs += 3000
    expect(letIn(rates, 'a', 500)).toBe(60)
    nowMs += 3_600_000
    expect(letIn(rates, 'a', 500)).toBe(200)
  })

  it('is not held to what others do', () => {
    const rates = processOf(memoryCounts())
    letIn(rates, 'a', 10_000)
    expect(letIn(rates, 'b', 200)).toBe(200)
  })

  it('may make any number where there is no limit', () => {
    const rates = requestRates({ perSecond: 0, counts: memoryCounts(), nowMs: () => nowMs, failed: () => {} })
    expect(letIn(rates, 'a', 10_000)).toBe(10_000)
  })

  it('has one rate, however many processes it asks', async () => {
    const counts = memoryCounts()
    const processes = [processOf(counts), processOf(counts), processOf(counts)]
    const second = async (): Promise<number> => {
      let sum = 0
      for (let tenth = 0; tenth < 10; tenth++) {
        nowMs += 100
        for (const rates of processes) sum += letIn(rates, 'a', 100)
        for (const rates of processes) await rates.exchange()
      }
      return sum
    }
    // Each lets what may come at once in, before it has heard of the others.
    expect(await second()).toBeLessThanOrEqual(3 * 200 + 3 * PER_SECOND)
    await second()
    let later = 0
    for (let i = 0; i < 10; i++) later += await second()
    expect(later / 10).toBeGreaterThan(0.75 * PER_SECOND)
    expect(later / 10).toBeLessThan(1.25 * PER_SECOND)
  })

  it('is held to its rate here while other processes cannot be asked', async () => {
    const troubles: unknown[] = []
    const away: RequestCounts = {
      add: async () => {
        throw new Error('away')
      },
    }
    const rates = processOf(away, troubles)
    expect(letIn(rates, 'a', 300)).toBe(200)
    await rates.exchange()
    expect(troubles).toHaveLength(1)
    nowMs += 1000
    expect(letIn(rates, 'a', 300)).toBe(PER_SECOND)
  })
})

it('counts in Redis add up over processes, key by key, and go', async () => {
  const server = await startPrivateRedis()
  const settings = server.settings()
  const [one, other] = await Promise.all([connectPrompt(settings, 'one'), connectPrompt(settings, 'other')])
  try {
    await redisCounts(one, settings).add(new Map([['a', 3]]))
    const totals = await redisCounts(other, settings).add(
      new Map([
        ['b', 1],
        ['a', 4],
      ]),
    )
    expect([...totals]).toEqual([
      ['b', 1],
      ['a', 7],
    ])
    expect(await one.pttl(`${settings.prefix}access:requests:a`)).toBeGreaterThan(50_000)
    await server.kill()
    await expect(redisCounts(one, settings).add(new Map([['a', 1]]))).rejects.toThrow('could not count requests')
  } finally {
    one.disconnect()
    other.disconnect()
    await server.stop()
  }
})
