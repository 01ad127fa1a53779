// One measurement at one size, which has a process of its own, so that what is weighed is nobody else's. Both sides know it.

export type CapacityTask =
  /**
   * The modelled demand from beginning to end, on one center after another, each with a seed of its own. One seed says little: how
   * many wait differs a thousandfold between two days of a small center.
   */
  | {
      readonly kind: 'demand'
      readonly multiple: number
      readonly seeds: number
      readonly load: number
      readonly days: number
      readonly openedBeforeDays: number
      /** How often all of it is run with the clock, after once without. */
      readonly runs: number
    }
  /** Single decisions with so many waiting. */
  | {
      readonly kind: 'backlog'
      readonly multiple: number
      readonly days: number
      readonly pending: number
      readonly passes: number
    }

export interface CapacityMeasurement {
  readonly jobs: number
  readonly accelerators: number
  /** Jobs a second: of each run over all seeds, or started by finishes. */
  readonly rates: readonly number[]
  /** Empty where whole demands were run. */
  readonly finishMs: readonly number[]
  /** Resident, at the end. */
  readonly rssMb: number
  readonly answer: string
}
