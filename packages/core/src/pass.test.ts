import { describe, expect, it } from 'vitest'
import { at, center, job, nodes, processors, starts, tell } from '../testing/told.ts'
import { conservative, easy, easySjbf, fairshare, fcfs, greedy, type Policy } from './policy.ts'

const hybrid = (reservationDepth: number): Policy => ({ ...easy, name: `hybrid-${reservationDepth}`, reservationDepth })

describe('who may pass a blocked job', () => {
  // Ten processors; one job has six of them for ten minutes. What stands in the queue behind it differs.
  const machines = { 'ten processors': { pool: processors(10) }, 'ten nodes': { pool: nodes(10) } }
  const busy = job('busy').wide(6).for('10m')

  describe.each(Object.entries(machines))('on %s', (_, pools) => {
    it.each<[string, Policy, Record<string, string>]>([
      ['nobody', fcfs, { busy: '0s', eight: '10m', all: '20m', two: '25m' }],
      ['whoever fits', greedy, { busy: '0s', eight: '10m', all: '25m', two: '0s' }],
      ['who leaves the first its start', easy, { busy: '0s', eight: '10m', all: '25m', two: '0s' }],
      ['who leaves the first two theirs', hybrid(2), { busy: '0s', eight: '10m', all: '20m', two: '25m' }],
      ['who leaves everybody theirs', conservative, { busy: '0s', eight: '10m', all: '20m', two: '25m' }],
    ])('%s (%o)', (_sentence, policy, expected) => {
      // Schedulers' textbook case: eight for 10 min, then all ten for 5 min, then two for 25 min.
      const eight = job('eight').wide(8).for('10m')
      const all = job('all').wide(10).for('5m')
      const two = job('two').wide(2).for('25m')
      expect(starts(center(pools, policy), busy, eight, all, two)).toEqual(expected)
    })

    it.each<[string, Policy, Record<string, string>]>([
      ['in turn', easy, { busy: '0s', wide: '10m', long: '0s', short: '20m' }],
      ['the shortest first', easySjbf, { busy: '0s', wide: '10m', long: '20m', short: '0s' }],
    ])('of two that could, %s', (_sentence, policy, expected) => {
      const wide = job('wide').wide(10).for('10m')
      const long = job('long').wide(4).for('10m')
      const short = job('short').wide(4).for('5m')
      expect(starts(center(pools, policy), busy, wide, long, short)).toEqual(expected)
    })

    it.each<[string, string, string]>([
      ['until the very moment', '10m', '0s'],
      ['and not a millisecond longer', '10m1ms', '20m'],
    ])('with what the first will need: %s', (_sentence, limit, start) => {
      const wide = job('wide').wide(10).for('10m')
      const late = job('late').wide(4).for(limit)
      expect(starts(center(pools, easy), busy, wide, late)).toMatchObject({ wide: '10m', late: start })
    })

    it.each<[string, string]>([
      ['in the same pass', '0s'],
      ['in a later one', '1m'],
    ])('until the very moment, though the like of it failed that would take longer: %s', (_sentence, submitted) => {
      const wide = job('wide').wide(10).for('10m')
      const longer = job('longer').wide(4).for('10m1ms')
      const late = job('late')
        .wide(4)
        .from(submitted)
        .for(submitted === '0s' ? '10m' : '9m')
      expect(starts(center(pools, easy), busy, wide, longer, late)).toMatchObject({
        wide: '10m',
        longer: '20m',
        late: submitted,
      })
    })

    it('for as long as it likes, with what the first will not need', () => {
      const eight = job('eight').wide(8).for('10m')
      const beside = job('beside').wide(2).for('9d')
      const tooMany = job('too-many').wide(1).for('9d')
      expect(starts(center(pools, easy), busy, eight, beside, tooMany)).toEqual({
        busy: '0s',
        eight: '10m',
        beside: '0s',
        'too-many': '20m',
      })
    })

    it('starts the first when it can, though it was promised later', () => {
      const early = busy.running('3m')
      const wide = job('wide').wide(10).for('10m')
      expect(starts(center(pools, easy), early, wide, job('short').for('10m'))).toMatchObject({ wide: '10m' })
      expect(starts(center(pools, easy), early, wide, job('shorter').for('3m'))).toMatchObject({ wide: '3m' })
    })
  })

  it('passes only in the pools that the blocked job would use', () => {
    const pools = center({ gpu: 2, npu: nodes(1) }, fcfs)
    const busy = job('busy').for('1h')
    expect(starts(pools, busy, job('wide').wide(2), job('behind').in('gpu'), job('elsewhere').in('npu'))).toEqual({
      busy: '0s',
      wide: '1h',
      behind: '2h',
      elsewhere: '0s',
    })
  })
})

