// Targets: what is kept of them, worked out by hand, and what a center makes of them. That a long run comes to the targets is
// shown where there is a solver (`@dure/sim`).

import { describe, expect, it } from 'vitest'
import { at, center, job, ms, nodes, play, starts, tell } from '../../testing/told.ts'
import { Center } from '../center.ts'
import type { Command, NamedTarget } from '../command.ts'
import { decodeFacts, FactLog } from '../fact-codec.ts'
import { fairshare, type Policy } from '../policy.ts'
import { MEMORY_ROUNDS, type Target, TargetBook } from './targets.ts'

const HOUR_MS = 3_600_000
const target = (association: number, pool: number, acceleratorsMilli: number): Target => ({
  association,
  pool,
  acceleratorsMilli,
})
const balances = (book: TargetBook, nowMs: number): number[] => {
  const all: number[] = []
  book.forEach(nowMs, (_, balance) => all.push(balance))
  return all
}

describe('a book of targets', () => {
  it('owes what should have been held less what was', () => {
    const book = new TargetBook(2, 2, HOUR_MS)
    book.set([target(0, 1, 500), target(1, 0, 2000)], 0)
    book.started(0, 1, 1000, 2000)
    book.stopped(0, 1, 1000, 5000)
    // 500 × 10 s − 1000 × 3 s, and 2000 × 10 s.
    expect(balances(book, 10_000)).toEqual([2_000_000, 20_000_000])
    book.lookAt(10_000)
    // 2 000 000 ÷ 500, and all of the ten seconds.
    expect([...book.lagMs]).toEqual([4000, 10_000])
  })

  it('says of an association how far it is behind where it is behind most', () => {
    const book = new TargetBook(3, 2, HOUR_MS)
    book.set([target(0, 0, 1000), target(0, 1, 100), target(1, 0, 500)], 0)
    book.started(0, 0, 3000, 0)
    book.started(1, 0, 1000, 0)
    book.lookAt(1000)
    // In pool 0 it is ahead by 2 s; of the others one is ahead by 1 s, and of one nothing is said.
    expect([...book.lagMs]).toEqual([1000, -1000, 0])
  })

  it('carries over what is owed, for so many rounds of the new target', () => {
    const book = new TargetBook(1, 2, 1000)
    book.set([target(0, 0, 1000), target(0, 1, 1000)], 0)
    book.set([target(0, 0, 500), target(0, 1, 10)], 2000)
    // 2 s of an accelerator each; 24 rounds of ten thousandths are 240 000.
    expect(balances(book, 2000)).toEqual([2_000_000, MEMORY_ROUNDS * 1000 * 10])
    book.started(0, 1, 1000, 2000)
    book.set([target(0, 0, 500), target(0, 1, 10)], 5000)
    expect(balances(book, 5000)[1]).toBe(-MEMORY_ROUNDS * 1000 * 10)
  })

  it('is the same whoever looked in between, however long somebody has been behind', () => {
    const dayMs = 24 * HOUR_MS
    const wide = target(0, 0, 10_000_001)
    const book = new TargetBook(1, 1, dayMs)
    book.set([wide], 3)
    for (let day = 1; day < MEMORY_ROUNDS; day++) {
      const nowMs = day * dayMs + 7
      book.set([wide], nowMs)
      const restored = new TargetBook(1, 1, dayMs)
      book.forEach(nowMs + 12_345_677, (each, balance) => restored.restore(each, balance, nowMs + 12_345_677))
      expect(balances(restored, nowMs + 51_234_567)).toEqual(balances(book, nowMs + 51_234_567))
    }
  })

  it('forgets what was owed or had where there is no target any more', () => {
    const book = new TargetBook(1, 1, HOUR_MS)
    book.set([target(0, 0, 1000)], 0)
    book.set([], 5000)
    book.started(0, 0, 4000, 6000)
    book.set([target(0, 0, 1000)], 9000)
    expect(balances(book, 9000)).toEqual([0])
    // What runs counts from now on: 1000 − 4000.
    expect(balances(book, 9001)).toEqual([-3000])
  })

  it.each<[string, number, number, boolean]>([
    ['less than the target', 999, 0, true],
    ['the target, behind nothing', 1000, 0, false],
    ['more, a round of it behind', 1999, 1_000_000 * 3600, true],
    ['as much as would make up for a round', 2000, 1_000_000 * 3600, false],
    ['nothing, a round ahead', 0, -1_000_000 * 3600, false],
    ['nothing, not quite a round ahead', 0, -1_000_000 * 3600 + 1, true],
  ])('lets somebody start who holds %s', (_, heldMilli, balance, isOwed) => {
    const book = new TargetBook(1, 2, HOUR_MS)
    book.restore(target(0, 0, 1000), balance, 0)
    book.started(0, 0, heldMilli, 0)
    expect(book.isOwed(0, 0, 0)).toBe(isOwed)
    expect(book.isOwed(0, 1, 0)).toBe(false) // it should be in the other pool
  })
})

