// What a figure was measured on; without it the figure says little.

import { execFileSync } from 'node:child_process'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memory_gb: number
  readonly system: string
  readonly node: string
  readonly redis: string
  /** Runnable processes over the last minute before the start: above 0 there was other work. */
  readonly load_before: number
}

export function thisMachine(): Machine {
  const cores = cpus()
  return {
    cores: cores.length,
    cpu: cores[0]?.model.trim() ?? 'unknown',
    memory_gb: Math.round(totalmem() / 1e9),
    system: `${platform()} ${release()}`,
    node: process.version,
    redis: redisVersion(),
    load_before: Number(loadavg()[0]!.toFixed(2)),
  }
}

/** The commit that is checked out, and whether files differ from it; null where git cannot tell. */
export function commitHere(): string | null {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return null
  }
}

export const machineLine = ({ cores, cpu, memory_gb, system, node, redis, load_before }: Machine): string =>
  `${cores} × ${cpu}, ${memory_gb} GB, ${system}, Node ${node}, Redis ${redis}, load before ${load_before}`

function redisVersion(): string {
  try {
    const said = execFileSync('redis-server', ['--version'], { encoding: 'utf8' })
    return /v=(\S+)/.exec(said)?.[1] ?? 'unknown'
  } catch {
    return 'none'
  }
}
