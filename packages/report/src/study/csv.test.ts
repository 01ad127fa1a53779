import { expect, it } from 'vitest'
import { csvOf } from './csv.ts'

it('ends every line as RFC 4180 has it, and leaves empty what nobody knows', () => {
  expect(csvOf(['name', 'value'], [{ name: 'a', value: 1.5 }, { name: 'b, "c"', value: null }, { value: -2 }])).toBe(
    'name,value\r\na,1.5\r\n"b, ""c""",\r\n,-2\r\n',
  )
})

it('makes text of what a spreadsheet would calculate, and leaves negative numbers numbers', () => {
  expect(csvOf(['label', 'mean'], [{ label: '=HYPERLINK("x")', mean: -1 }])).toBe(
    'label,mean\r\n"\'=HYPERLINK(""x"")",-1\r\n',
  )
})

it.each(['=1+1', '+82-2-1234', '-1+cmd', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1+1', '＋1', '－1', '＠x'])(
  'makes text of %j, and leaves a number in the same column one',
  (evil) => {
    const lines = csvOf(['value'], [{ value: evil }, { value: -2.5 }])
    expect(lines).toMatch(/^value\r\n"?'/)
    expect(lines).toMatch(/\r\n-2\.5\r\n$/)
  },
)

it('has a heading where there are no rows', () => expect(csvOf(['a'], [])).toBe('a\r\n'))
