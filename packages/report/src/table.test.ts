import { describe, expect, it } from 'vitest'
import { type Column, facts, table } from './table.ts'
import { fitted, printable, width } from './text.ts'

interface Row {
  readonly id: number
  readonly name: string
  readonly account: string
  readonly gpus: number
  readonly why: string | null
}

const columns: readonly Column<Row>[] = [
  { title: 'JOBID', value: ({ id }) => id, align: 'right' },
  { title: 'NAME', value: ({ name }) => name, elastic: 1 },
  { title: 'ACCOUNT', value: ({ account }) => account, elastic: 2, widthMin: 6, expendable: 1 },
  { title: 'GPUS', value: ({ gpus }) => gpus, align: 'right' },
  { title: 'REASON', value: ({ why }) => why, elastic: 3 },
]

const rows: readonly Row[] = [
  { id: 7, name: '대규모 언어 모델 사전학습', account: 'univ-a', gpus: 1024, why: 'Resources: 128 nodes wanted' },
  { id: 12345, name: 'finetune', account: '공동연구소', gpus: 8, why: null },
]

const drawn = (columnsMax: number): string => table(columns, rows, { width: columnsMax })
const lines = (text: string): string[] => text.split('\n')

describe('a table', () => {
  it('stands whole where there is room', () => {
    expect(drawn(200)).toBe(
      [
        'JOBID  NAME                       ACCOUNT     GPUS  REASON',
        '    7  대규모 언어 모델 사전학습  univ-a      1024  Resources: 128 nodes wanted',
        '12345  finetune                   공동연구소     8  -',
      ].join('\n'),
    )
  })

  it('shortens the most elastic column first', () => {
    expect(drawn(70)).toBe(
      [
        'JOBID  NAME                       ACCOUNT     GPUS  REASON',
        '    7  대규모 언어 모델 사전학습  univ-a      1024  Resources: 128 no…',
        '12345  finetune                   공동연구소     8  -',
      ].join('\n'),
    )
  })

  it('then the next, by whole syllables', () => {
    expect(drawn(50)).toBe(
      [
        'JOBID  NAME               ACCOU…  GPUS  REASON',
        '    7  대규모 언어 모델…  univ-a  1024  Resourc…',
        '12345  finetune           공동…      8  -',
      ].join('\n'),
    )
  })

  it('breaks what is to be read whole between words', () => {
    const whole = columns.map((column) => (column.title === 'REASON' ? { ...column, wraps: true } : column))
    expect(table(whole, rows, { width: 62 })).toBe(
      [
        'JOBID  NAME                       ACCOUNT     GPUS  REASON',
        '    7  대규모 언어 모델 사전학습  univ-a      1024  Resources:',
        '                                                    128 nodes',
        '                                                    wanted',
        '12345  finetune                   공동연구소     8  -',
      ].join('\n'),
    )
  })

  it('leaves a column out where shortening is not enough, and gives its room back', () => {
    expect(drawn(36)).toBe(
      ['JOBID  NAME          GPUS  REASON', '    7  대규모 언어…  1024  Resourc…', '12345  finetune         8  -'].join(
        '\n',
      ),
    )
  })

  it.each([36, 40, 50, 60, 70, 80, 120, 200])('is never wider than %i columns', (columnsMax) => {
    for (const line of lines(drawn(columnsMax))) expect(width(line)).toBeLessThanOrEqual(columnsMax)
  })

  it('keeps every number, however narrow the window', () => {
    for (const columnsMax of [1, 10, 20, 36, 80]) {
      const [, first = '', second = ''] = lines(drawn(columnsMax))
      expect(first).toMatch(/\b7\b.*\b1024\b/)
      expect(second).toMatch(/\b12345\b.*\b8\b/)
    }
  })

  it('is its titles alone without rows, and emphasizes only those', () => {
    expect(table(columns, [], { width: 80, emphasis: (text) => `<${text}>` })).toBe(
      '<JOBID  NAME  ACCOUNT  GPUS  REASON>',
    )
  })

  it('does not let a name drive the terminal', () => {
    const evil: Row = { id: 1, name: 'a\u001b[2Jb\r\nc\u202e', account: 'x', gpus: 1, why: null }
    const text = table(columns, [evil], { width: 200 })
    expect(lines(text)).toHaveLength(2)
    expect(text).toContain('a\uFFFD[2Jb c\uFFFD')
  })
})

describe('a text', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['가나다', 6, '가나다'],
    ['가나다', 5, '가나…'],
    ['가나다', 4, '가…'],
    ['가나다', 1, '…'],
    ['가나다', 0, ''],
    ['👩‍👩‍👧 가족', 3, '👩‍👩‍👧…'],
  ])('%s in %i columns is %s', (text, columnsMax, expected) => {
    expect(fitted(text, columnsMax)).toBe(expected)
    expect(width(fitted(text, columnsMax))).toBeLessThanOrEqual(columnsMax)
  })

  it('keeps letters of any script', () => expect(printable('한글 école 学校')).toBe('한글 école 学校'))
})

it('lines up what is known, and leaves out what is not', () => {
  expect(
    facts([
      ['작업', 7],
      ['state', 'PENDING'],
      ['pool', null],
      ['이름', 'a\nb'],
    ]),
  ).toBe(['작업   7', 'state  PENDING', '이름   a b'].join('\n'))
})
