import type { ScenarioFile } from '@dure/contract'
import { LogFault, logsIn, type Traces } from './log-plan.ts'
import { planOf } from './plan.ts'

/** What keeps the logs of a scenario from being its demand, the first of it. All of them have been read. */
export function logFaults(scenario: ScenarioFile, traces: Traces): LogFault[] {
  if (logsIn(scenario).length === 0) return []
  try {
    planOf(scenario, traces)
    return []
  } catch (error) {
    if (error instanceof LogFault) return [error]
    throw error
  }
}
