import { describe, expect, it } from 'vitest'
import type { AcceptedJobs } from './accepted-jobs.ts'
import { roomFor } from './room.ts'
import { openScene, START_MS, smallCenter } from './testing/scene.ts'
import { Trouble } from './trouble.ts'

const quiet = { backlog: { waiting: 0, active: 0 }, fullness: 0, lagMs: 0 }
const accepted = (isFull: boolean) => ({ size: 7, isFull }) as AcceptedJobs
const code = (error: unknown): string => (error instanceof Trouble ? error.code : String(error))

describe('a command', () => {
  it.each([
    ['messages wait', { ...quiet, backlog: { waiting: 100_001, active: 0 } }, false],
    ['accepted jobs wait', quiet, true],
    ['the store is nearly full', { ...quiet, fullness: 0.81 }, false],
  ])('is refused where too many %s', async (_, pulse, isFull) => {
    const room = roomFor(pulse, accepted(isFull))
    let isCalled = false
    const refusal = await room
      .forCommand(async () => {
        isCalled = true
      })
      .catch(code)
    expect([refusal, isCalled]).toEqual(['ERR_BUSY', false])
    expect(room.assertForRequest).not.toThrow()
  })

  it('is refused while two thousand are on their way into the store, and taken when one of them is over', async () => {
    const room = roomFor(quiet, accepted(false))
    const over = Promise.withResolvers<void>()
    const failed = Promise.withResolvers<void>()
    const underWay = Array.from({ length: 2000 }, (_, i) =>
      room.forCommand(() => (i === 0 ? failed.promise : over.promise)),
    )
    const one = async (): Promise<string> => 'taken'
    expect(await room.forCommand(one).catch(code)).toBe('ERR_BUSY')
    failed.reject(new Error('the store went away'))
    await expect(underWay[0]).rejects.toThrow('the store went away')
    expect(await room.forCommand(one)).toBe('taken')
    over.resolve()
    await Promise.allSettled(underWay)
  })
})

it('a request is refused where the process is more than a second behind', () => {
  const room = roomFor({ ...quiet, lagMs: 1001 }, accepted(false))
  expect(room.assertForRequest).toThrow('The API is 1001 ms behind its work.')
})

describe('the API', () => {
  it('answers 429 to a key that asks too often, says when to come back, and answers everybody else', async () => {
    const scene = await openScene({ config: smallCenter, keyRate: 2 })
    try {
      const [ada, ben, op] = [
        await scene.keyFor('ada'),
        await scene.keyFor('ben'),
        await scene.keyFor('op', 'operator'),
      ]
      const submit = { url: '/v1/jobs', payload: {}, headers: { 'accept-language': 'en' } }
      const asked = Array.from({ length: 60 }, (_, i) => (i < 40 ? submit : '/v1/pools'))
      const answers = await Promise.all(asked.map((request) => scene.ask(ada, request)))
      const [taken, refused] = [202, 429].map((status) => answers.filter((answer) => answer.status === status))
      // Ten seconds of them, and what comes back in the meantime.
      expect(taken!.length).toBeGreaterThanOrEqual(20)
      expect(taken!.length).toBeLessThan(30)
      expect(refused!.slice(-20).map(({ body }) => body.code)).toEqual(Array(20).fill('ERR_RATE_LIMITED'))
      expect(new Set(refused!.map(({ headers }) => headers['retry-after']))).toEqual(new Set(['1']))
      expect(refused![0]!.body.detail).toBe('One key may make 2 requests a second, and 20 at once.')
      expect(await scene.ports.intake.last()).toBe(taken!.length)
      expect((await scene.ask(ada, '/livez')).status).toBe(200)
      expect((await scene.ask(ben, '/v1/pools')).status).toBe(200)
      // Another key of the same user is another key.
      expect((await scene.ask(await scene.keyFor('ada'), '/v1/pools')).status).toBe(200)
      const operator = await Promise.all(Array.from({ length: 100 }, () => scene.ask(op, '/v1/pools')))
      expect(new Set(operator.map(({ status }) => status))).toEqual(new Set([200]))
    } finally {
      await scene.close()
    }
  })

  it('answers 503 to what cannot be kept, and goes on telling what there is', async () => {
    const scene = await openScene({ askFullness: async () => 0.9 })
    try {
      const ada = await scene.keyFor('ada')
      const submit = { url: '/v1/jobs', payload: {}, headers: { 'accept-language': 'en' } }
      const refused = await scene.ask(ada, submit)
      expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([503, 'ERR_BUSY', '10'])
      expect(refused.body.detail).toBe('90 % of the memory of the store (Redis) is in use.')
      await scene.takeUp(START_MS)
      expect((await scene.ask(ada, '/v1/jobs')).status).toBe(200)
    } finally {
      await scene.close()
    }
  })
})
