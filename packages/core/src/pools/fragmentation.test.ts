// Published values are conformance cases (`golden/fragmentation/`); here is what holds for every workload.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ExpectedTask } from '../policy.ts'
import { WHOLE_ACCELERATOR_MILLI } from '../pool-config.ts'
import { Fragmentation } from './fragmentation.ts'

const task: fc.Arbitrary<ExpectedTask> = fc.record({
  acceleratorsMilli: fc.constantFrom(0, 1, 300, 500, 999, 1000, 2000, 4000),
  cpuMilli: fc.integer({ min: 0, max: 8000 }),
  memoryMib: fc.integer({ min: 0, max: 100 }),
  nodes: fc.integer({ min: 1, max: 3 }),
  pools: fc.constantFrom(['gpu'], ['npu'], ['npu', 'gpu']),
  popularity: fc.integer({ min: 1, max: 1000 }),
})
const workload = fc.array(task, { minLength: 1, maxLength: 6 })
const left = fc.array(fc.constantFrom(0, 200, 300, 500, 700, 999, 1000, 1000), { minLength: 1, maxLength: 8 })
const cpu = fc.integer({ min: 0, max: 8000 })
const memory = fc.integer({ min: 0, max: 100 })

const total = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0)

it('is between nothing and all that is free, and a whole number', () => {
  fc.assert(
    fc.property(workload, left, cpu, memory, (tasks, devices, cpuMilli, memoryMib) => {
      const fragmentation = new Fragmentation(tasks, 'gpu')
      const value = fragmentation.of(devices, cpuMilli, memoryMib)
      expect(Number.isSafeInteger(value)).toBe(true)
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(total(devices) * fragmentation.popularity)
    }),
    { numRuns: 300, seed: 1 },
  )
})

it('is the same whatever the order of devices and tasks, and adds up over parts of the workload', () => {
  fc.assert(
    fc.property(workload, workload, left, cpu, memory, (some, others, devices, cpuMilli, memoryMib) => {
      const of = (tasks: readonly ExpectedTask[], milli: readonly number[]): number =>
        new Fragmentation(tasks, 'gpu').of(milli, cpuMilli, memoryMib)
      const value = of([...some, ...others], devices)
      expect(of([...others, ...some].reverse(), devices.toReversed())).toBe(value)
      expect(of(some, devices) + of(others, devices)).toBe(value)
    }),
    { numRuns: 300, seed: 2 },
  )
})

it('does not fall where CPU or memory is taken, nor rise by more than a device that is put to use has left', () => {
  fc.assert(
    fc.property(
      workload,
      left,
      cpu,
      memory,
      cpu,
      memory,
      (tasks, devices, cpuMilli, memoryMib, lessCpu, lessMemory) => {
        const fragmentation = new Fragmentation(tasks, 'gpu')
        const before = fragmentation.of(devices, cpuMilli, memoryMib)
        expect(
          fragmentation.of(devices, Math.max(0, cpuMilli - lessCpu), Math.max(0, memoryMib - lessMemory)),
        ).toBeGreaterThanOrEqual(before)
        // A device that is wholly taken is neither free nor a fragment any more.
        for (const [device, milli] of devices.entries()) {
          const after = fragmentation.of(devices.with(device, 0), cpuMilli, memoryMib)
          expect(after).toBeGreaterThanOrEqual(before - milli * fragmentation.popularity)
        }
      },
    ),
    { numRuns: 300, seed: 3 },
  )
})

it('counts a gang as a task for each of its nodes', () => {
  const single = { acceleratorsMilli: 2000, cpuMilli: 0, popularity: 1 }
  const other = { acceleratorsMilli: 500, cpuMilli: 0, popularity: 1 }
  const of = (...tasks: ExpectedTask[]): number => new Fragmentation(tasks, 'gpu').of([WHOLE_ACCELERATOR_MILLI], 1, 1)
  expect(of({ ...single, nodes: 3 }, other)).toBe(of({ ...single, popularity: 3 }, other))
  expect(of({ ...single, nodes: 3 }, other)).toBe(3 * 1000)
})
