// A whole center at work for a long time: does anything grow, and does every job that was accepted come to its end?

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { percentile } from '@dure/bench/statistics'
import type { SubmitJobBody } from '@dure/contract'
import { loadCenter } from '@dure/contract/presets'
import { audit, ENDED_JOBS_KEPT, fileSegments, wholeLedger } from '@dure/engine'
import { stream } from '@dure/sim'
import { ChaosCenter, type ChaosCenterOptions } from '../chaos/center/chaos-center.ts'
import { CenterClient } from '../chaos/client/center-client.ts'
import { readEvents } from '../chaos/client/event-reader.ts'
import { History } from '../chaos/client/history.ts'
import { type CenterSample, sampleCenter } from './center-sample.ts'
import { OpenLoop } from './open-loop.ts'
import { judge, type Limit, notJudged, type Verdict } from './verdict.ts'

export interface SoakLimits {
  /** What a process holds may grow by so many percent in ten minutes. */
  readonly heldPercent: number
  /** File descriptors in ten minutes. */
  readonly fds: number
  /** Percent that the memory of Redis keeps to its median. */
  readonly redisPercent: number
}

/** Those of row 35 of the table of faults. */
export const LIMITS: SoakLimits = { heldPercent: 1, fds: 1, redisPercent: 5 }

interface SoakOptions {
  readonly seconds: number
  /** Submits a second. */
  readonly rate: number
  readonly seed: number
  /** The first part of the run is not judged. */
  readonly warmUpSeconds: number
  readonly sampleMs: number
  /** Every so many samples is a thorough one. */
  readonly thoroughEvery: number
  readonly limits: SoakLimits
  /** Shortest and longest run of a job, which are drawn evenly. */
  readonly runMs: readonly [number, number]
  /** Submits come with an Idempotency-Key each, which Redis keeps for a day. */
  readonly isKeyed: boolean
  readonly center?: Pick<ChaosCenterOptions, 'isSingle' | 'preloads'>
  readonly tell: (sample: CenterSample, soFar: SoFar) => void
  /** Hears what takes long after the last submit. */
  readonly say: (line: string) => void
}

/** What has become of the submits. */
export interface SoFar {
  readonly accepted: number
  readonly ended: number
  /** Of the submits since the last sample; null where none was answered. */
  readonly submitMs: Spread | null
}

interface Spread {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface SoakResult {
  readonly accepted: number
  readonly ended: number
  readonly verdicts: readonly Verdict[]
  /** What must not have happened, whatever was measured. */
  readonly violations: readonly string[]
  readonly submitMs: Spread | null
  readonly listMs: Spread | null
  /** What Redis held more at the last thorough sample of the judged part than at the first, for each job that ended between. */
  readonly perJob: readonly { readonly group: string; readonly keys: number; readonly bytes: number }[]
  readonly samples: readonly (CenterSample & SoFar)[]
}

const PRESET = 'baseline-2024'
const LIMIT_MS = 600_000
const NPU_SHARE = 0.1
const LIST_MS = 1_000
/** After the last submit. */
const DRAIN_MS_MAX = 60_000

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seconds, rate, sampleMs, thoroughEvery, isKeyed, say } = options
  const segments = mkdtempSync(join(tmpdir(), 'dure-soak-segments-'))
  const env = { DURE_SEGMENTS: segments }
  const center = await ChaosCenter.start({ preset: PRESET, speed: 1, env, ...options.center })
  const over = new AbortController()
  const submits = new OpenLoop({ door: center.door, perSecond: rate, draw: drawing(options), isKeyed })
  const jobs = new Ended(submits.accepted, (job) => center.watch.hasEnded(job))
  const samples: (CenterSample & SoFar)[] = []
  try {
    const events = readEvents(center.door, { after: center.watch.revision, isAsleep: false, signal: over.signal })
    const lists = readLists(center, over.signal)
    const beganMs = performance.now()
    let answered = 0
    submits.start()
    // On a machine that has other work a look takes longer, and so does the soak: there are as many all the same.
    for (let i = 1; beganMs + i * sampleMs <= beganMs + 1000 * seconds; i++) {
      await pause(Math.max(0, beganMs + i * sampleMs - performance.now()))
      // A process that has ended is not measured, and what comes after says nothing about the others.
      if (center.accidents.length > 0) break
      const sample = await sampleCenter(center, (performance.now() - beganMs) / 1000, i % thoroughEvery === 0)
      const submitMs = spread(submits.latenciesMs.slice(answered))
      answered = submits.latenciesMs.length
      const soFar = { accepted: submits.accepted.length, ended: jobs.count(), submitMs }
      samples.push({ ...sample, ...soFar })
      options.tell(sample, soFar)
    }
    await submits.stop()
    say('waiting for the last jobs to end')
    const haveAllEnded = await center.watch.until(() => jobs.haveAll(), DRAIN_MS_MAX)
    over.abort()
    const { faults } = await events
    const { listMs, faults: listFaults } = await lists
    say('deciding the whole ledger anew')
    const violations = [
      ...[...submits.others].map(([status, count]) => `${count} submits were answered ${status}`),
      ...(haveAllEnded
        ? []
        : [`${submits.accepted.length - jobs.count()} accepted jobs had not ended a minute after the last submit`]),
      ...faults,
      ...listFaults,
      ...center.accidents,
      ...(center.watch.failure === undefined ? [] : [`the ledger broke: ${String(center.watch.failure)}`]),
      ...(await audit(wholeLedger(center.ports.ledger, fileSegments(segments))).then(
        () => [],
        (error: Error) => [`the ledger: ${error.message}`],
      )),
    ]
    return {
      accepted: submits.accepted.length,
      ended: jobs.count(),
      verdicts: verdictsOf(samples, options),
      violations,
      submitMs: spread(submits.latenciesMs),
      listMs: spread(listMs),
      perJob: perJobOf(samples, options),
      samples,
    }
  } finally {
    over.abort()
    await submits.stop()
    await center.stop()
    rmSync(segments, { recursive: true, force: true })
  }
}

