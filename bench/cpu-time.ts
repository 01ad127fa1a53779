// CPU time that processes have used: where there are fewer cores than processes, a rate says what the machine allows, and only this
// says what a process could do on a core of its own. As Linux counts it, by the nanosecond and thread.

import { readdirSync, readFileSync } from 'node:fs'

const NS_PER_MS = 1e6

/** CPU milliseconds of all threads of these processes since they began; undefined where the system does not say. */
export function cpuMs(pids: readonly number[]): number | undefined {
  try {
    return pids.reduce((sum, pid) => sum + cpuNsOf(pid), 0) / NS_PER_MS
  } catch {
    return undefined
  }
}

const cpuNsOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    0,
  )
