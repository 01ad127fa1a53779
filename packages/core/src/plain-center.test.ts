// The center against a second one that is plain and slow (`testing/plain-center.ts`): the same commands, the same facts.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainCenter } from '../testing/plain-center.ts'
import { played, stories } from '../testing/random-centers.ts'
import { Center } from './center.ts'
import { decodeFacts, FactLog } from './fact-codec.ts'

it.each([
  ['whatever happens', 0, 300],
  ['though its host looks late at what is due', 700, 150],
])('says the same facts as a plain second center, %s', (_, lateMs, numRuns) => {
  fc.assert(
    fc.property(stories, (story) => {
      const log = new FactLog({ keep: true })
      const center = Center.create(story.config, log, 0)
      const plain = plainCenter(story.config, 0)
      log.drain()
      for (const { atMs, commands, schedule } of played(story, plain, lateMs)) {
        const known = plain.facts.length
        for (const command of commands) {
          expect([command, center.apply(command, atMs)]).toEqual([command, plain.apply(command, atMs)])
        }
        if (schedule) {
          center.schedule(atMs)
          plain.schedule(atMs)
        }
        if (schedule) center.assertInvariants()
        expect([...decodeFacts(log.drain())]).toEqual(plain.facts.slice(known))
      }
      expect(center.pending(1e9).map(({ job }) => job)).toEqual(plain.pending().map(({ job }) => job))
      expect(center.running().map(({ job, pool, placement }) => ({ job, pool, placement }))).toEqual(
        plain.running().map(({ job, pool, placement }) => ({ job, pool, placement })),
      )
      // To the last unit, per user and in all.
      const rows = center.shares()
      const chargedTo = story.config.associations.map(
        ({ account, user }) => rows.find((row) => row.account === account && row.user === user)!.chargedAcceleratorUs,
      )
      expect(chargedTo).toEqual(plain.chargedUs())
      const sum = (all: readonly bigint[]): bigint => all.reduce((total, one) => total + one, 0n)
      const top = rows.filter(({ user, parent }) => user === null && parent === null)
      expect(sum(top.map((row) => row.chargedAcceleratorUs))).toBe(sum(plain.chargedUs()))
    }),
    { numRuns, seed: 1 },
  )
})
