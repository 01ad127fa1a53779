// Where each kind of work runs in a scenario, and how fast: the catalogue's table, for its pools and its year.

import {
  type CheckedScenario,
  type JobKindName,
  type JobSpeed,
  jobKindNames,
  koreanYear,
  type NpuReadiness,
  speedOf,
  valueIn,
} from '@dure/contract'
import type { CenterConfig } from '@dure/core'
import type { KindSpeed } from '@dure/sim'

const MILLE = 1000

/** Work of a fitted model has kinds of its own; as training does, it waits for the arithmetic. */
const UNKNOWN_KIND: JobKindName = 'fine-tune'

const isKnown = (kind: string): kind is JobKindName => (jobKindNames as readonly string[]).includes(kind)

/** @param kinds names of all kinds that are asked for */
export function speedsFor(
  scenario: CheckedScenario,
  pools: CenterConfig['pools'],
  kinds: readonly string[],
): KindSpeed[] {
  const year = koreanYear(scenario.date)
  const readiness = readinessOf(scenario, year)
  return kinds.flatMap((kind) =>
    pools.flatMap((pool): KindSpeed[] => {
      if (pool.kind === 'cpu') return []
      const speed: JobSpeed = speedOf(isKnown(kind) ? kind : UNKNOWN_KIND, pool.model, year, readiness)
      // Where there is no speed to speak of, whole thousandths are none.
      if (!speed.runs || speed.mille < 1) return []
      return [{ kind, pool: pool.name, mille: speed.mille, portableMille: speed.portableMille }]
    }),
  )
}

/** Of a thousand jobs of inference, those that NPU software can run in a year; undefined: as the catalogue assumes. */
export function readinessOf({ readiness }: CheckedScenario, year: number): readonly NpuReadiness[] | undefined {
  if (readiness === undefined) return undefined
  const mille = Math.round(MILLE * valueIn(readiness, year))
  return [{ year, publishedMille: readiness.assumed ? null : mille, assumedMille: mille }]
}
