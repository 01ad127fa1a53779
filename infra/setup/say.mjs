// Progress goes to stderr, so that stdout stays free for what was asked for.

/**
 * One line about something that was done or found.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`  ${line}\n`)
}

/**
 * Says what went wrong, in a sentence, and ends the process.
 * @param {string} sentence
 * @param {number} exitCode
 * @returns {never}
 */
export function giveUp(sentence, exitCode) {
  process.stderr.write(`dure: ${sentence}\n`)
  process.exit(exitCode)
}

/**
 * Seconds since `startedMs` (a `performance.now()`), for people: `12 s`, `0.4 s`.
 * @param {number} startedMs
 */
export function secondsSince(startedMs) {
  const seconds = (performance.now() - startedMs) / 1000
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
}
