// A progress bar on standard error for what takes longer than people like to wait without a word.

import type { Screen } from './screen.ts'

export interface Progress {
  /** Works from inside a long computation, where no timer comes to its turn. */
  update(done: number): void
  stop(): void
}

/** Work that is done within this time needs no bar. */
const SILENT_MS = 2000

/** @param noun what is counted, such as `jobs` */
export async function openProgress(screen: Screen, total: number, noun: string): Promise<Progress> {
  if (!screen.isWatched) return { update() {}, stop() {} }
  const { SingleBar } = await import('cli-progress')
  const bar = new SingleBar({
    format: `{bar} {percentage} %  {value}/{total} ${noun}  {duration_formatted} / ~{eta_formatted}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  })
  const beganMs = performance.now()
  let isShown = false
  return {
    update(done) {
      if (!isShown && performance.now() - beganMs > SILENT_MS) {
        isShown = true
        bar.start(total, 0)
      }
      if (isShown) bar.update(done)
    },
    stop: () => bar.stop(),
  }
}
