import { type Bilingual, ScenarioFile } from '@dure/contract'
import { sectorsOf as accountGroups } from './plan/demand-plan.ts'

/** Sectors whose waits are columns of rows, as people call them. */
export const sectorsOf = (scenario: ScenarioFile): { name: string; title: Bilingual }[] =>
  accountGroups(ScenarioFile.parse(scenario)).map(({ name }) => {
    const written = scenario.sectors?.find((sector) => sector.name === name)
    return { name, title: written?.title ?? { ko: name, en: name } }
  })
