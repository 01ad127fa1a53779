import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FreeNodes } from './free-nodes.ts'
import type { NodeSet } from './node-set.ts'

const DEVICES = 4
const left = fc.constantFrom(0, 0, 250, 500, 750, 1000, 1000)
const machine = fc.array(fc.array(left, { minLength: DEVICES, maxLength: DEVICES }), { minLength: 1, maxLength: 40 })

const whole = (devices: readonly number[]): number => devices.filter((milli) => milli === 1000).length
const parts = (devices: readonly number[]): number[] => devices.filter((milli) => milli > 0 && milli < 1000)

function members(set: NodeSet | undefined): number[] {
  const nodes: number[] = []
  for (let node = set?.next(0) ?? -1; node >= 0; node = set!.next(node + 1)) nodes.push(node)
  return nodes
}

it('knows nodes by what is left on their devices', () => {
  fc.assert(
    fc.property(machine, machine, (before, after) => {
      const index = new FreeNodes(Math.max(before.length, after.length), DEVICES)
      const partsOf = (devices: readonly number[]) => (parts(devices).length === 0 ? undefined : parts(devices))
      before.forEach((devices, node) => {
        index.add(node, whole(devices), partsOf(devices))
      })
      // Everything changes once: what is found depends on what is, not on what was.
      before.forEach((devices, node) => {
        index.delete(node, whole(devices), partsOf(devices))
      })
      after.forEach((devices, node) => {
        index.add(node, whole(devices), partsOf(devices))
      })
      const nodesWhere = (holds: (devices: readonly number[]) => boolean): number[] =>
        after.flatMap((devices, node) => (holds(devices) ? [node] : []))
      for (let free = 0; free <= DEVICES; free++) {
        expect(index.count(free)).toBe(nodesWhere((devices) => whole(devices) >= free).length)
        expect(members(index.withFree(free))).toEqual(nodesWhere((devices) => whole(devices) === free))
      }
      for (let milli = 1; milli < 1000; milli++) {
        const found = members(index.withRest(milli))
        if (milli >= index.restEnd) expect(found).toEqual([])
        if (milli % 250 === 0) expect(found).toEqual(nodesWhere((devices) => parts(devices).includes(milli)))
      }
    }),
    { numRuns: 100, seed: 1 },
  )
})
