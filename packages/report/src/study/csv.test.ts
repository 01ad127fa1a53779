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

it('has a heading where there are no rows', () => expect(csvOf(['a'], [])).toBe('a\r\n'))
