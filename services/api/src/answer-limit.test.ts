import Fastify from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { limitAnswers } from './answer-limit.ts'

let app: ReturnType<typeof Fastify>
let late: PromiseWithResolvers<string>
beforeEach(() => {
  late = Promise.withResolvers()
  app = Fastify()
  limitAnswers(app, 5)
  app.get('/late', { config: { answerMsMax: 20 } }, () => late.promise)
  app.get('/patient', () => late.promise)
})
afterEach(() => app.close())

it('answers 503 for whoever does not in time, once, and leaves the others alone', async () => {
  const patient = app.inject('/patient')
  const answer = await app.inject('/late')
  expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([503, 'ERR_BUSY', '1'])
  late.resolve('here')
  expect((await patient).payload).toBe('here')
  expect((await app.inject('/late')).payload).toBe('here')
})