describe('gangs', () => {
  it('start whole or not at all', () => {
    expect(tell(center({ gpu: 4 }), job('two').wide(2).for('1h'), job('three').wide(3).for('1h'))).toEqual([
      '0s two starts on 0 1',
      '1h two TIMEOUT',
      '1h three starts on 0 1 2',
      '2h three TIMEOUT',
    ])
  })

  it('end whole when one of their nodes fails', () => {
    const pools = center({ gpu: 3 }, { ...easy, requeueOnNodeFail: false })
    expect(
      tell(pools, job('gang').wide(3).for('1h'), at('5m').node(1, 'down'), job('next').wide(2).from('5m')),
    ).toEqual([
      '0s gang starts on 0 1 2',
      '5m node 1 down',
      '5m gang NODE_FAIL',
      '5m next starts on 0 2',
      '1h5m next TIMEOUT',
    ])
  })
})

describe('promises', () => {
  it('name their nodes, and are kept on them', () => {
    // Nodes 0 and 1 come free at 1h, node 2 at 3h; the job of two is promised the first two, the third is lent for ever.
    const story = tell(
      center({ gpu: 4 }),
      job('a').wide(2).for('1h'),
      job('b').for('3h'),
      job('wide').wide(3).for('1h'),
      job('lent').for('1h'),
      job('too-long').for('1h1ms').running('1ms'),
    )
    expect(story).toEqual([
      '0s a starts on 0 1',
      '0s b starts on 2',
      '0s wide promised 1h on 0 1 3',
      '0s lent starts on 3 (backfill)',
      '1h a TIMEOUT',
      '1h lent TIMEOUT',
      '1h wide starts on 0 1 3 (reservation)',
      '2h wide TIMEOUT',
      '2h too-long starts on 0',
      '2h1ms too-long COMPLETED',
      '3h b TIMEOUT',
    ])
  })

  it('are made only when somebody could pass', () => {
    expect(tell(center({ gpu: 2 }), job('a').wide(2).for('1h'), job('b').for('1h'), job('c').for('1h'))).toEqual([
      '0s a starts on 0 1',
      '1h a TIMEOUT',
      '1h b starts on 0',
      '1h c starts on 1',
      '2h b TIMEOUT',
      '2h c TIMEOUT',
    ])
  })

  it('move when one of their nodes is drained, and say so', () => {
    const story = tell(
      center({ gpu: 4 }),
      job('a').wide(2).for('1h'),
      job('b').for('2h'),
      job('wide').wide(3).for('1h'),
      job('short').for('10m'),
      at('5m').node(1, 'drain'),
      job('other').from('20m').for('10m'),
    )
    expect(story.slice(2)).toEqual([
      '0s wide promised 1h on 0 1 3',
      '0s short starts on 3 (backfill)',
      '5m promise to wide void (node)',
      '5m node 1 drain',
      '10m short TIMEOUT',
      '20m wide promised 2h on 0 2 3',
      '20m other starts on 3 (backfill)',
      '30m other TIMEOUT',
      '1h a TIMEOUT',
      '2h b TIMEOUT',
      '2h wide starts on 0 2 3 (reservation)',
      '3h wide TIMEOUT',
    ])
  })

  it('fall when another job is next, and say so', () => {
    // `first` was held when `second` was promised its nodes; released, it is ahead again.
    const story = tell(
      center({ gpu: 3 }),
      job('a').wide(2).for('1h'),
      job('first').wide(2).for('1h').held('user'),
      job('second').wide(3).for('1h'),
      job('tiny').for('10m'),
      at('20m').release('first'),
      job('next').from('20m').for('10m'),
    )
    expect(story.slice(1, 8)).toEqual([
      '0s second promised 1h on 0 1 2',
      '0s tiny starts on 2 (backfill)',
      '10m tiny TIMEOUT',
      '20m first released',
      '20m promise to second void (turn)',
      '20m first promised 1h on 0 1',
      '20m next starts on 2 (backfill)',
    ])
  })

  it('fall when a job that goes before starts on their nodes, and say so', () => {
    // Released, `first` is ahead of `wide` and fits on the node that `wide` was promised and is still free.
    const story = tell(
      center({ gpu: 3 }),
      job('a').wide(2).for('1h'),
      job('first').for('5h').held('user'),
      job('wide').wide(3).for('1h'),
      job('tiny').for('10m'),
      at('20m').release('first'),
    )
    expect(story).toEqual([
      '0s a starts on 0 1',
      '0s wide promised 1h on 0 1 2',
      '0s tiny starts on 2 (backfill)',
      '10m tiny TIMEOUT',
      '20m first released',
      '20m promise to wide void (turn)',
      '20m first starts on 2',
      '1h a TIMEOUT',
      '5h20m first TIMEOUT',
      '5h20m wide starts on 0 1 2',
      '6h20m wide TIMEOUT',
    ])
  })

  it('come nearer when jobs end early, not more often than turns are reconsidered', () => {
    const story = (early: string): readonly string[] =>
      tell(
        center({ gpu: 3 }, { ...easy, rerankMs: 300_000 }),
        job('a').for('2h').running(early),
        job('b').for('1h').running('30m'),
        job('wide').wide(3).for('1h'),
        job('c').for('1m').running('30s'),
        job('d').from('5m').for('20m'),
      ).filter((line) => line.includes('wide'))
    expect(story('4m')).toEqual([
      '0s wide promised 2h on 0 1 2',
      '5m wide promised 1h on 0 1 2',
      '30m wide starts on 0 1 2 (reservation)',
      '1h30m wide TIMEOUT',
    ])
    // A place that came free is not looked for before five minutes have gone by.
    const hasty = tell(
      center({ gpu: 3 }, { ...easy, rerankMs: 300_000 }),
      job('a').for('2h').running('4m'),
      job('b').for('1h').running('30m'),
      job('wide').wide(3).for('1h'),
      job('c').for('1m').running('30s'),
      job('d').from('4m59s').for('20m'),
    ).filter((line) => line.includes('wide'))
    expect(hasty).toEqual([
      '0s wide promised 2h on 0 1 2',
      '30m wide starts on 0 1 2 (reservation)',
      '1h30m wide TIMEOUT',
    ])
  })

  it('are as many as the reservation depth says', () => {
    const promised = (reservationDepth: number | 'all') =>
      tell(
        center({ gpu: 2 }, { ...easy, reservationDepth }),
        job('a').for('1h'),
        job('b').wide(2).for('1h'),
        job('c').wide(2).for('1h'),
        job('d').wide(2).for('1h'),
        job('e').for('30m'),
      ).filter((line) => line.startsWith('0s') && line.includes('promised'))
    expect(promised(0)).toEqual([])
    expect(promised(1)).toEqual(['0s b promised 1h on 0 1'])
    expect(promised(2)).toEqual(['0s b promised 1h on 0 1', '0s c promised 2h on 0 1'])
    const all = ['0s b promised 1h on 0 1', '0s c promised 2h on 0 1', '0s d promised 3h on 0 1']
    expect(promised(3)).toEqual(all)
    expect(promised('all')).toEqual(all)
  })

  it('leave room on a node to whoever needs no more than the rest of it', () => {
    const story = tell(
      center({ gpu: nodes(1, { accelerators: 4 }) }),
      job('a').devices(2).for('1h'),
      job('wide').devices(3).for('1h'),
      job('beside').devices(1).for('9h'),
      job('no-room').devices(1).for('9h'),
    )
    expect(story.slice(0, 4)).toEqual([
      '0s a starts on 0:0+1',
      '0s wide promised 1h on 0',
      '0s beside starts on 0:2 (backfill)',
      '1h a TIMEOUT',
    ])
    expect(story[4]).toBe('1h wide starts on 0:0+1+3 (reservation)')
  })

  it('are kept to the millisecond, also on a node that others share', () => {
    const pools = center({ gpu: nodes(1, { accelerators: 4 }) })
    const story = (limit: string) =>
      starts(pools, job('a').devices(2).for('1h'), job('all').devices(4).for('1h'), job('late').for(limit))
    expect(story('1h')).toEqual({ a: '0s', all: '1h', late: '0s' })
    expect(story('1h1ms')).toEqual({ a: '0s', all: '1h', late: '2h' })
  })

  it('are not given where the job could never run', () => {
    // `wide` is too wide for the small pool it would prefer; it is promised the other.
    const story = tell(
      center({ small: 1, large: 3 }),
      job('a').in('small').for('1h'),
      job('b').in('large').wide(2).for('1h'),
      job('wide').in('small', 'large').wide(3).for('1h'),
      job('short').in('small', 'large').for('30m'),
    )
    expect(story.slice(2, 4)).toEqual([
      '0s wide promised 1h on 0 1 2 in large',
      '0s short starts on 2 in large (backfill)',
    ])
  })

  it('are not given, in a pool of processors, where the job could never run', () => {
    const pools = center({ small: processors(2), large: processors(4) })
    expect(
      starts(
        pools,
        job('a').in('small').for('1h'),
        job('b').in('large').wide(2).for('1h'),
        job('wide').in('small', 'large').wide(3).for('1h'),
        job('short').in('small').for('30m'),
      ),
    ).toEqual({ a: '0s', b: '0s', wide: '1h', short: '0s' })
  })

  it('pass over a job that cannot run for want of nodes in service, and go to the next', () => {
    const story = tell(
      center({ gpu: 4 }),
      at('0s').node(3, 'drain'),
      job('a').for('1h'),
      job('impossible').wide(4).for('1h'),
      job('wide').wide(3).for('1h'),
      job('short').for('1h'),
      job('long').for('2h'),
      at('3h').node(3, 'up'),
    )
    expect(story.slice(1)).toEqual([
      '0s a starts on 0',
      '0s wide promised 1h on 0 1 2',
      '0s short starts on 1 (backfill)',
      '1h a TIMEOUT',
      '1h short TIMEOUT',
      '1h wide starts on 0 1 2 (reservation)',
      '2h wide TIMEOUT',
      '2h long starts on 0',
      '3h node 3 up',
      '4h long TIMEOUT',
      '4h impossible starts on 0 1 2 3',
      '5h impossible TIMEOUT',
    ])
  })

  it('are one a job, wherever it may run', () => {
    // `b` is promised a start in p; `ahead` then comes before it there, so that it is promised q instead.
    const story = tell(
      center({ p: 2, q: 2 }),
      job('a').in('p').for('1h'),
      job('c').in('q').for('2h'),
      job('ahead').in('p').wide(2).for('1h').held('user'),
      job('b').in('p', 'q').wide(2).for('1h'),
      job('x').in('p').for('1h').running('10m'),
      at('20m').release('ahead'),
      job('y').from('20m').in('q').for('30m'),
    )
    expect(story.slice(2, 9)).toEqual([
      '0s b promised 1h on 0 1 in p',
      '0s x starts on 1 in p (backfill)',
      '10m x COMPLETED',
      '20m ahead released',
      '20m promise to b void (turn)',
      '20m b promised 2h on 0 1 in q',
      '20m y starts on 1 in q (backfill)',
    ])
  })
})

