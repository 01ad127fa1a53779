import type { Language } from '@dure/contract'
import { table } from '@dure/report'
import type { Command } from 'commander'
import type { CommonOptions } from '../common-options.ts'
import { conformanceCases, judge, type Verdict } from '../conformance/conformance.ts'
import { Failure } from '../failure.ts'
import { openScreen, type Screen } from '../screen.ts'

export function declare(command: Command, language: Language): void {
  command
    .option('--all', { ko: '사례마다 한 줄씩', en: 'one row a case, with the source of its numbers' }[language])
    .action(() => {
      const options = command.optsWithGlobals<CommonOptions & { readonly all?: boolean }>()
      const screen = openScreen(options, language)
      conclude(conformanceCases().map(judge), options.all ?? false, screen)
    })
}

/** Shows the verdicts, and throws where a case differs. */
export function conclude(verdicts: readonly Verdict[], all: boolean, screen: Screen): void {
  const counts = countsOf(verdicts)
  if (screen.json) {
    const systems = bySystem(verdicts).map(({ system, cases }) => ({ system, cases: cases.length, ...countsOf(cases) }))
    screen.document({ ...counts, systems, cases: verdicts })
  } else show(verdicts, all, screen)
  if (counts.failed > 0) {
    throw new Failure('ERR_NOT_CONFORMING', {
      detail: {
        ko: `사례 ${verdicts.length}개 가운데 ${counts.failed}개가 다릅니다`,
        en: `${counts.failed} of ${verdicts.length} cases differ`,
      },
    })
  }
  screen.say(
    screen.language === 'ko' ? `사례 ${verdicts.length}개가 모두 일치합니다.` : `All ${verdicts.length} cases agree.`,
  )
}

function countsOf(verdicts: readonly Verdict[]) {
  const passed = verdicts.filter((verdict) => verdict.passed).length
  const derived = verdicts.filter((verdict) => verdict.derived).length
  return { passed, failed: verdicts.length - passed, derived }
}

function show(verdicts: readonly Verdict[], all: boolean, screen: Screen): void {
  const ko = screen.language === 'ko'
  if (all) {
    screen.data(
      table(
        [
          { title: ko ? '시스템' : 'SYSTEM', value: ({ system }) => system },
          { title: ko ? '종류' : 'KIND', value: ({ kind }) => kind },
          {
            title: ko ? '결과' : 'RESULT',
            value: ({ passed }) => (ko ? (passed ? '일치' : '불일치') : passed ? 'passed' : 'FAILED'),
          },
          { title: ko ? '사례' : 'CASE', value: ({ name }) => name, elastic: 1, widthMin: 24 },
          { title: ko ? '출처' : 'SOURCE', value: sourceOf, elastic: 2, widthMin: 16, expendable: 1 },
        ],
        verdicts,
        screen,
      ),
    )
  } else {
    screen.data(
      table(
        [
          { title: ko ? '시스템' : 'SYSTEM', value: ({ system }) => system },
          { title: ko ? '사례' : 'CASES', value: ({ cases }) => cases.length, align: 'right' },
          { title: ko ? '일치' : 'PASSED', value: ({ cases }) => countsOf(cases).passed, align: 'right' },
          { title: ko ? '불일치' : 'FAILED', value: ({ cases }) => countsOf(cases).failed, align: 'right' },
          { title: ko ? '유도' : 'DERIVED', value: ({ cases }) => countsOf(cases).derived, align: 'right' },
          {
            title: ko ? '종류' : 'KINDS',
            value: ({ kinds }) => [...kinds].join(' '),
            elastic: 1,
            widthMin: 16,
            expendable: 1,
          },
        ],
        bySystem(verdicts),
        screen,
      ),
    )
  }
  for (const verdict of verdicts) {
    const { kind, name, differences } = verdict
    if (differences.length === 0) continue
    screen.data(`\n${kind}: ${name} (${sourceOf(verdict)})`)
    for (const difference of differences) screen.data(`  ${difference}`)
  }
}

const sourceOf = ({ derived, source }: Verdict): string => (derived ? `derived: ${source}` : source)

function bySystem(verdicts: readonly Verdict[]) {
  const groups = new Map<string, { system: string; kinds: Set<string>; cases: Verdict[] }>()
  for (const verdict of verdicts) {
    const { system, kind } = verdict
    const group = groups.get(system) ?? { system, kinds: new Set(), cases: [] }
    group.kinds.add(kind)
    group.cases.push(verdict)
    groups.set(system, group)
  }
  return [...groups.values()]
}
