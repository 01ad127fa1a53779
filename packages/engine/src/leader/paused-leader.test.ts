// Leaders as processes, stopped and woken by signals, over a real Redis.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { writeLabel } from '@dure/contract'
import type { Command } from '@dure/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Ports } from '../ports.ts'
import { redisPorts } from '../redis/index.ts'
import { type PrivateRedis, startPrivateRedis } from '../testing/redis.ts'
import { audit } from './audit.ts'

const LEASE_TTL_MS = 900
const program = fileURLToPath(new URL('../testing/leading-process.ts', import.meta.url))

let redis: PrivateRedis
beforeAll(async () => {
  redis = await startPrivateRedis()
})
afterAll(() => redis.stop())

interface Leader {
  readonly process: ChildProcess
  /** Epochs of its terms so far. */
  readonly epochs: number[]
}

function startLeader(prefix: string): Leader {
  const child = spawn(process.execPath, [program, redis.url, prefix, `${LEASE_TTL_MS}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  child.once('exit', () => process.removeListener('exit', killWithUs))
  const epochs: number[] = []
  child.stdout.on('data', (lines) => epochs.push(...String(lines).trim().split('\n').map(Number)))
  return { process: child, epochs }
}

const submit = (job: number): Command => ({
  type: 'submit',
  job,
  account: 'a',
  user: 'u',
  request: { pools: ['gpu'], nodes: 1, acceleratorsMilli: 1000, cpuMilli: 1000, memoryMib: 1024 },
  timeLimitMs: 3_600_000,
  held: null,
  label: writeLabel({ name: `job ${job}`, run_time_ms: 3_600_000, exit_code: 0 }),
})

const eventually = (holds: () => void | Promise<void>) => vi.waitFor(holds, { timeout: 20_000, interval: 50 })

async function expectSubmits(ports: Ports, jobs: number): Promise<void> {
  const backlog = await ports.commands.backlog()
  expect(backlog).toEqual({ waiting: 0, active: 0 })
  const { facts } = await audit(ports.ledger)
  // One configures the center; each job is submitted and started once.
  expect(facts).toBe(1 + 2 * jobs)
}

describe('a leader that is paused for longer than its lease lives', () => {
  it('is followed by another, writes nothing when it wakes, stands by, and leads again when it is needed', async () => {
    const settings = redis.settings()
    const ports = await redisPorts(settings, 'test')
    const send = (job: number) => ports.commands.send({ id: `c${job}`, seq: job, command: submit(job) })
    const first = startLeader(settings.prefix)
    await eventually(() => expect(first.epochs).toEqual([1]))
    await send(1)
    await eventually(() => expectSubmits(ports, 1))

    first.process.kill('SIGSTOP')
    await send(2)
    const second = startLeader(settings.prefix)
    await eventually(() => expect(second.epochs).toEqual([2]))
    await eventually(() => expectSubmits(ports, 2))

    first.process.kill('SIGCONT')
    for (let job = 3; job <= 12; job++) await send(job)
    await eventually(() => expectSubmits(ports, 12))

    second.process.kill('SIGKILL')
    await send(13)
    await eventually(() => expect(first.epochs).toEqual([1, 3]))
    await eventually(() => expectSubmits(ports, 13))
    expect(first.process.exitCode).toBeNull()

    first.process.kill('SIGKILL')
    await once(first.process, 'exit')
    await ports.close()
  }, 60_000)
})
