import { expect, it } from 'vitest'
import { center, job, ms, processors, submitOf } from '../testing/told.ts'
import { Center } from './center.ts'
import { decodeFacts, FactLog } from './fact-codec.ts'
import { conservative } from './policy.ts'

it.each([0, 5])(
  'jobs start in the order of their places, one right after the other, in a center looked at %i ms late',
  (lateMs) => {
    const config = center({ cpu: processors(4) }, conservative)
    const log = new FactLog({ keep: true })
    const asked = Center.create(config, log, 0)
    const whole = job('whole').wide(4).for('10m')
    for (const id of [1, 2, 3, 4]) asked.apply(submitOf(whole, id, config), 0)
    asked.schedule(0)
    // Each starts as late as its host looks, and so does the next end.
    const looks = [1, 2, 3].map((n) => n * (ms('10m') + lateMs))
    for (const atMs of looks) asked.schedule(atMs)
    const started = [...decodeFacts(log.drain())].filter((fact) => fact.type === 'started')
    expect(started.map(({ job: id, atMs, cause }) => ({ id, atMs, cause }))).toEqual([
      { id: 1, atMs: 0, cause: 'turn' },
      ...looks.map((atMs, i) => ({ id: i + 2, atMs, cause: 'reservation' })),
    ])
  },
)
