import { describe, expect, it, vi } from 'vitest'
import type { Run } from '../ports.ts'
import { inWorld, type MakeWorld } from './world.ts'

const run = (job: number): Run => ({ job, attempt: 1, dueMs: job * 1000, detail: { exitCode: 0 } })
const many = (count: number): Run[] => Array.from({ length: count }, (_, i) => run(i + 1))

/** What every queue of runs promises. */
export function runsContract(name: string, makeWorld: MakeWorld): void {
  describe(`runs: ${name}`, () => {
    it('brings every run to the executors of its kind, whole', () =>
      inWorld(makeWorld, async (world) => {
        const [leader, a, b] = await Promise.all([world.connect(), world.connect(), world.connect()])
        const received: Run[] = []
        const consumptions = await Promise.all(
          [a, b].map(({ runs }) => runs.consume('gpu', 16, async (batch) => void received.push(...batch))),
        )
        await leader.runs.dispatch('npu', [run(9999)])
        await leader.runs.dispatch('gpu', many(700))
        await leader.runs.dispatch('gpu', [])
        await vi.waitFor(() => expect(received).toHaveLength(700), { timeout: 5000 })
        expect(received.sort((x, y) => x.job - y.job)).toEqual(many(700))
        await vi.waitFor(async () => expect(await leader.runs.backlog('gpu')).toEqual({ waiting: 0, active: 0 }))
        expect(await leader.runs.backlog('npu')).toEqual({ waiting: 1, active: 0 })
        await Promise.all(consumptions.map((each) => each.stop()))
      }))

    it('hands runs out again that could not be recorded', () =>
      inWorld(makeWorld, async (world) => {
        const { runs } = await world.connect()
        let calls = 0
        const recorded: Run[] = []
        const consumption = await runs.consume('pim', 4, async (batch) => {
          calls += 1
          if (calls === 1) throw new Error('the registry is away')
          recorded.push(...batch)
        })
        await runs.dispatch('pim', many(3))
        await vi.waitFor(() => expect(recorded).toEqual(many(3)), { timeout: 5000 })
        await consumption.stop()
      }))

    it('hands runs back that were not recorded when the executor stops', () =>
      inWorld(makeWorld, async (world) => {
        const [former, next] = await Promise.all([world.connect(), world.connect()])
        const started = Promise.withResolvers<void>()
        const never = new Promise<void>(() => {})
        const consumption = await former.runs.consume('gpu', 4, () => {
          started.resolve()
          return never
        })
        await former.runs.dispatch('gpu', many(3))
        await started.promise
        await consumption.stop()
        const recorded: Run[] = []
        const successor = await next.runs.consume('gpu', 4, async (batch) => void recorded.push(...batch))
        await vi.waitFor(() => expect(recorded).toEqual(many(3)), { timeout: 5000 })
        await successor.stop()
      }))
  })
}
