// A center can be left and come back to in three ways: its facts are folded, its savepoint is restored, or it just goes on.
// All three are the same center: same facts from there on, same hashes, same state.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainCenter } from '../testing/plain-center.ts'
import { type PlayedStep, played, type Story, stories } from '../testing/random-centers.ts'
import { nodesSavepoint, placesSavepoint } from '../testing/stored-savepoints.ts'
import { center, duration, job, ms, nodes, play, processors, submitOf } from '../testing/told.ts'
import { Center } from './center.ts'
import { decodeFacts, FactLog } from './fact-codec.ts'
import { conservative, easy } from './policy.ts'

/** The steps of a story, known beforehand. `lateMs`: as in `played`. */
function stepsOf(story: Story, lateMs = 0): PlayedStep[] {
  const plain = plainCenter(story.config, 0)
  const steps: PlayedStep[] = []
  for (const step of played(story, plain, lateMs)) {
    steps.push(step)
    for (const command of step.commands) plain.apply(command, step.atMs)
    if (step.schedule) plain.schedule(step.atMs)
  }
  return steps
}

function decide(decided: Center, { atMs, commands, schedule }: PlayedStep): void {
  decided.advance(atMs)
  for (const command of commands) decided.apply(command, atMs)
  if (schedule) decided.schedule(atMs)
}

function fold(folded: Center, { atMs, schedule }: PlayedStep, facts: Uint8Array): void {
  for (const fact of decodeFacts(facts)) folded.fold(fact)
  if (schedule) folded.foldPass(atMs)
  else folded.advance(atMs)
}

const told = (log: FactLog, told: Center) => ({ facts: log.count, factsHash: log.hash(), state: told.stateHash() })

const bounds = { numRuns: 100, seed: 2 }

describe('a center that is replayed', () => {
  it.each([0, 700])('has the state and the hash of the one that decided, after every step (%i ms late)', (lateMs) => {
    fc.assert(
      fc.property(stories, (story) => {
        const [log, copyLog] = [new FactLog({ keep: true }), new FactLog({ keep: false })]
        const decided = Center.create(story.config, log, 0)
        const folded = Center.create(story.config, copyLog, 0)
        log.drain()
        for (const step of stepsOf(story, lateMs)) {
          decide(decided, step)
          fold(folded, step, log.drain())
          if (step.schedule) folded.assertInvariants()
          expect(told(copyLog, folded)).toEqual(told(log, decided))
        }
      }),
      bounds,
    )
  })

  it('decides from there on what the other decides', () => {
    fc.assert(
      fc.property(stories, fc.nat({ max: 40 }), (story, switchAt) => {
        const [log, copyLog] = [new FactLog({ keep: true }), new FactLog({ keep: true })]
        const decided = Center.create(story.config, log, 0)
        const folded = Center.create(story.config, copyLog, 0)
        log.drain()
        copyLog.drain()
        stepsOf(story).forEach((step, i) => {
          decide(decided, step)
          const bytes = log.drain()
          if (i < switchAt) {
            fold(folded, step, bytes)
            copyLog.drain()
            return
          }
          decide(folded, step)
          expect([...decodeFacts(copyLog.drain())]).toEqual([...decodeFacts(bytes)])
          expect(told(copyLog, folded)).toEqual(told(log, decided))
        })
      }),
      bounds,
    )
  })

  it('may be asked why jobs wait in between', () => {
    // A read model folds facts and explains; what it worked out for an answer must not stay behind.
    const config = center({ cpu: processors(10) }, conservative)
    const [log, copyLog] = [new FactLog({ keep: true }), new FactLog({ keep: false })]
    const decided = Center.create(config, log, 0)
    const folded = Center.create(config, copyLog, 0)
    log.drain()
    const step = (time: string, act: () => void): void => {
      act()
      decided.schedule(ms(time))
      for (const fact of decodeFacts(log.drain())) folded.fold(fact)
      folded.foldPass(ms(time))
      for (const { job: id } of folded.pending(10)) folded.explain(id)
    }
    step('0s', () => {
      ;[job('a').wide(6).for('10m'), job('b').wide(8).for('1h'), job('c').wide(4).for('2h')].forEach((sketch, i) => {
        decided.apply(submitOf(sketch, i + 1, config), 0)
      })
    })
    step('5m', () => decided.apply({ type: 'finish', job: 1, attempt: 1, exitCode: 0 }, ms('5m')))
    expect(told(copyLog, folded)).toEqual(told(log, decided))
    expect(folded.running().map(({ job: id }) => id)).toEqual([2])
  })
})

