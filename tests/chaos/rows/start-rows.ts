// What a center does at its start: on a Redis that must not be trusted, on a mountain of work, on a copy.

import { cpSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { admissionOf, commandIdOf, SubmitJob } from '@dure/contract'
import { loadCenter } from '@dure/contract/presets'
import { audit, redisPorts } from '@dure/engine'
import { startPrivateRedis } from '@dure/engine/testing'
import { stream } from '@dure/sim'
import { ChaosCenter } from '../center/chaos-center.ts'
import { Role, type ServiceName } from '../center/role.ts'
import { CenterClient } from '../client/center-client.ts'
import { History } from '../client/history.ts'
import { Workload } from '../client/workload.ts'
import { readLedger } from '../ledger/ledger-reading.ts'
import type { RoundResult, StandaloneRow } from './row.ts'

const centerFile = fileURLToPath(new URL('../center/small.yaml', import.meta.url))

type PlayRound = (seed: number, round: number) => Promise<RoundResult>

const each =
  (play: PlayRound): StandaloneRow['play'] =>
  async ({ first, count }, seed, tell) => {
    for (let round = first; round < first + count; round++) tell(round, await play(seed, round))
  }

const unfit: readonly { readonly args: readonly string[]; readonly words: string }[] = [
  { args: ['--maxmemory-policy', 'allkeys-lru'], words: 'set maxmemory-policy to noeviction' },
  { args: ['--appendonly', 'no'], words: 'set appendonly to yes' },
]
const services: readonly ServiceName[] = ['scheduler', 'executor', 'api']

const refusesUnfit: PlayRound = async (_, round) => {
  const { args, words } = unfit[round % unfit.length]!
  const service = services[round % services.length]!
  const redis = await startPrivateRedis({ args })
  try {
    const env = { DURE_REDIS_URL: redis.url, DURE_PORT: '0', DURE_DATA: redis.directory, DURE_LOG_LEVEL: 'warn' }
    const role = new Role({ service, name: service, env, preloads: [] })
    void role.start()
    const hasEnded = await role.ended(10_000)
    if (!hasEnded) await role.remove()
    const isRefusal = role.accidents.some((said) => said.startsWith(`${service} ended with 78`))
    return {
      violations: [
        ...(hasEnded && isRefusal ? [] : [`${service} did not refuse ${args.join(' ')}`]),
        ...(role.output().includes(words) ? [] : [`${service} did not say: ${words}`]),
      ],
    }
  } finally {
    await redis.stop()
  }
}

const STALLED = 10_000

/** Commands lie in the hands of a leader that is dead, and more than a leader takes at a time. */
const startsOnMountain: PlayRound = async () => {
  const redis = await startPrivateRedis()
  const settings = redis.settings()
  const ports = await redisPorts(settings, 'chaos')
  let center: ChaosCenter | undefined
  try {
    const admit = admissionOf(loadCenter(centerFile))
    const admission = admit(SubmitJob.parse({ run_time_ms: 1, time_limit_ms: 60_000 }), 'ada')
    if (admission.kind !== 'admitted') throw new Error(admission.detail.en)
    for (let sent = 0; sent < STALLED; sent += 64) {
      await Promise.all(
        Array.from({ length: Math.min(64, STALLED - sent) }, async () => {
          const reserved = await ports.intake.reserve({})
          if (reserved.kind !== 'reserved') throw new Error(`a number was answered ${reserved.kind}`)
          const { seq } = reserved
          await ports.commands.send({
            id: commandIdOf(seq),
            seq,
            command: { type: 'submit', job: seq, ...admission.command },
          })
        }),
      )
    }
    // A leader that takes them and dies.
    const lease = await ports.lease.acquire('doomed', 1_000)
    if (lease.kind !== 'acquired') throw new Error('the lease is held')
    const held = await ports.commands.consume({ epoch: lease.epoch, concurrency: 512, handler: async () => {} })
    const isHeld = async () => (await ports.commands.backlog()).active > 0
    while (!(await isHeld())) await pause(20)
    const directory = mkdtempSync(join(tmpdir(), 'dure-chaos-mountain-'))
    await redis.kill()
    cpSync(redis.directory, directory, { recursive: true })
    void held?.stop()

    const fromMs = performance.now()
    center = await ChaosCenter.start({ redis: { directory }, prefix: settings.prefix })
    const client = new CenterClient(center.door, new History())
    const call = await client.submit({ name: 'new', user: 'ben', run_time_ms: 1 })
    const { watch } = center
    const isFirst = await watch.until(() => watch.hasEnded(call.job ?? 0), 30_000)
    const firstMs = performance.now() - fromMs
    const areAll = await watch.until(
      () => watch.jobs.size > STALLED && [...watch.jobs.values()].every(({ state }) => state === 'ended'),
      300_000,
    )
    const allMs = performance.now() - fromMs
    return {
      late: isFirst ? [] : [`a new job did not end within ${Math.round(firstMs)} ms`],
      violations: [
        ...(areAll ? [] : [`${watch.jobs.size} jobs were known after ${Math.round(allMs)} ms, and not all had ended`]),
        ...center.accidents,
      ],
      recoveryMs: allMs,
    }
  } finally {
    await center?.stop()
    await ports.close()
    await redis.stop()
  }
}

/** A copy of the files of a Redis at work, on another one. */
const restoresCopy: PlayRound = async (seed, round) => {
  const center = await ChaosCenter.start({ isSingle: true })
  try {
    const workload = new Workload({
      client: new CenterClient(center.door, new History()),
      random: stream(seed, `copy ${round}`),
      prefix: 'copied',
      perSecond: 60,
      runMs: 10_000,
    })
    workload.start()
    await pause(1_500)
    const directory = mkdtempSync(join(tmpdir(), 'dure-chaos-restored-'))
    cpSync(center.redis.directory, directory, { recursive: true })
    const fromMs = performance.now()
    const restored = await startPrivateRedis({ directory })
    const ports = await redisPorts({ url: restored.url, prefix: center.settings.prefix }, 'chaos')
    try {
      const [there, here] = [await readLedger(ports.ledger), await readLedger(center.ports.ledger)]
      await audit(ports.ledger)
      const recoveryMs = performance.now() - fromMs
      const isPrefix = there.raw.every(({ sha }, i) => sha === here.raw[i]?.sha)
      return {
        violations: isPrefix && there.raw.length > 2 ? [] : ['the copy tells another history than its original'],
        recoveryMs,
      }
    } finally {
      await workload.stop()
      await ports.close()
      await restored.stop()
    }
  } finally {
    await center.stop()
  }
}

export const startRows: readonly StandaloneRow[] = [
  {
    kind: 'standalone',
    name: '18',
    fault: 'a Redis that evicts, or keeps no append-only file',
    promise: 'refused with 78 and a sentence that says what to set',
    rounds: { short: 2, 'half-hour': 6, overnight: 30 },
    play: each(refusesUnfit),
  },
  {
    kind: 'standalone',
    name: '36',
    fault: `start on ${STALLED.toLocaleString('en-US')} commands in a dead leader's hands`,
    promise: 'a new job ends within 30 s, all within 5 min',
    rounds: { short: 0, 'half-hour': 1, overnight: 10 },
    isAlone: true,
    recoveryMsMax: 300_000,
    play: each(startsOnMountain),
  },
  {
    kind: 'standalone',
    name: '38',
    fault: 'files of a Redis at work copied to another',
    promise: 'it tells the same history, up to the copy',
    rounds: { short: 0, 'half-hour': 10, overnight: 30 },
    recoveryMsMax: 300_000,
    play: each(restoresCopy),
  },
]