describe('several pools', () => {
  it('are tried in the order of preference', () => {
    const pools = center({ gpu: 1, npu: nodes(1) })
    const either = (name: string) => job(name).in('npu', 'gpu').for('1h')
    expect(tell(pools, either('a'), either('b'), either('c')).slice(0, 5)).toEqual([
      '0s a starts on 0 in npu',
      '0s b starts on 0 in gpu',
      '1h a TIMEOUT',
      '1h b TIMEOUT',
      '1h c starts on 0 in npu',
    ])
  })

  it('do not let a newcomer pass a job that accepts one of them, unless it leaves it its start', () => {
    // `wide` accepts both pools; the newcomers accept one, and come when nothing else has changed.
    const pools = (policy: Policy) => center({ p: 2, q: 1 }, policy)
    const story = [
      job('a').in('p').for('1h'),
      job('b').in('q').for('9h'),
      job('wide').in('p', 'q').wide(2).for('1h'),
      job('long').from('10m').in('p').for('5h'),
      job('short').from('20m').in('p').for('40m'),
    ]
    expect(starts(pools(easy), ...story)).toEqual({ a: '0s', b: '0s', wide: '1h', long: '2h', short: '20m' })
    expect(starts(pools(fcfs), ...story)).toEqual({ a: '0s', b: '0s', wide: '1h', long: '2h', short: '2h' })
  })

  it('are promised by turn even where nothing at all is free', () => {
    // `first` holds the promise of p, which is full; so `second` is owed one in q, where `long` may not delay it.
    const story = starts(
      center({ p: 3, q: 3 }),
      job('a').in('p').wide(3).for('9h'),
      job('b').in('q').wide(2).for('1h'),
      job('first').in('p').wide(3).for('1h'),
      job('second').in('p', 'q').wide(3).for('1h'),
      job('long').in('q').for('5h'),
    )
    expect(story).toEqual({ a: '0s', b: '0s', first: '9h', second: '1h', long: '2h' })
  })

  it('give as many promises as their number allows, to like jobs as to unlike ones', () => {
    const promised = (secondLimit: string) =>
      tell(
        center({ p: 2, q: 2 }),
        job('a').in('p').for('1h'),
        job('b').in('q').for('1h'),
        job('first').in('p', 'q').wide(2).for('1h'),
        job('second').in('p', 'q').wide(2).for(secondLimit),
        job('long').in('q').for('5h'),
        job('short').in('q').for('30m'),
      ).filter((line) => line.startsWith('0s') && /second|long|short/.test(line))
    const expected = ['0s second promised 1h on 0 1 in q', '0s short starts on 1 in q (backfill)']
    expect(promised('1h1ms')).toEqual(expected)
    expect(promised('1h')).toEqual(expected)
  })
})