const shares = {
  accounts: [{ name: 'lab', parent: null, shares: 1 }],
  associations: ['kim', 'lee', 'moon'].map((user) => ({ account: 'lab', user, shares: 1 })),
}
const policy: Policy = { ...fairshare, shares: { rule: 'targets' }, rerankMs: 1000 }
const pools = center({ gpu: nodes(2), npu: nodes(2) }, policy, shares)
const by = (user: string, name: string) => job(name).by(`lab/${user}`).for('1h').in('gpu', 'npu')

describe('a center that takes targets', () => {
  it('gives each what it should have where it should have it, and the rest to whoever is next', () => {
    const story = [
      at('0s').target({ 'lab/kim': { npu: 2000 }, 'lab/lee': { gpu: 1000 } }),
      by('kim', 'a'),
      by('kim', 'b'),
      by('kim', 'c'),
      by('lee', 'x'),
      by('lee', 'y'),
    ]
    const { facts, ids } = play(pools, story)
    const poolOf = (name: string): number | undefined =>
      facts.flatMap((fact) => (fact.type === 'started' && fact.job === ids.get(name) ? [fact.pool] : []))[0]
    // Both NPUs are kim's, one GPU lee's. The other is nobody's: c was there before y.
    expect(['a', 'b', 'c', 'x'].map(poolOf)).toEqual([1, 1, 0, 0])
    expect(starts(pools, ...story)).toMatchObject({ a: '0s', b: '0s', c: '0s', x: '0s', y: '1h' })
  })

  it('goes by Fair Tree as long as no target says anything', () => {
    const story = [
      by('kim', 'a').wide(2),
      by('kim', 'b').wide(2),
      by('kim', 'c').wide(2).from('1m'),
      by('lee', 'x').from('2m'),
    ]
    const fair = { ...pools, policy: { ...policy, shares: { rule: 'fair-tree' } as const } }
    expect(starts(pools, ...story)).toEqual(starts(fair, ...story))
    expect(starts(pools, ...story)).toMatchObject({ x: '1h', c: '1h' })
  })

  it('does not hold back whom no target names, but lets those go first who are behind', () => {
    const one = center({ gpu: 1 }, policy, shares)
    const like = (user: string, name: string) => job(name).by(`lab/${user}`).for('1h')
    const story = [
      at('0s').target({ 'lab/kim': { gpu: 600 } }),
      like('moon', 'unnamed'),
      like('moon', 'next').from('1m'),
      like('kim', 'behind').from('2m'),
    ]
    expect(starts(one, ...story)).toEqual({ unnamed: '0s', behind: '1h', next: '2h' })
  })

  it('protects the start it promised to a gang that is owed one', () => {
    const story = [
      at('0s').target({ 'lab/kim': { gpu: 2000 }, 'lab/lee': { npu: 2000 } }),
      by('moon', 'busy').in('gpu'),
      by('kim', 'gang').in('gpu').wide(2),
      by('lee', 'long').in('gpu').for('9h'),
    ]
    expect(starts(pools, ...story)).toEqual({ busy: '0s', gang: '1h', long: '2h' })
  })

  it('lets who was promised a start wait for it, though there is room where it is owed none', () => {
    const story = [
      at('0s').target({ 'lab/kim': { gpu: 2000 }, 'lab/lee': { npu: 1000 } }),
      by('moon', 'busy').in('gpu').for('5h'),
      by('kim', 'gang').from('1m').wide(2),
      by('lee', 'short').from('1m').in('gpu'),
    ]
    expect(tell(pools, ...story)).toEqual([
      '0s busy starts on 0 in gpu',
      '1m gang promised 5h on 0 1 in gpu',
      '1m short starts on 1 in gpu (backfill)',
      '1h1m short TIMEOUT',
      '5h busy TIMEOUT',
      '5h gang starts on 0 1 in gpu (reservation)',
      '6h gang TIMEOUT',
    ])
  })
})

