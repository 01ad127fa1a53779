import type { Bilingual, ScenarioFile } from '@dure/contract'
import { planOf } from './plan/plan.ts'

/** Sectors whose waits are columns of rows, as people call them. */
export const sectorsOf = (scenario: ScenarioFile): { name: string; title: Bilingual }[] =>
  (planOf(scenario).scenario.groups ?? []).map(({ name }) => {
    const written = scenario.sectors?.find((sector) => sector.name === name)
    return { name, title: written?.title ?? { ko: name, en: name } }
  })