describe('turns', () => {
  const shares = {
    accounts: [
      { name: 'lab', parent: null, shares: 1 },
      { name: 'firm', parent: null, shares: 1 },
    ],
    associations: [
      { account: 'lab', user: 'kim', shares: 1 },
      { account: 'firm', user: 'lee', shares: 1 },
      { account: 'firm', user: 'han', shares: 1 },
    ],
  }
  const everyMinute: Policy = { ...fairshare, halfLifeMs: 0, rerankMs: 60_000 }

  it('go by submission where the policy says so, whoever submits', () => {
    const story = [
      job('a').by('lab/kim').for('1h'),
      job('b').by('lab/kim').for('1h'),
      job('c').by('firm/lee').for('1h'),
    ]
    expect(starts(center({ gpu: 1 }, easy, shares), ...story)).toEqual({ a: '0s', b: '1h', c: '2h' })
    expect(starts(center({ gpu: 1 }, everyMinute, shares), ...story)).toEqual({ a: '0s', b: '2h', c: '1h' })
  })

  it('go by submission among those who are owed the same', () => {
    const story = [job('a').by('firm/han'), job('b').by('lab/kim'), job('c').by('firm/lee')]
    expect(starts(center({ gpu: 1 }, everyMinute, shares), ...story)).toMatchObject({ a: '0s', b: '1h' })
  })

  it('are owed to the account first, and to its users among themselves', () => {
    // The firm has had two hours, one of them each by lee and han; then kim has had his too.
    const story = [
      job('lee').by('firm/lee').for('1h'),
      job('han').by('firm/han').for('1h'),
      job('lee-2').by('firm/lee').for('1h').from('1m'),
      job('kim').by('lab/kim').for('3h').from('2m'),
      job('han-2').by('firm/han').for('1h').from('3m'),
    ]
    expect(starts(center({ gpu: 1 }, everyMinute, shares), ...story)).toEqual({
      lee: '0s',
      kim: '1h',
      han: '4h',
      'lee-2': '5h',
      'han-2': '6h',
    })
  })

  it('change at most once in the interval that the policy gives', () => {
    const hourly: Policy = { ...everyMinute, rerankMs: 3_600_000 }
    const story = [
      job('a').by('lab/kim').for('10m'),
      job('b').by('lab/kim').for('10m'),
      job('c').by('lab/kim').for('1h'),
      job('d').by('lab/kim').for('1h'),
      job('e').by('firm/lee').for('1h'),
    ]
    // Ranked at 0s; kim's use counts from 1h on, though a turn comes at 10m and 20m.
    expect(starts(center({ gpu: 1 }, hourly, shares), ...story)).toEqual({
      a: '0s',
      b: '10m',
      c: '20m',
      d: '2h20m',
      e: '1h20m',
    })
    expect(starts(center({ gpu: 1 }, everyMinute, shares), ...story)).toMatchObject({ a: '0s', e: '10m', b: '1h10m' })
  })
})

