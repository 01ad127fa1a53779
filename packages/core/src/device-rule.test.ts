import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainCenter } from '../testing/plain-center.ts'
import { played, stories } from '../testing/random-centers.ts'
import { center, job, starts, tell } from '../testing/told.ts'
import { Center } from './center.ts'
import { poolOrderOf } from './device-rule.ts'
import { decodeFacts, FactLog } from './fact-codec.ts'
import { type DeviceRule, easy } from './policy.ts'

describe('the pools of a job', () => {
  // Inference on three kinds of device: h100 as reference, rngd at 0.3, aimx at 0.4 of it. Others gain much from h100, little elsewhere.
  const mostGood: DeviceRule = { rule: 'most-good', worthMille: { h100: 1000, rngd: 250 } }
  const names = ['h100', 'rngd', 'aimx']
  it.each<[string, DeviceRule, number[] | undefined, number[]]>([
    ['preferred: as the job says', { rule: 'preferred' }, [300, 1000, 400], [1, 0, 2]],
    ['fastest: by speed', { rule: 'fastest' }, [300, 1000, 400], [0, 2, 1]],
    ['fastest, where all are equal: as the job says', { rule: 'fastest' }, undefined, [1, 0, 2]],
    // 0.3 ÷ 0.25 = 1.2, 1 ÷ 1, and 0.4 ÷ 1 where nothing is said.
    ['most good: by speed over worth', mostGood, [300, 1000, 400], [1, 0, 2]],
    // 0.2 ÷ 0.25 = 0.8
    ['most good: not where it gains less than others', mostGood, [200, 1000, 400], [0, 1, 2]],
    // 0.25 ÷ 0.25 = 1 ÷ 1
    ['most good, where it is all one: as the job says', mostGood, [250, 1000, 400], [1, 0, 2]],
  ])('%s', (_, rule, speedsMille, order) => {
    expect(poolOrderOf(rule, names)([1, 0, 2], speedsMille)).toEqual(order)
  })

  it('may be called as what every object has', () => {
    // Of pool `constructor` nothing is said: 0.4 ÷ 1 beside 0.2 ÷ 0.25.
    const rule: DeviceRule = { rule: 'most-good', worthMille: { toString: 250 } }
    expect(poolOrderOf(rule, ['constructor', 'toString'])([0, 1], [400, 200])).toEqual([1, 0])
  })

  it('are all of them, and no others, whatever the rule', () => {
    const rule = fc.constantFrom<DeviceRule>({ rule: 'preferred' }, { rule: 'fastest' }, mostGood)
    const pools = fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1 })
    const speeds = fc.array(fc.integer({ min: 1, max: 0xffff_ffff }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(rule, pools, speeds, (some, accepted, speedsMille) => {
        const order = poolOrderOf(some, names)(accepted, speedsMille.slice(0, accepted.length))
        expect(order.toSorted()).toEqual(accepted.toSorted())
      }),
      { seed: 1 },
    )
  })
})

describe('a job', () => {
  const pools = (devices: DeviceRule) => center({ h100: 1, rngd: 1 }, { ...easy, devices })
  const inference = (name: string) => job(name).in('h100', 'rngd').at(1000, 300).for('1h').running('30m')

  it('goes where it gains most beside others, and elsewhere when that is taken', () => {
    const worthMille = { h100: 1000, rngd: 250 }
    const [first, second] = tell(pools({ rule: 'most-good', worthMille }), inference('a'), inference('b'))
    expect([first, second]).toEqual(['0s a starts on 0 in rngd', '0s b starts on 0 in h100'])
    const [fastest] = tell(pools({ rule: 'fastest' }), inference('a'))
    expect(fastest).toBe('0s a starts on 0 in h100')
  })

  it('never goes where it did not ask to: work in FP64 stays where FP64 is', () => {
    const worthMille = { h100: 1_000_000, rngd: 1 }
    const lines = tell(pools({ rule: 'most-good', worthMille }), job('a').for('1h'), job('b').for('1h'))
    expect(lines).toEqual(['0s a starts on 0 in h100', '1h a TIMEOUT', '1h b starts on 0 in h100', '2h b TIMEOUT'])
  })

  it.each<[DeviceRule, object]>([
    // Its 3 min take 10 min at 0.3 of the speed, from 1h on; or 3 min, from 2h on.
    [{ rule: 'preferred' }, { other: '1h10m', late: '0s' }],
    [{ rule: 'fastest' }, { other: '0s', late: '2h3m' }],
  ])('is promised a start in the pool that is tried first: %o', (devices, expected) => {
    // `wide` waits in both; where it is promised a start, who would be in its way has to wait for it to begin elsewhere.
    const happened = starts(
      center({ h100: 2, rngd: 2 }, { ...easy, devices }),
      job('x').in('h100').for('2h'),
      job('y').in('rngd').for('1h'),
      job('wide').in('rngd', 'h100').at(300, 1000).wide(2).for('10m').running('3m'),
      job('late').in('h100').for('3h'),
      job('other').in('rngd').for('3h'),
    )
    expect(happened).toMatchObject(expected)
  })
})

it('rules move jobs between their pools, and nothing else', () => {
  fc.assert(
    fc.property(stories, (story) => {
      const plain = plainCenter(story.config, 0)
      const log = new FactLog({ keep: true })
      const center = Center.create(story.config, log, 0)
      for (const { atMs, commands, schedule } of played(story, plain)) {
        for (const one of [plain, center]) {
          for (const command of commands) one.apply(command, atMs)
          if (schedule) one.schedule(atMs)
        }
      }
      const facts = [...decodeFacts(log.drain())]
      const accepted = new Map(
        facts.flatMap((fact) => (fact.type === 'submitted' ? [[fact.job, fact.request.pools] as const] : [])),
      )
      for (const fact of facts) if (fact.type === 'started') expect(accepted.get(fact.job)).toContain(fact.pool)
    }),
    { numRuns: 50, seed: 3 },
  )
})