/** Jobs of all users, on one to four accelerators each. */
function drawing({ seed, runMs }: SoakOptions): () => SubmitJobBody {
  const random = stream(seed, 'soak')
  const users = [...new Set(loadCenter(PRESET).associations.map(({ user }) => user))]
  return () => ({
    user: users[random.int(0, users.length - 1)]!,
    accelerator: random.chance(NPU_SHARE) ? 'npu' : 'gpu',
    accelerators_per_node: 1 << random.int(0, 2),
    time_limit_ms: LIMIT_MS,
    run_time_ms: random.int(...runMs),
  })
}

/** How many of the accepted jobs have ended. They end nearly in their order, so that few are looked at twice. */
class Ended {
  readonly #accepted: readonly number[]
  readonly #hasEnded: (job: number) => boolean
  /** All before have ended. */
  #next = 0

  constructor(accepted: readonly number[], hasEnded: (job: number) => boolean) {
    this.#accepted = accepted
    this.#hasEnded = hasEnded
  }

  haveAll(): boolean {
    while (this.#next < this.#accepted.length && this.#hasEnded(this.#accepted[this.#next]!)) this.#next++
    return this.#next === this.#accepted.length
  }

  count(): number {
    this.haveAll()
    return this.#next + this.#accepted.slice(this.#next).filter(this.#hasEnded).length
  }
}

/** Somebody looks at the newest jobs again and again. */
async function readLists(center: ChaosCenter, signal: AbortSignal) {
  const client = new CenterClient(center.door, new History())
  const listMs: number[] = []
  const others = new Map<number, number>()
  while (!signal.aborted) {
    const fromMs = performance.now()
    const { status } = await client.get('/v1/jobs?limit=100')
    if (status === 200) listMs.push(performance.now() - fromMs)
    else others.set(status, (others.get(status) ?? 0) + 1)
    await pause(LIST_MS, undefined, { signal }).catch(() => {})
  }
  return { listMs, faults: [...others].map(([status, count]) => `${count} lists of jobs were answered ${status}`) }
}

function verdictsOf(samples: SoakResult['samples'], { warmUpSeconds, limits }: SoakOptions): Verdict[] {
  const judged = samples.filter(({ atS }) => atS >= warmUpSeconds)
  const first = judged[0]
  if (first === undefined) return []
  const verdicts: Verdict[] = []
  for (const { name } of first.processes) {
    const of = ({ processes }: CenterSample) => processes.find((one) => one.name === name)!
    const fds: Limit = { subject: name, what: 'file descriptors', unit: '', kind: 'growth', max: limits.fds }
    verdicts.push(
      judge(
        fds,
        judged.map((sample) => ({ atS: sample.atS, value: of(sample).fds })),
      ),
    )
    if (name === 'redis') continue
    const held: Limit = {
      subject: name,
      what: 'memory held',
      unit: 'MiB',
      kind: 'growth in percent',
      max: limits.heldPercent,
    }
    const isFilling = name === 'api' && first.ended < ENDED_JOBS_KEPT
    verdicts.push(
      isFilling
        ? notJudged(held, `it keeps the last ${ENDED_JOBS_KEPT} jobs that ended, and had ${first.ended} at first`)
        : judge(
            held,
            judged.flatMap((sample) => {
              const { heldMib } = of(sample)
              return heldMib === null ? [] : [{ atS: sample.atS, value: heldMib }]
            }),
          ),
    )
  }
  return [...verdicts, redisVerdict(judged, limits)]
}

function redisVerdict(judged: SoakResult['samples'], { redisPercent }: SoakLimits): Verdict {
  const limit: Limit = {
    subject: 'redis',
    what: 'memory used',
    unit: 'MiB',
    kind: 'distance in percent',
    max: redisPercent,
  }
  if (judged.at(-1)!.store.firstRevision === 1) return notJudged(limit, 'the whole ledger lies in it')
  return judge(
    limit,
    judged.map(({ atS, store }) => ({ atS, value: store.usedMib })),
  )
}

/** What stays in Redis of each job. Groups of which nothing stays are left out. */
function perJobOf(samples: SoakResult['samples'], { warmUpSeconds }: SoakOptions): SoakResult['perJob'] {
  const thorough = samples.filter(({ atS, groups }) => atS >= warmUpSeconds && groups !== null)
  const [first, last] = [thorough[0], thorough.at(-1)]
  const ended = (last?.ended ?? 0) - (first?.ended ?? 0)
  if (first === undefined || last === undefined || ended === 0) return []
  return last
    .groups!.map(({ name, keys, bytes }) => {
      const before = first.groups!.find((group) => group.name === name)
      return { group: name, keys: (keys - (before?.keys ?? 0)) / ended, bytes: (bytes - (before?.bytes ?? 0)) / ended }
    })
    .filter(({ bytes }) => bytes >= 1)
}

function spread(ms: readonly number[]): Spread | null {
  if (ms.length === 0) return null
  const at = (percent: number): number => Number(percentile(ms, percent).toFixed(1))
  return { p50: at(50), p99: at(99), max: at(100) }
}
