// The order in which HTCondor's negotiator offers the slots that match a job: its ranking before the job's, the job's own,
// then its ranking after; the slot's place where all are equal. What a center values first stands before what a job likes.

export interface RankedSlot {
  readonly rankBefore: number
  readonly rankOfJob: number
  readonly rankAfter: number
}

/** Indices of `slots`, best first. */
export const matchOrder = (slots: readonly RankedSlot[]): number[] =>
  slots
    .map((slot, index) => ({ slot, index }))
    .sort(
      (a, b) =>
        b.slot.rankBefore - a.slot.rankBefore ||
        b.slot.rankOfJob - a.slot.rankOfJob ||
        b.slot.rankAfter - a.slot.rankAfter ||
        a.index - b.index,
    )
    .map(({ index }) => index)
