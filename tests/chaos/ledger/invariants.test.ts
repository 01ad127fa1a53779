// Ledgers that are broken by hand: a checker that finds nothing in them would find nothing anywhere. (I4 and I6 compare two
// ways through the same facts; broken builds show that they differ, in chaos.test.ts.)

import { fileURLToPath } from 'node:url'
import { writeLabel } from '@dure/contract'
import { loadCenter } from '@dure/contract/presets'
import { Center, decodeFacts, type Fact, FactLog } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { History } from '../client/history.ts'
import { checkAllocations, checkEndings, checkOwed } from './invariants.ts'

const config = loadCenter(fileURLToPath(new URL('../center/small.yaml', import.meta.url)))
const asked = { name: 'a', user: 'ada', nodes: 1, accelerators_per_node: 8, time_limit_ms: 60_000, run_time_ms: 5_000 }

/** Job 1 is submitted, starts and ends, on a center that decides it. */
function history(): Fact[] {
  const log = new FactLog({ keep: true })
  const center = Center.create(config, log, 1_000)
  const label = writeLabel({ name: asked.name, run_time_ms: asked.run_time_ms, exit_code: 0 })
  const request = { pools: ['h100'], nodes: 1, acceleratorsMilli: 8_000, cpuMilli: 1_000, memoryMib: 1_024 }
  const submit = {
    type: 'submit',
    job: 1,
    account: 'lab',
    user: 'ada',
    request,
    timeLimitMs: 60_000,
    held: null,
    label,
  } as const
  center.apply(submit, 2_000)
  center.schedule(2_000)
  center.apply({ type: 'finish', job: 1, attempt: 1, exitCode: 0 }, 7_000)
  center.schedule(7_000)
  return [...decodeFacts(log.drain())]
}

const facts = history()
const started = facts.find((fact) => fact.type === 'started')!
const ended = facts.find((fact) => fact.type === 'ended')!
const submitted = facts.find((fact) => fact.type === 'submitted')!

const found = (broken: readonly Fact[]) => [
  ...checkAllocations(broken).map(({ invariant }) => invariant),
  ...checkEndings(broken, false).map(({ invariant }) => invariant),
]

describe('a ledger that is as it should be', () => {
  it('breaks no invariant', () => {
    expect(found(facts)).toEqual([])
  })
})

describe('a broken ledger', () => {
  const at = facts.indexOf(ended)
  it.each<[string, string, Fact[]]>([
    ['I2', 'starts a job that runs', facts.toSpliced(at, 0, { ...started, atMs: 3_000 })],
    ['I2', 'ends an attempt that does not run', facts.toSpliced(at, 1, { ...ended, attempt: 2 } as Fact)],
    [
      'I2',
      'gives a device to two jobs',
      facts.toSpliced(at, 0, { ...submitted, job: 2 } as Fact, { ...started, job: 2, atMs: 3_000 } as Fact),
    ],
    [
      'I3',
      'gives out more than there is',
      facts.flatMap((fact) =>
        fact === submitted ? [{ ...submitted, request: { ...submitted.request, nodes: 9 } } as Fact] : [fact],
      ),
    ],
    ['I5', 'ends a job twice', [...facts, { ...ended, attempt: 0 } as Fact]],
    ['I5', 'never ends a job', facts.toSpliced(at, 1)],
  ])('violates %s: it %s', (invariant, _, broken) => {
    expect(found(broken)).toContain(invariant)
  })
})

describe('what was acknowledged', () => {
  const entry = (ids: readonly string[], all: readonly Fact[] = facts) => ({
    raw: [],
    facts: all,
    entries: [
      {
        revision: 1,
        epoch: 1,
        facts: all,
        head: {
          v: 1 as const,
          type: 'commit' as const,
          atMs: 7_000,
          steps: [
            {
              atMs: 7_000,
              scheduled: true,
              commands: ids.map((id) => ({ id, command: { type: 'cancel' as const, job: 1 } })),
            },
          ],
          repeated: [],
          factCount: 0,
          factsHash: '0'.repeat(32),
        },
      },
    ],
  })
  const calls = (change: object = {}): History => {
    const history = new History()
    const at = { invokedMs: 100, answeredMs: 200, status: 202 }
    history.add({ act: 'submit', name: 'a', asked, job: 1, command: 'c1', outcome: 'ok', ...at, ...change })
    return history
  }
  const violations = (...args: Parameters<typeof checkOwed>) =>
    checkOwed(...args).violations.map(({ sentence }) => sentence)

  it('is in the ledger once', () => {
    expect(violations(entry(['c1']), { history: calls() })).toEqual([])
  })

  it('is missed when it is not there, and counted where a power cut may have taken it', () => {
    const empty = entry([], [])
    expect(violations(empty, { history: calls() })).toEqual(['job 1 (a) was acknowledged and is not in the ledger'])
    expect(checkOwed(empty, { history: calls(), mayLoseAfterMs: 200 })).toEqual({ violations: [], lost: 1 })
    expect(violations(empty, { history: calls(), mayLoseAfterMs: 201 })).toHaveLength(1)
    expect(violations(empty, { history: calls({ outcome: 'unknown' }) })).toEqual([])
  })

  it.each([
    ['carried out twice', entry(['c1', 'c1']), calls()],
    ['asked by nobody', entry(['c1']), new History()],
    ['refused and yet there', entry(['c1']), calls({ outcome: 'failed' })],
    ['another job than was asked', entry(['c1']), calls({ asked: { ...asked, nodes: 2 } })],
    ['acknowledged under another number', entry(['c1']), calls({ job: 2 })],
  ])('is wrong when it is %s', (_, reading, history) => {
    expect(violations(reading, { history })).toHaveLength(1)
  })
})
