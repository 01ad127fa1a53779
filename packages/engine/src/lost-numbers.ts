/**
 * What is left out of the intake's numbering when a store starts again that may have forgotten its last second: more than it
 * gives out in that time. A command under a forgotten number may live on in somebody's memory; the number must not be given to
 * another.
 */
export const LOST_NUMBERS_MAX = 10_000
