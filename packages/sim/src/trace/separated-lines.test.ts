import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeparatedLines } from './separated-lines.ts'

interface Read {
  readonly records: readonly (readonly [line: number, ...cells: string[]])[]
  readonly broken: readonly (readonly [line: number, reason: string])[]
  readonly lacksEnd: boolean
}

function read(chunks: readonly (string | Uint8Array)[], separator = ',', quotes = true): Read {
  const records: [number, ...string[]][] = []
  const broken: [number, string][] = []
  const lines = new SeparatedLines({
    separator,
    quotes,
    record: (cells, line) => void records.push([line, ...cells]),
    broken: (reason, line) => void broken.push([line, reason]),
  })
  for (const chunk of chunks) lines.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)
  const lacksEnd = lines.end()
  return { records, broken, lacksEnd }
}

describe('separated lines', () => {
  it.each<[string, string, Read['records']]>([
    [
      'cells, empty ones among them',
      'a,b,c\n,,\n',
      [
        [1, 'a', 'b', 'c'],
        [2, '', '', ''],
      ],
    ],
    [
      'a byte order mark and carriage returns',
      '\uFEFFa,b\r\nc,d\r\n',
      [
        [1, 'a', 'b'],
        [2, 'c', 'd'],
      ],
    ],
    [
      'blank lines, which still count as lines',
      'a\n\n  \nb\n',
      [
        [1, 'a'],
        [4, 'b'],
      ],
    ],
    [
      'no newline at the end',
      'a,b\nc,d',
      [
        [1, 'a', 'b'],
        [2, 'c', 'd'],
      ],
    ],
    ['separators in quotation marks', 'a,"b,c",d\n', [[1, 'a', 'b,c', 'd']]],
    ['quotation marks written twice', '"say ""no""",x\n', [[1, 'say "no"', 'x']]],
    [
      'a line end in quotation marks',
      'a,"one\ntwo",b\nnext,,\n',
      [
        [1, 'a', 'one\ntwo', 'b'],
        [3, 'next', '', ''],
      ],
    ],
    [
      'quotation marks and carriage returns',
      '"a"\r\n"b"\r\n',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    ['a mark within a cell, which is a mark', 'a,5" disk\n', [[1, 'a', '5" disk']]],
    ['Hangul', '두레,"몫, 차례"\n', [[1, '두레', '몫, 차례']]],
  ])('has %s', (_, text, records) => {
    expect(read([text])).toEqual({ records, broken: [], lacksEnd: !text.endsWith('\n') })
  })

  it('takes quotation marks for what they are where nothing is quoted', () => {
    expect(read(['1|"half|x\n'], '|', false).records).toEqual([[1, '1', '"half', 'x']])
  })

  it('loses one line to broken quotation marks, and none after it', () => {
    expect(read(['a,"b"x,c\nd,e\n']).records).toEqual([[2, 'd', 'e']])
    const open = read([`a,b\nc,"d\n${'e,f\n'.repeat(3)}`])
    expect(open.broken).toEqual([[2, 'broken-quotes']])
    expect(open.records).toEqual([
      [1, 'a', 'b'],
      [3, 'e', 'f'],
      [4, 'e', 'f'],
      [5, 'e', 'f'],
    ])
  })

  it('holds no line that never ends in memory, and goes on after it', () => {
    const long = 'x'.repeat(1_000_000)
    for (const chunks of [[`a\n${long}\nb\n`], ['a\n', long, long, '\nb\n']]) {
      expect(read(chunks)).toEqual({
        records: [
          [1, 'a'],
          [3, 'b'],
        ],
        broken: [[2, 'line-too-long']],
        lacksEnd: false,
      })
    }
    const quoted = read([`a,"${'y,'.repeat(100_000)}\nb\n`])
    expect(quoted.records).toEqual([[2, 'b']])
  })

  const cellText = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', '두'), maxLength: 6 })
  const rows = fc.array(fc.array(cellText, { minLength: 2, maxLength: 4 }), { maxLength: 8 })
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`

  it('reads back whatever is written by the rules, in chunks of any size', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (table, sizes) => {
        const bytes = new TextEncoder().encode(table.map((row) => `${row.map(quoted).join(',')}\n`).join(''))
        const { records, broken } = read(inChunks(bytes, sizes))
        expect(broken).toEqual([])
        expect(records.map(([, ...cells]) => cells)).toEqual(table)
      }),
    )
  })

  it('reads anything the same in one piece and in many', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r'), maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
        (text, sizes) => {
          expect(read(inChunks(new TextEncoder().encode(text), sizes))).toEqual(read([text]))
        },
      ),
      { numRuns: 500 },
    )
  })
})

/** The bytes in chunks whose sizes repeat. */
function inChunks(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    chunks.push(bytes.slice(at, at + size))
    at += size
  }
  return chunks
}
