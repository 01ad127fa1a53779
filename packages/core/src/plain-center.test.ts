// The center against a second one that is plain and slow (`testing/plain-center.ts`): the same commands, the same facts.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainCenter } from '../testing/plain-center.ts'
import { played, stories } from '../testing/random-centers.ts'
import { Center } from './center.ts'
import { decodeFacts, FactLog } from './fact-codec.ts'

it('says the same facts as a plain second center, whatever happens', () => {
  fc.assert(
    fc.property(stories, (story) => {
      const log = new FactLog({ keep: true })
      const center = Center.create(story.config, log, 0)
      const plain = plainCenter(story.config, 0)
      log.drain()
      for (const { atMs, commands, schedule } of played(story, plain)) {
        const known = plain.facts.length
        for (const command of commands) {
          expect([command, center.apply(command, atMs)]).toEqual([command, plain.apply(command, atMs)])
        }
        if (schedule) {
          center.schedule(atMs)
          plain.schedule(atMs)
        }
        center.assertInvariants()
        expect([...decodeFacts(log.drain())]).toEqual(plain.facts.slice(known))
      }
      expect(center.pending(1e9).map(({ job }) => job)).toEqual(plain.pending().map(({ job }) => job))
      expect(center.running().map(({ job, pool, placement }) => ({ job, pool, placement }))).toEqual(
        plain.running().map(({ job, pool, placement }) => ({ job, pool, placement })),
      )
      const charged = center.shares().filter(({ user }) => user !== null)
      expect(new Set(charged.map((row) => row.chargedAcceleratorUs))).toEqual(new Set(plain.chargedUs()))
    }),
    { numRuns: Number(process.env.RUNS ?? 400), seed: Number(process.env.SEED ?? 1) },
  )
})
