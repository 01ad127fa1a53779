// The README shows what was really answered; here it is asked again.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { numbersIn, recordedNumbers } from './recorded-numbers.ts'
import { leaveNothing, makeHome } from './started-center.ts'
import { exchangesOf, play, shapeOf, withExchanges } from './transcript.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const home = makeHome()
afterAll(() => leaveNothing(home))

describe('the README', () => {
  it('shows what its commands answer', async () => {
    const written = exchangesOf(readme)
    const { center, exchanges } = await play(
      written.map(({ command }) => command),
      home,
      root,
    )
    for (const [index, { command, output }] of exchanges.entries()) {
      expect(shapeOf(output), `${command}: \`npm run readme\` records it anew`).toEqual(
        shapeOf(written[index]?.output ?? ''),
      )
    }
    expect(await center.stop()).toBe(0)
  })

  it('has the numbers of the newest recorded bench', () => {
    expect(numbersIn(readme)).toBe(recordedNumbers())
  })
})

describe('the shape of an answer', () => {
  const table = 'POOL  KIND  ACC\nh100  gpu   2,000\nrngd  npu   256'

  it('is the same for other numbers and other names in a table', () => {
    expect(shapeOf('POOL  KIND  ACC\nh100  gpu   1\nrngd  xpu   99.5 %')).toEqual(shapeOf(table))
  })

  it.each([
    ['another title', table.replace('KIND', 'SORT')],
    ['a column less', table.replace('  gpu ', '')],
    ['a row more', `${table}\naimx  pim   64`],
    ['a word where a number was', table.replace('256', 'many')],
    ['another first cell', table.replace('rngd', 'warboy')],
    ['another sentence', `${table}\nThe end.`],
  ])('differs for %s', (_, other) => {
    expect(shapeOf(other)).not.toEqual(shapeOf(table))
  })

  it('is put back where it was read', () => {
    const page = 'Text\n```console\n$ a\none\n\n$ b\ntwo\n```\nmore\n```console\n$ c\nthree\n```\n```sh\n$ d\n```\n'
    expect(exchangesOf(page).map(({ command }) => command)).toEqual(['a', 'b', 'c'])
    expect(withExchanges(page, exchangesOf(page))).toBe(page)
  })
})
