import { describe, expect, it } from 'vitest'
import { center, job, nodes, play } from '../../testing/told.ts'
import { Center } from '../center.ts'
import { FactLog } from '../fact-codec.ts'
import { type ExpectedTask, easy, type PlacementRule } from '../policy.ts'

const least = (...workload: Partial<ExpectedTask>[]): PlacementRule => ({
  rule: 'least-fragmentation',
  workload: workload.map((task) => ({ acceleratorsMilli: 1000, cpuMilli: 0, popularity: 1, ...task })),
})
const tightest: PlacementRule = { rule: 'tightest' }
const bestFit: PlacementRule = { rule: 'best-fit' }

/** Two nodes of four devices and eight cores, and where on them each job starts. */
function placed(placement: PlacementRule, ...jobs: Parameters<typeof play>[1]): readonly string[] {
  const { lines } = play(
    center({ gpu: nodes(2, { accelerators: 4, cpuMilli: 8000 }) }, { ...easy, placement }),
    jobs,
    0,
  )
  return lines.map((line) => line.replace('0s ', ''))
}

describe('devices that no expected job can use, for want of CPU, are filled first', () => {
  const story = [job('eater').cores(7), job('pair').devices(2).cores(2), job('small').cores(1)]

  it.each([
    ['tightest', tightest, 'small starts on 1:2'],
    ['best-fit', bestFit, 'small starts on 0:1'],
    ['least-fragmentation', least({ cpuMilli: 2000 }), 'small starts on 0:1'],
  ])('%s', (_, rule, last) => {
    expect(placed(rule, ...story)).toEqual(['eater starts on 0:0', 'pair starts on 1:0+1', last])
  })
})

describe('a pair of devices is kept where pairs are expected', () => {
  const story = [job('two').devices(2).cores(4), job('one').cores(5), job('small')]

  it.each([
    ['tightest', tightest, 'small starts on 0:2'],
    ['best-fit', bestFit, 'small starts on 0:2'],
    ['least-fragmentation', least({ acceleratorsMilli: 2000 }), 'small starts on 1:1'],
    ['least-fragmentation, where they are not', least({}), 'small starts on 0:2'],
    [
      'least-fragmentation, where they are elsewhere',
      least({ acceleratorsMilli: 2000, pools: ['npu'] }),
      'small starts on 0:2',
    ],
  ])('%s', (_, rule, last) => {
    expect(placed(rule, ...story)).toEqual(['two starts on 0:0+1', 'one starts on 1:0', last])
  })
})

describe('half a device is kept where halves are expected', () => {
  const story = [job('half').slice(500), job('quarter').slice(250)]

  it.each([
    ['tightest', tightest, 'quarter starts on 0:0'],
    ['best-fit', bestFit, 'quarter starts on 0:0'],
    ['least-fragmentation', least({ acceleratorsMilli: 500 }), 'quarter starts on 0:1'],
    [
      'least-fragmentation, however coarse the steps: any growth is one',
      { ...least({ acceleratorsMilli: 500 }), stepMilli: 1000 },
      'quarter starts on 0:1',
    ],
  ])('%s', (_, rule, last) => {
    expect(placed(rule, ...story)).toEqual(['half starts on 0:0', last])
  })
})

it('a gang takes the nodes that cost least, whatever their numbers', () => {
  const config = center(
    { gpu: nodes(4, { accelerators: 2, cpuMilli: 8000 }) },
    { ...easy, placement: least({ acceleratorsMilli: 2000 }) },
  )
  // Half used nodes are of no use to pairs; of the idle ones the lower number makes up the width.
  const { lines } = play(config, [job('a').cores(8), job('b').cores(8), job('c').wide(3)], 0)
  expect(lines).toEqual(['0s a starts on 0:0', '0s b starts on 1:0', '0s c starts on 0:1 1:1 2:0'])
})

// It would leave room for the pair on the device in use, but that is not the one it would take.
it('a slice passes a promise only where the device it takes leaves room', () => {
  const pool = { gpu: nodes(1, { accelerators: 3 }) }
  const story = [
    job('half').slice(500).for('3h'),
    job('whole').devices(1),
    job('pair').devices(2),
    job('quarter').slice(250).for('3h'),
  ]
  const firstLines = ['0s half starts on 0:0', '0s whole starts on 0:1', '0s pair promised 1h on 0']
  expect(play(center(pool, { ...easy, placement: tightest }), story, 0).lines).toEqual([
    ...firstLines,
    '0s quarter starts on 0:0 (backfill)',
  ])
  const rule = least({ acceleratorsMilli: 500 })
  expect(play(center(pool, { ...easy, placement: rule }), story, 3_600_000).lines).toEqual([
    ...firstLines,
    '1h whole TIMEOUT',
    '1h pair starts on 0:1+2 (reservation)',
    '1h quarter starts on 0:0',
  ])
})

describe('a workload that makes no sense', () => {
  it.each([
    ['none at all', least(), /at least one kind of task/],
    ['a part of a device and a whole one', least({ acceleratorsMilli: 1500 }), /not 1500 thousandths/],
    ['nobody comes', least({ popularity: 0 }), /popularity above 0/],
    ['more than an exact integer holds', least({ popularity: 1e12 }), /too much/],
    ['half a core in thousandths of a thousandth', least({ cpuMilli: 0.5 }), /whole numbers/],
    ['no step', { ...least({}), stepMilli: 0 }, /stepMilli/],
  ])('is refused: %s', (_, placement, message) => {
    const config = center({ gpu: 1 }, { ...easy, placement })
    expect(() => Center.create(config, new FactLog({ keep: false }), 0)).toThrow(message)
  })
})
