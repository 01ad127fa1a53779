import type { Language } from '@dure/contract'
import { table } from '@dure/report'
import type { Command } from 'commander'
import type { CommonOptions } from '../common-options.ts'
import { conformanceCases, judge, type Verdict } from '../conformance.ts'
import { Failure } from '../failure.ts'
import { openScreen, type Screen } from '../screen.ts'

export function declare(command: Command, language: Language): void {
  command
    .option('--all', { ko: '사례마다 한 줄씩', en: 'one row a case, with the source of its numbers' }[language])
    .action(() => {
      const options = command.optsWithGlobals<CommonOptions & { readonly all?: boolean }>()
      const screen = openScreen(options, language)
      const verdicts = conformanceCases().map(judge)
      const failed = verdicts.filter(({ passed }) => !passed)
      const counts = { passed: verdicts.length - failed.length, failed: failed.length }
      if (screen.json) screen.document({ ...counts, cases: verdicts })
      else show(verdicts, options.all ?? false, screen)
      if (counts.failed > 0) {
        throw new Failure('ERR_NOT_CONFORMING', { detail: `${counts.failed} of ${verdicts.length} cases differ` })
      }
      screen.say(
        language === 'ko' ? `사례 ${verdicts.length}개가 모두 일치합니다.` : `All ${verdicts.length} cases agree.`,
      )
    })
}

function show(verdicts: readonly Verdict[], all: boolean, screen: Screen): void {
  if (all) {
    screen.data(
      table(
        [
          { title: 'SYSTEM', value: ({ system }) => system },
          { title: 'KIND', value: ({ kind }) => kind },
          { title: 'RESULT', value: ({ passed }) => (passed ? 'passed' : 'FAILED') },
          { title: 'CASE', value: ({ name }) => name, elastic: 1, widthMin: 24 },
          { title: 'SOURCE', value: ({ source }) => source, elastic: 2, widthMin: 16, expendable: 1 },
        ],
        verdicts,
        screen,
      ),
    )
  } else {
    screen.data(
      table(
        [
          { title: 'SYSTEM', value: ({ system }) => system },
          { title: 'KIND', value: ({ kind }) => kind },
          { title: 'CASES', value: ({ cases }) => cases.length, align: 'right' },
          { title: 'PASSED', value: ({ cases }) => cases.filter(({ passed }) => passed).length, align: 'right' },
          { title: 'FAILED', value: ({ cases }) => cases.filter(({ passed }) => !passed).length, align: 'right' },
        ],
        bySystem(verdicts),
        screen,
      ),
    )
  }
  for (const { name, source, differences } of verdicts) {
    if (differences.length === 0) continue
    screen.data(`\n${name} (${source})`)
    for (const difference of differences) screen.data(`  ${difference}`)
  }
}

function bySystem(verdicts: readonly Verdict[]) {
  const groups = new Map<string, { system: string; kind: string; cases: Verdict[] }>()
  for (const verdict of verdicts) {
    const { system, kind } = verdict
    const key = `${kind}/${system}`
    const group = groups.get(key) ?? { system, kind, cases: [] }
    group.cases.push(verdict)
    groups.set(key, group)
  }
  return [...groups.values()]
}
