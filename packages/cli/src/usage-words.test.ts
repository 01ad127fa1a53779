import { Command, CommanderError, Option } from 'commander'
import { expect, it } from 'vitest'
import { usageWords } from './usage-words.ts'

/** What commander itself says to some arguments, so that a version of it that speaks otherwise is noticed. */
function complaint(args: readonly string[]): string {
  const said: string[] = []
  const program = new Command('dure').exitOverride().configureOutput({ outputError: (text) => void said.push(text) })
  program
    .command('sim')
    .argument('<FILE>')
    .allowExcessArguments(false)
    .addOption(new Option('--pass-per <RULE>').choices(['instant', 'event']))
    .addOption(new Option('--days <N>').conflicts('trace'))
    .option('--trace <FILE>')
    .exitOverride()
    .configureOutput({ outputError: (text) => void said.push(text) })
  expect(() => program.parse([...args], { from: 'user' })).toThrow(CommanderError)
  return said
    .join('')
    .trim()
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
}

it.each([
  [['sim', 'a', '--pass-pr', 'event'], "'--pass-pr' 옵션은 없습니다. 혹시 --pass-per입니까?"],
  [['sin'], "'sin' 명령은 없습니다. 혹시 sim입니까?"],
  [['sim'], "'FILE' 인수가 빠졌습니다"],
  [['sim', 'a', 'b'], "'sim' 명령의 인수가 너무 많습니다. 1개여야 하는데 2개입니다: a, b"],
  [['sim', 'a', '--trace'], "'--trace <FILE>' 옵션의 값이 빠졌습니다"],
  [
    ['sim', 'a', '--pass-per', 'year'],
    "'--pass-per <RULE>' 옵션의 값으로 'year'은(는) 쓸 수 없습니다. 쓸 수 있는 값: instant, event",
  ],
  [['sim', 'a', '--days', '1', '--trace', 'x'], "'--days <N>' 옵션은 '--trace <FILE>' 옵션과 함께 쓸 수 없습니다"],
])('what commander says to %j is said in Korean', (args, korean) => {
  const english = complaint(args)
  expect(usageWords(english)).toEqual({ ko: korean, en: english })
})

it('what nobody has translated stays as it is', () =>
  expect(usageWords('something new')).toEqual({ ko: 'something new', en: 'something new' }))
