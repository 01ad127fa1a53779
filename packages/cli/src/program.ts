// From arguments to a command and from its end to an exit code.

import { readFileSync } from 'node:fs'
import type { Language } from '@dure/contract'
import { Command, CommanderError } from 'commander'
import { addCommonOptions, languageOf } from './common-options.ts'
import { Failure } from './failure.ts'
import { usageWords } from './usage-words.ts'
import { groupTitles, type Verb, verbs } from './verbs.ts'

/** Options that may stand before the command and take a value. */
const leading = ['--lang', '--url', '--key-file']

/** Runs `dure` with its arguments. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  const language = languageOf(own, process.env)
  if (own.includes('--no-color')) process.env.NO_COLOR = '1'
  const spoken = language === 'unknown' ? 'en' : language
  const usage: string[] = []
  try {
    if (language === 'unknown')
      throw new Failure('ERR_USAGE', {
        detail: { ko: '--lang은 ko 또는 en이어야 합니다', en: '--lang must be ko or en' },
      })
    const program = await programFor(verbOf(own), language, (text) => void usage.push(text))
    await program.parseAsync([...args], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    const { reportFailure } = await import('./failure-report.ts')
    const failure = error instanceof CommanderError ? usageFailure(error, usage) : error
    const { text, exitCode } = reportFailure(failure, spoken, own.includes('--json'))
    process.stderr.write(text)
    return exitCode
  }
}

/** The command that is asked for; also behind `help`. */
function verbOf(args: readonly string[]): Verb | undefined {
  const words = args.filter((arg, i) => !arg.startsWith('-') && !leading.includes(args[i - 1] ?? ''))
  const name = words[0] === 'help' ? words[1] : words[0]
  return verbs.find((verb) => verb.name === name)
}

/** @param complain takes what commander says about a wrong command line, instead of the terminal */
async function programFor(
  asked: Verb | undefined,
  language: Language,
  complain: (text: string) => void,
): Promise<Command> {
  const program = new Command('dure')
    .description(
      {
        ko: '국가 AI 컴퓨팅 센터의 스케줄러와 시뮬레이터',
        en: 'The scheduler and simulator of a national AI computing center.',
      }[language],
    )
    .version(ownVersion(), '-V, --version', { ko: '버전', en: 'the version' }[language])
    .exitOverride()
    .configureOutput({ outputError: complain })
    .helpCommand('help [COMMAND]', { ko: '명령 도움말', en: 'how to use a command' }[language])
    .addHelpText(
      'after',
      {
        ko: '\n종료 코드: 0 성공, 1 실패, 2 사용법, 4 없음, 5 충돌, 69 연결 불가, 77 권한 없음, 99 기준 미달, 130 중단',
        en: '\nExit codes: 0 ok, 1 failed, 2 usage, 4 not found, 5 conflict, 69 unavailable, 77 denied, 99 threshold missed, 130 interrupted',
      }[language],
    )
  addCommonOptions(program, language)
  for (const verb of verbs) {
    const command = program.command(verb.name, { hidden: verb.isHidden ?? false })
    command.description(verb.summary[language]).helpGroup(groupTitles[verb.group][language])
    if (verb !== asked) continue
    const { declare } = await verb.load()
    declare(command, language)
    addCommonOptions(command, language)
  }
  return program
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

/** Commander's complaint as one of ours. `dure` alone is a question and answered with the help, as a usage error. */
function usageFailure(error: CommanderError, said: readonly string[]): Failure {
  const text = said
    .join('')
    .trim()
    .replace(/^error: /, '')
  if (error.code === 'commander.help')
    return new Failure('ERR_USAGE', { detail: { ko: '명령이 빠졌습니다', en: 'a command is missing' } })
  return new Failure('ERR_USAGE', { detail: usageWords((text || error.message).replaceAll(/\s*\n\s*/g, ' ')) })
}