describe('a center that is saved and restored', () => {
  it('is in the same state, and goes on as if nothing had happened', () => {
    fc.assert(
      fc.property(stories, fc.nat({ max: 40 }), (story, saveAt) => {
        const log = new FactLog({ keep: true })
        const going = Center.create(story.config, log, 0)
        let restored: Center | undefined
        let restoredLog = new FactLog({ keep: true })
        log.drain()
        stepsOf(story).forEach((step, i) => {
          decide(going, step)
          const bytes = log.drain()
          if (restored !== undefined) {
            decide(restored, step)
            expect([...decodeFacts(restoredLog.drain())]).toEqual([...decodeFacts(bytes)])
          }
          if (i === saveAt || i === saveAt + 5) {
            const savepoint = (restored ?? going).save()
            restoredLog = new FactLog({ keep: true })
            restored = Center.restore(savepoint, restoredLog)
            restored.assertInvariants()
            expect(restored.save()).toEqual(savepoint)
          }
          if (restored === undefined) return
          expect(told(restoredLog, restored)).toEqual(told(log, going))
          expect(restored.live()).toEqual(going.live())
          expect(restored.shares()).toEqual(going.shares())
          expect(restored.pools()).toEqual(going.pools())
        })
      }),
      bounds,
    )
  })

  it('looks again only at what the other would look at', () => {
    // In pool y a promise is due for another look, which nothing there asks for; in pool x a job comes.
    const config = center({ x: 1, y: 3 }, { ...easy, rerankMs: ms('5m') })
    const log = new FactLog({ keep: true })
    const going = Center.create(config, log, 0)
    const submit = (to: Center, id: number, sketch: ReturnType<typeof job>, time: string): void => {
      to.apply(submitOf(sketch, id, config), ms(time))
    }
    submit(going, 1, job('a').in('y').for('2h'), '0s')
    submit(going, 2, job('b').in('y').for('1h'), '0s')
    submit(going, 3, job('wide').in('y').wide(3).for('1h'), '0s')
    submit(going, 4, job('long').in('y').for('9h'), '0s')
    going.schedule(0)
    going.apply({ type: 'finish', job: 1, attempt: 1, exitCode: 0 }, ms('4m'))
    going.schedule(ms('4m'))
    submit(going, 5, job('c').in('x').for('1h'), '6m')
    const restoredLog = new FactLog({ keep: true })
    const restored = Center.restore(going.save(), restoredLog)
    log.drain()
    for (const one of [going, restored]) one.schedule(ms('6m'))
    expect([...decodeFacts(restoredLog.drain())]).toEqual([...decodeFacts(log.drain())])
  })

  it('keeps usage that never decays', () => {
    for (const halfLifeMs of [0, Infinity]) {
      const log = new FactLog({ keep: false })
      const config = center({ gpu: 1 }, { ...easy, halfLifeMs })
      let saved: Center
      try {
        saved = Center.create(config, log, 0)
      } catch (error) {
        // To refuse what could not be kept is as good.
        expect(error).toBeInstanceOf(RangeError)
        continue
      }
      saved.apply(submitOf(job('a').for('1h'), 1, config), 0)
      saved.schedule(0)
      saved.schedule(ms('1h'))
      const restored = Center.restore(saved.save(), new FactLog({ keep: false }))
      for (const one of [saved, restored]) one.advance(ms('9d'))
      expect(restored.shares()).toEqual(saved.shares())
      expect(saved.shares().at(-1)!.usageAcceleratorS).toBe(3600)
    }
  })

  it('goes on with usage as the policy bills it and lets it decay', () => {
    const billing = { combine: 'sum', perCpu: 0, perGib: 0, perNode: 3, perAccelerator: {} } as const
    const config = center({ gpu: nodes(1) }, { ...easy, halfLifeMs: ms('2h'), decay: 'slurm', billing })
    const saved = Center.create(config, new FactLog({ keep: false }), 0)
    saved.apply(submitOf(job('a').for('1h'), 1, config), 0)
    saved.schedule(0)
    const restored = Center.restore(saved.save(), new FactLog({ keep: false }))
    for (const one of [saved, restored]) one.schedule(ms('9h'))
    expect(restored.shares()).toEqual(saved.shares())
    // Billed 3 a second from the start to when its host came, nine hours: 3 · (1 − 2^(−9h/T)) · T / ln 2, T Slurm's half-life.
    // biome-ignore lint/suspicious/noApproximativeNumericConstant: three digits of ln 2 are what Slurm has.
    const kept = 1 - 0.693 / 7200
    expect(restored.shares().at(-1)!.usageAcceleratorS).toBeCloseTo((3 * (1 - kept ** 32_400)) / -Math.log(kept), 6)
  })

  describe('from an older layout', () => {
    /** What happens after a center was restored, a line a start or an end. */
    function after(savepoint: Uint8Array): { readonly restored: Center; readonly lines: () => string[] } {
      const log = new FactLog({ keep: true })
      const restored = Center.restore(savepoint, log)
      restored.assertInvariants()
      return {
        restored,
        lines() {
          for (let dueMs = restored.nextDueMs(); dueMs < Infinity; dueMs = restored.nextDueMs())
            restored.schedule(dueMs)
          return [...decodeFacts(log.drain())].flatMap((fact) =>
            fact.type === 'started' || fact.type === 'ended' ? [`${duration(fact.atMs)} ${fact.job} ${fact.type}`] : [],
          )
        },
      }
    }
    /** The version follows the log's part: its count, and the ten words of its hash. */
    const asVersion1 = (savepoint: Uint8Array): Uint8Array => savepoint.with((2 + 10) * 4, 1)

    it.each([
      ['before there were speeds', nodesSavepoint],
      ['before there were places, where they had none', asVersion1(nodesSavepoint)],
    ])('%s, goes on with nodes as it would have', (_, savepoint) => {
      const { restored, lines } = after(savepoint)
      const { center: saved } = play(
        center({ gpu: nodes(2), npu: nodes(1) }, easy),
        [
          job('a').wide(2).for('2h'),
          job('b').wide(2).for('1h'),
          job('c').for('3h').in('npu', 'gpu'),
          job('d').held('user'),
        ],
        ms('10m'),
      )
      expect(restored.stateHash()).toBe(saved.stateHash())
      expect(lines()).toEqual(['2h 1 ended', '2h 2 started', '3h 2 ended', '3h 3 ended'])
    })

    it('before there were speeds, keeps its places', () => {
      const { restored, lines } = after(placesSavepoint)
      expect(restored.live().map(({ job: id, state }) => [id, state])).toEqual([
        [1, 'RUNNING'],
        [2, 'PENDING'],
        [3, 'PENDING'],
        [4, 'HELD'],
      ])
      expect(lines()).toEqual(['10m 1 ended', '10m 2 started', '1h10m 2 ended', '1h10m 3 started', '3h10m 3 ended'])
    })
  })

  it('refuses a savepoint of a version it does not know, or one that is cut short', () => {
    const { center: saved } = play(center({ gpu: nodes(2) }), [job('a').wide(2), job('b')], 0)
    const bytes = saved.save()
    const restore = (savepoint: Uint8Array) => () => Center.restore(savepoint, new FactLog({ keep: false }))
    expect(restore(bytes)).not.toThrow()
    for (let length = 0; length < bytes.length; length++) expect(restore(bytes.slice(0, length))).toThrow()
    // The version follows the log's part: its count, and the ten words of its hash.
    const other = bytes.slice()
    other[(2 + 10) * 4] = 99
    expect(restore(other)).toThrow(/version 99/)
  })
})