describe('a target command', () => {
  const told = (targets: readonly NamedTarget[], config = pools) => {
    const log = new FactLog({ keep: true })
    const asked = Center.create(config, log, 0)
    const command: Command = { type: 'target', targets }
    const outcome = asked.apply(command, 5)
    return { outcome, facts: [...decodeFacts(log.drain())].slice(1) }
  }
  const kim = { account: 'lab', user: 'kim', pool: 'npu', acceleratorsMilli: 1500 }

  it('is a fact, in order, without what is nothing', () => {
    const targets = [{ ...kim, user: 'moon' }, kim, { ...kim, pool: 'gpu', acceleratorsMilli: 0 }]
    expect(told(targets).facts).toEqual([
      { type: 'targeted', atMs: 5, targets: [target(0, 1, 1500), target(2, 1, 1500)] },
    ])
  })

  it('changes nothing where the policy takes none', () => {
    expect(told([kim], { ...pools, policy: fairshare })).toEqual({
      outcome: { kind: 'ignored', reason: 'no-change' },
      facts: [],
    })
  })

  it.each<[string, string, NamedTarget[]]>([
    ['of nobody', 'InvalidAccount', [{ ...kim, user: 'park' }]],
    ['for no pool', 'InvalidPool', [{ ...kim, pool: 'tpu' }]],
    ['said twice', 'BadRequest', [kim, kim]],
    ['of half a thousandth', 'BadRequest', [{ ...kim, acceleratorsMilli: 0.5 }]],
    ['below nothing', 'BadRequest', [{ ...kim, acceleratorsMilli: -1 }]],
  ])('%s is refused: %s', (_, reason, targets) => {
    expect(told(targets)).toEqual({ outcome: { kind: 'refused', reason }, facts: [] })
  })
})

it('balances are part of a savepoint, and a fold needs nobody to solve for targets', () => {
  const log = new FactLog({ keep: true })
  const decided = Center.create(pools, log, 0)
  decided.apply({ type: 'target', targets: [{ account: 'lab', user: 'lee', pool: 'npu', acceleratorsMilli: 700 }] }, 0)
  decided.schedule(ms('1h'))
  const folded = Center.create(pools, new FactLog({ keep: false }), 0)
  for (const fact of decodeFacts(log.drain())) if (fact.type !== 'configured') folded.fold(fact)
  folded.foldPass(ms('1h'))
  const restored = Center.restore(decided.save(), new FactLog({ keep: false }))
  expect([folded.stateHash(), restored.stateHash()]).toEqual([decided.stateHash(), decided.stateHash()])
  // Without the balance it would be another state.
  const other = Center.create(pools, new FactLog({ keep: false }), 0)
  other.apply({ type: 'target', targets: [{ account: 'lab', user: 'lee', pool: 'npu', acceleratorsMilli: 700 }] }, 1)
  other.schedule(ms('1h'))
  expect(other.stateHash()).not.toBe(decided.stateHash())
})
