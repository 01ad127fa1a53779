// A progress bar on standard error for what takes longer than people like to wait without a word.

import { width } from '@dure/report'
import type { Screen } from './screen.ts'

export interface Progress {
  /**
   * Works from inside a long computation, where no timer comes to its turn.
   * @param total where it has turned out to be more or less than it was taken for
   */
  update(done: number, total?: number): void
  stop(): void
}

/** Work that is done within this time needs no bar. */
const SILENT_MS = 2000

/** What is left of a line beside the numbers: `100 %  1500000/1500000 jobs  1h59m / ~1h59m`. */
function barColumns(total: number, noun: string): number {
  const numbers = 2 * String(total).length + width(noun) + ' 100 %  /   1h59m / ~1h59m '.length
  return Math.max(4, Math.min(40, process.stderr.columns - numbers))
}

/** @param noun what is counted, such as `jobs` */
export async function openProgress(screen: Screen, total: number, noun: string): Promise<Progress> {
  if (!screen.isWatched) return { update() {}, stop() {} }
  const { SingleBar } = await import('cli-progress')
  const bar = new SingleBar({
    format: `{bar} {percentage} %  {value}/{total} ${noun}  {duration_formatted} / ~{eta_formatted}`,
    stream: process.stderr,
    // A computation that is ended from outside restores nothing, so nothing is changed: the cursor stays, lines wrap, and the
    // bar keeps within one.
    hideCursor: false,
    linewrap: true,
    barsize: barColumns(total, noun),
    clearOnComplete: true,
  })
  const beganMs = performance.now()
  let isShown = false
  return {
    update(done, newTotal) {
      if (!isShown && performance.now() - beganMs > SILENT_MS) {
        isShown = true
        bar.start(total, 0)
      }
      if (!isShown) return
      if (newTotal !== undefined) bar.setTotal(newTotal)
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}