describe('placement', () => {
  it('takes the tightest nodes first, then the lowest numbers', () => {
    const story = tell(
      center({ gpu: nodes(3, { accelerators: 4 }) }),
      job('a').devices(3).for('1h'),
      job('b').devices(2).for('1h'),
      job('c').devices(1).for('1h'),
      job('d').devices(2).for('1h'),
      job('e').devices(1).for('1h'),
      job('f').wide(2).devices(1).for('1h'),
    )
    expect(story.filter((line) => line.includes('starts'))).toEqual([
      '0s a starts on 0:0+1+2',
      '0s b starts on 1:0+1',
      '0s c starts on 0:3',
      '0s d starts on 1:2+3',
      '0s e starts on 2:0',
      '1h f starts on 0:0 1:0',
    ])
  })

  it('puts slices on the device that is left the least, each on one device', () => {
    const story = tell(
      center({ gpu: nodes(2, { accelerators: 2 }) }),
      job('half').slice(500),
      job('most').slice(750),
      job('quarter').slice(250),
      job('another').slice(300),
      job('whole').devices(2),
      job('late').slice(600),
    )
    expect(story.filter((line) => line.includes('starts'))).toEqual([
      '0s half starts on 0:0',
      '0s most starts on 0:1',
      '0s quarter starts on 0:1',
      '0s another starts on 0:0',
      '0s whole starts on 1:0+1',
      '1h late starts on 0:0',
    ])
  })

  it('counts CPU cores and memory as well as accelerators', () => {
    const pools = center({ gpu: nodes(2, { accelerators: 4, cpuMilli: 8000, memoryMib: 100 }) })
    const story = tell(
      pools,
      job('cores').cores(6),
      job('more-cores').cores(3),
      job('memory').memory(90).cores(2),
      job('more-memory').memory(20),
      job('neither').devices(2),
    )
    expect(story.filter((line) => line.includes('starts'))).toEqual([
      '0s cores starts on 0:0',
      '0s more-cores starts on 1:0',
      '0s memory starts on 0:1',
      '0s more-memory starts on 1:1',
      '0s neither starts on 0:2+3',
    ])
  })

  it('keeps what a promised job needs of CPU cores free, too', () => {
    const story = tell(
      center({ gpu: nodes(1, { accelerators: 4, cpuMilli: 8000 }) }),
      job('a').cores(4).for('1h'),
      job('wide').cores(6).for('1h'),
      job('long').cores(3).for('5h'),
      job('thin').cores(2).for('5h'),
    )
    expect(story.slice(0, 3)).toEqual([
      '0s a starts on 0:0',
      '0s wide promised 1h on 0',
      '0s thin starts on 0:1 (backfill)',
    ])
  })
})
