import type { Command } from '@dure/core'
import fc from 'fast-check'
import { expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import { CommandSchema } from './command-schema.ts'
import { readLabel, writeLabel } from './job-label.ts'
import { consumedIds, decodeLedgerEntry, encodeLedgerEntry, finishIdOf, type LedgerHead } from './message.ts'

const submit: Command = {
  type: 'submit',
  job: 7,
  account: 'univ-a',
  user: '민서',
  request: { pools: ['h100'], nodes: 2, acceleratorsMilli: 8000, cpuMilli: 96_000, memoryMib: 1024 },
  timeLimitMs: 60_000,
  held: null,
  label: '{}',
}

const head: LedgerHead = {
  v: 1,
  type: 'commit',
  atMs: 2_000,
  steps: [
    { atMs: 1_000, commands: [{ id: 'c7', command: submit }], scheduled: false },
    {
      atMs: 2_000,
      commands: [{ id: finishIdOf(3, 1), command: { type: 'finish', job: 3, attempt: 1, exitCode: 0 } }],
      scheduled: true,
    },
  ],
  repeated: ['c5'],
  factCount: 3,
  factsHash: '0123456789abcdef0123456789abcdef',
}

it('has the commands of the core, no more and no fewer', () => {
  expectTypeOf<z.output<typeof CommandSchema>>().toExtend<Command>()
  expectTypeOf<Command>().toExtend<z.output<typeof CommandSchema>>()
  expectTypeOf<Command['type']>().toEqualTypeOf<z.output<typeof CommandSchema>['type']>()
})

it.each<[string, unknown]>([
  ['an unknown type', { type: 'explode', job: 1 }],
  ['an extra field', { type: 'cancel', job: 1, priority: 9 }],
  ['a job that is no number', { type: 'cancel', job: '1' }],
  ['a part of a node', { ...submit, request: { ...submit.request, nodes: 0.5 } }],
  ['no pool', { ...submit, request: { ...submit.request, pools: [] } }],
])('refuses a command with %s', (_, command) => expect(CommandSchema.safeParse(command).success).toBe(false))

it('knows which commands an entry settled', () => {
  expect([...consumedIds(head)]).toEqual(['c7', 'f3.1', 'c5'])
  expect([...consumedIds({ v: 1, type: 'lease', atMs: 0, owner: 'a' })]).toEqual([])
})

it('writes and reads ledger entries, with aligned facts wherever the bytes lie', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.nat(9),
      (facts, owner, offset) => {
        for (const one of [head, { v: 1, type: 'lease', atMs: 5, owner } as const]) {
          const body = encodeLedgerEntry({ head: one, facts })
          const received = new Uint8Array(body.length + offset).subarray(offset)
          received.set(body)
          const entry = decodeLedgerEntry(received)
          expect(entry.head).toEqual(one)
          expect(entry.facts).toEqual(facts)
          expect(entry.facts.byteOffset % 8).toBe(0)
          expect((body.length - facts.length) % 8).toBe(0)
        }
      },
    ),
    { numRuns: 50 },
  )
})

it.each([0, 3, 4, 50])('refuses an entry cut off after %i bytes', (length) => {
  const body = encodeLedgerEntry({ head, facts: new Uint8Array(8) })
  expect(() => decodeLedgerEntry(body.subarray(0, length))).toThrow()
})

it('keeps a label, and takes no foreign text for one', () => {
  const label = { name: '야간', run_time_ms: 5, exit_code: 0 }
  expect(readLabel(writeLabel(label))).toEqual(label)
  expect(readLabel('')).toBeNull()
  expect(readLabel('{"name":1}')).toBeNull()
})
