import { describe, expect, it } from 'vitest'
import { inWorld, type MakeWorld } from './world.ts'

const request = (key: string, bodyHash: string, scope = 'kim POST /v1/jobs') => ({ scope, key, bodyHash })

/** What every intake promises: numbers without a repeat, and one number for one Idempotency-Key. */
export function intakeContract(name: string, makeWorld: MakeWorld): void {
  describe(`intake: ${name}`, () => {
    it('numbers requests from 1, each once, whoever asks', () =>
      inWorld(makeWorld, async (world) => {
        const apis = await Promise.all([world.connect(), world.connect()])
        expect(await apis[0]!.intake.last()).toBe(0)
        const outcomes = await Promise.all(Array.from({ length: 200 }, (_, i) => apis[i % 2]!.intake.reserve({})))
        const seqs = outcomes.map((outcome) => (outcome.kind === 'reserved' ? outcome.seq : Number.NaN))
        expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
        expect(await apis[0]!.intake.last()).toBe(200)
      }))

    it('gives one number to many requests at once with one key', () =>
      inWorld(makeWorld, async (world) => {
        const { intake } = await world.connect()
        const idempotency = request('k', 'h')
        const outcomes = await Promise.all(Array.from({ length: 1000 }, () => intake.reserve({ idempotency })))
        expect(outcomes.filter(({ kind }) => kind === 'reserved')).toEqual([{ kind: 'reserved', seq: 1 }])
        expect(outcomes.filter((outcome) => outcome.kind === 'pending' && outcome.seq === 1)).toHaveLength(999)
        expect(await intake.last()).toBe(1)
      }))

    it('numbers requests that come together in their order, and keeps apart what their keys say', () =>
      inWorld(makeWorld, async (world) => {
        const { intake } = await world.connect()
        const asked = [
          request('k', 'h'),
          undefined,
          request('k', 'h'),
          request('k', 'other'),
          request('l', 'h'),
          undefined,
        ]
        const outcomes = await Promise.all(
          asked.map((idempotency) => intake.reserve(idempotency === undefined ? {} : { idempotency })),
        )
        expect(outcomes).toMatchObject([
          { kind: 'reserved', seq: 1 },
          { kind: 'reserved', seq: 2 },
          { kind: 'pending', seq: 1 },
          { kind: 'mismatch' },
          { kind: 'reserved', seq: 3 },
          { kind: 'reserved', seq: 4 },
        ])
        await Promise.all(
          ['k', 'never reserved', 'l'].map((key) => intake.settle('kim POST /v1/jobs', key, { of: key })),
        )
        const again = [request('k', 'h'), request('never reserved', 'h'), request('l', 'h')]
        expect(await Promise.all(again.map((idempotency) => intake.reserve({ idempotency })))).toEqual([
          { kind: 'replay', seq: 1, response: { of: 'k' } },
          { kind: 'reserved', seq: 5 },
          { kind: 'replay', seq: 3, response: { of: 'l' } },
        ])
      }))

    it('replays the stored response, and refuses the key for another body', () =>
      inWorld(makeWorld, async (world) => {
        const { intake } = await world.connect()
        const idempotency = request('k', 'h')
        await intake.reserve({ idempotency })
        expect(await intake.reserve({ idempotency })).toMatchObject({ kind: 'pending', seq: 1 })
        await intake.settle(idempotency.scope, 'k', { status: 202, body: { id: 1, name: '두레' } })
        expect(await (await world.connect()).intake.reserve({ idempotency })).toEqual({
          kind: 'replay',
          seq: 1,
          response: { status: 202, body: { id: 1, name: '두레' } },
        })
        expect(await intake.reserve({ idempotency: request('k', 'other') })).toEqual({ kind: 'mismatch' })
        expect(await intake.reserve({ idempotency: request('k', 'h', 'lee POST /v1/jobs') })).toEqual({
          kind: 'reserved',
          seq: 2,
        })
      }))

    it('does not settle what was never reserved', () =>
      inWorld(makeWorld, async (world) => {
        const { intake } = await world.connect()
        await intake.settle('kim', 'k', { status: 202 })
        expect(await intake.reserve({ idempotency: request('k', 'h', 'kim') })).toEqual({ kind: 'reserved', seq: 1 })
      }))

    it('remembers an accepted job until after the ledger has it', () =>
      inWorld(makeWorld, async (world) => {
        const { intake } = await world.connect()
        await intake.reserve({ accepted: { account: 'univ-a' }, idempotency: request('k', 'h') })
        await intake.reserve({ accepted: { account: 'other' }, idempotency: request('k', 'h') })
        await intake.reserve({})
        expect(await intake.accepted(1)).toEqual({ account: 'univ-a' })
        expect(await intake.accepted(2)).toBeUndefined()
        await intake.folded([1, 2, 77])
        expect(await intake.accepted(1)).toEqual({ account: 'univ-a' })
      }))

    it('goes on after the number that it is told, and never back', () =>
      inWorld(makeWorld, async (world) => {
        const { intake } = await world.connect()
        await intake.continueAfter(41)
        expect(await intake.reserve({})).toEqual({ kind: 'reserved', seq: 42 })
        await intake.continueAfter(7)
        expect(await intake.reserve({})).toEqual({ kind: 'reserved', seq: 43 })
      }))
  })
}
