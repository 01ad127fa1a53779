import { describe, expect, it, vi } from 'vitest'
import type { ReceivedPiece, StudyPiece } from '../ports.ts'
import { inWorld, type MakeWorld } from './world.ts'

const question = (id: string, askedAtMs = 1) => ({ id, study: { name: id, seeds: [1, 2] }, askedBy: 'kim', askedAtMs })
const pieces = (count: number): StudyPiece[] => Array.from({ length: count }, (_, i) => ({ id: `u${i}`, seed: i }))

/** What every store of studies promises. */
export function studiesContract(name: string, makeWorld: MakeWorld): void {
  describe(`studies: ${name}`, () => {
    it('keeps a question for every process, once', () =>
      inWorld(makeWorld, async (world) => {
        const [{ studies }, other] = await Promise.all([world.connect(), world.connect()])
        expect(await studies.find('s1')).toBeUndefined()
        expect(await studies.begin(question('s1', 5))).toBe('begun')
        expect(await other.studies.begin({ ...question('s1', 9), askedBy: 'lee' })).toBe('known')
        const record = { ...question('s1', 5), state: 'running', sentence: null, rows: 0 }
        expect(await other.studies.find('s1')).toEqual(record)
      }))

    it('lists them newest first, without their questions', () =>
      inWorld(makeWorld, async (world) => {
        const { studies } = await world.connect()
        for (const [id, atMs] of [
          ['sb', 20],
          ['sa', 30],
          ['sc', 10],
        ] as const)
          await studies.begin(question(id, atMs))
        await studies.addRow('sa', 'u1', {})
        await studies.end('sc', 'failed', 'a unit has no result')
        expect(await studies.list()).toEqual([
          { id: 'sa', askedBy: 'kim', askedAtMs: 30, state: 'running', sentence: null, rows: 1 },
          { id: 'sb', askedBy: 'kim', askedAtMs: 20, state: 'running', sentence: null, rows: 0 },
          { id: 'sc', askedBy: 'kim', askedAtMs: 10, state: 'failed', sentence: 'a unit has no result', rows: 0 },
        ])
      }))

    it('keeps one row a piece, the first, while the study runs', () =>
      inWorld(makeWorld, async (world) => {
        const { studies } = await world.connect()
        expect(await studies.addRow('s1', 'u1', { wait: 1 })).toBeUndefined()
        await studies.begin(question('s1'))
        expect(await studies.addRow('s1', 'u1', { wait: 0.1 })).toBe(1)
        expect(await studies.addRow('s1', 'u1', { wait: 2 })).toBe(1)
        expect(await studies.addRow('s1', 'u2', { wait: null })).toBe(2)
        expect([await studies.hasRow('s1', 'u1'), await studies.hasRow('s1', 'u3')]).toEqual([true, false])
        expect(await studies.end('s1', 'completed')).toBe(true)
        expect(await studies.addRow('s1', 'u3', { wait: 3 })).toBeUndefined()
        expect(await studies.rows('s1')).toHaveLength(2)
        expect(await studies.rows('s1')).toEqual(expect.arrayContaining([{ wait: 0.1 }, { wait: null }]))
        expect(await studies.rows('s2')).toEqual([])
      }))

    it('ends a study once, and lets one that has stopped go on with its rows', () =>
      inWorld(makeWorld, async (world) => {
        const { studies } = await world.connect()
        await studies.begin(question('s1'))
        await studies.addRow('s1', 'u1', {})
        expect(await studies.end('s1', 'failed', 'out of memory')).toBe(true)
        expect(await studies.end('s1', 'completed')).toBe(false)
        expect(await studies.find('s1')).toMatchObject({ state: 'failed', sentence: 'out of memory', rows: 1 })
        expect(await studies.begin(question('s1', 99))).toBe('resumed')
        expect(await studies.find('s1')).toMatchObject({ state: 'running', sentence: null, rows: 1, askedAtMs: 1 })
        await studies.end('s1', 'completed')
        expect(await studies.begin(question('s1'))).toBe('known')
        expect(await studies.end('nobody', 'cancelled')).toBe(false)
      }))

    it('brings every piece to one worker, however often it is dispatched', () =>
      inWorld(makeWorld, async (world) => {
        const [{ studies }, a, b] = await Promise.all([world.connect(), world.connect(), world.connect()])
        const received: ReceivedPiece[] = []
        await studies.dispatch('s1', pieces(40))
        await studies.dispatch('s1', pieces(40))
        expect(await studies.backlog()).toEqual({ waiting: 40, active: 0 })
        const take = (piece: ReceivedPiece): void => {
          received.push(piece)
          setImmediate(piece.settle)
        }
        const consumptions = await Promise.all([a, b].map(({ studies: own }) => own.consume(3, take)))
        await vi.waitFor(() => expect(received).toHaveLength(40), { timeout: 5000 })
        await vi.waitFor(async () => expect(await studies.backlog()).toEqual({ waiting: 0, active: 0 }))
        expect(new Set(received.map(({ piece }) => piece.id)).size).toBe(40)
        expect(received[0]).toMatchObject({ study: 's1', piece: { seed: expect.any(Number) }, deliveries: 1 })
        // What is done may be wanted again, by a study that was cancelled and goes on.
        await studies.dispatch('s1', pieces(1))
        await vi.waitFor(() => expect(received).toHaveLength(41), { timeout: 5000 })
        await Promise.all(consumptions.map((each) => each.stop()))
      }))

    it('hands out no more at a time than it was asked to, and what is not settled again after the worker stops', () =>
      inWorld(makeWorld, async (world) => {
        const [former, next] = await Promise.all([world.connect(), world.connect()])
        const held: ReceivedPiece[] = []
        await former.studies.dispatch('s1', pieces(5))
        const consumption = await former.studies.consume(2, (piece) => held.push(piece))
        await vi.waitFor(() => expect(held).toHaveLength(2), { timeout: 5000 })
        expect(await next.studies.backlog()).toEqual({ waiting: 3, active: 2 })
        held[0]!.settle()
        await vi.waitFor(() => expect(held).toHaveLength(3), { timeout: 5000 })
        await consumption.stop()
        const received: ReceivedPiece[] = []
        const successor = await next.studies.consume(8, (piece) => {
          received.push(piece)
          setImmediate(piece.settle)
        })
        await vi.waitFor(() => expect(received).toHaveLength(4), { timeout: 5000 })
        const again = received.filter(({ deliveries }) => deliveries === 2).map(({ piece }) => piece.id)
        expect(again.toSorted()).toEqual(
          held
            .slice(1)
            .map(({ piece }) => piece.id)
            .toSorted(),
        )
        await successor.stop()
      }))
  })
}
