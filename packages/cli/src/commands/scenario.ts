import { type Language, scenarioJsonSchema } from '@dure/contract'
import { loadScenario, scenarioNames } from '@dure/contract/scenarios'
import { table } from '@dure/report'
import { figuresOf, outlookOf, type YearOutlook } from '@dure/study'
import { type Command, Option } from 'commander'
import type { CommonOptions } from '../common-options.ts'
import { scenarioReport } from '../scenario-report.ts'
import { openScenarioSource } from '../scenario-source.ts'
import { openScreen, type Screen } from '../screen.ts'

interface Options extends CommonOptions {
  readonly schema?: boolean
}

export function declare(command: Command, language: Language): void {
  command
    .argument(
      '[SCENARIO]',
      { ko: '시나리오 이름 또는 YAML 파일. 없으면 이름 목록', en: 'a name or a YAML file; none: the names there are' }[
        language
      ],
    )
    .addOption(
      new Option(
        '--schema',
        { ko: '시나리오 파일의 JSON Schema (편집기용)', en: 'JSON Schema of scenario files, for editors' }[language],
      ),
    )
    .addHelpText(
      'after',
      '\n  $ dure scenario plan-2030\n  $ dure scenario mine.yaml --json\n  $ dure scenario --schema > scenario.schema.json',
    )
    .action(async (source: string | undefined) => {
      const options = command.optsWithGlobals<Options>()
      const screen = openScreen(options, language)
      if (options.schema) return screen.document(scenarioJsonSchema())
      if (source === undefined) return list(screen)
      const { scenario } = await openScenarioSource(source, language)
      const years = outlookOf(scenario)
      if (screen.json) screen.document({ scenario, years: years.map(inJson), figures: figuresOf(scenario) })
      else screen.data(scenarioReport(scenario, years, screen))
    })
}

function list(screen: Screen): void {
  const items = scenarioNames().flatMap((name) => {
    const read = loadScenario(name, screen.language)
    return read.ok ? [{ name, description: read.scenario.description ?? { ko: '', en: '' } }] : []
  })
  if (screen.json) {
    screen.document({ items, next_cursor: null })
    return
  }
  const { language } = screen
  const columns = [
    { title: { ko: '이름', en: 'NAME' }[language], value: ({ name }: (typeof items)[number]) => name },
    {
      title: { ko: '설명', en: 'WHAT IT IS' }[language],
      value: ({ description }: (typeof items)[number]) => description[language],
      elastic: 1,
      wraps: true,
    },
  ]
  screen.data(table(columns, items, screen))
}

const inJson = (one: YearOutlook) => ({
  year: one.year,
  accelerators: one.accelerators,
  npu_share: one.npuShare,
  capacity: one.capacity,
  gaps: one.gaps,
  readiness: one.readiness,
  demand_index: one.demandIndex,
  h100s_asked: one.h100sAsked,
  site_mw_full: one.siteMwFull,
  capex_krw: one.capexKrw,
})
