// The same trial under other names: other numbers for jobs, other words for accounts, users and pools, in the order they had.

import type { Fact } from '@dure/core'
import fc from 'fast-check'
import type { NodeAct } from './played-demand.ts'
import type { Trial } from './random-trials.ts'

export const renamings = fc.record({
  factor: fc.constantFrom(1, 7, 1_000_003),
  order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  words: fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('constructor', '__proto__', '두레')), {
    minLength: 3,
    maxLength: 3,
  }),
})
type Renaming = typeof renamings extends fc.Arbitrary<infer T> ? T : never

/** The trial under its new names; `back` gives the old number of a job. */
export function renamed(
  { config, demand, acts }: Trial,
  { factor, order, words }: Renaming,
): { readonly trial: Trial; readonly back: ReadonlyMap<number, number> } {
  // In the opposite order of the alphabet, and of other lengths.
  const called = (word: string, names: readonly string[]): ((old: string) => string) => {
    const distinct = [...new Set(names)]
    return (old) => {
      const i = distinct.indexOf(old)
      return `${word}${distinct.length - i}${'+'.repeat(i)}`
    }
  }
  const pool = called(
    words[0]!,
    config.pools.map(({ name }) => name),
  )
  const account = called(
    words[1]!,
    config.accounts.map(({ name }) => name),
  )
  const user = called(
    words[2]!,
    config.associations.map((row) => row.user),
  )
  const numbers = Array.from(demand.job, (_, i) => factor * (i + 1))
  numbers.sort((a, b) => order[a / factor - 1]! - order[b / factor - 1]! || a - b)
  const trial: Trial = {
    config: {
      ...config,
      name: 'another name',
      pools: config.pools.map((old) => ({ ...old, name: pool(old.name) })),
      accounts: config.accounts.map((old) => ({
        ...old,
        name: account(old.name),
        parent: old.parent === null ? null : account(old.parent),
      })),
      associations: config.associations.map((old) => ({
        ...old,
        account: account(old.account),
        user: user(old.user),
      })),
    },
    demand: {
      ...demand,
      job: Float64Array.from(numbers),
      requests: demand.requests.map((request) => ({ ...request, pools: request.pools.map(pool) })),
    },
    acts: acts.map((act): NodeAct => ({ ...act, pool: pool(act.pool) })),
  }
  return { trial, back: new Map(numbers.map((job, i) => [job, demand.job[i]!])) }
}

/** Facts without any name, and with jobs by what `number` gives for theirs. */
export const nameless = (facts: readonly Fact[], number: (job: number) => number): unknown[] =>
  facts.map((fact) => {
    if (fact.type === 'configured') return { type: fact.type, atMs: fact.atMs }
    if (fact.type === 'refused') return { type: fact.type, atMs: fact.atMs, job: number(fact.job), reason: fact.reason }
    return 'job' in fact ? { ...fact, job: number(fact.job) } : fact
  })
