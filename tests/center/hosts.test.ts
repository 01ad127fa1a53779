// One center on several hosts: a Redis, two schedulers, two APIs, executors and study workers, each in a network of its own (`hosts.ts`).
// Jobs asked for at one API are known at the other and run elsewhere. Where the leader's host is cut off, another leads within ten
// seconds; nothing starts twice, nothing is lost, and the host that comes back writes nothing of its past.

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  admissionOf,
  commandIdOf,
  decodeLedgerEntry,
  type Job,
  type ResultRow,
  type ScenarioFile,
  SubmitJob,
} from '@dure/contract'
import { loadPreset } from '@dure/contract/presets'
import { decodeFacts, type Fact } from '@dure/core'
import { audit, type LedgerEntry, type Ports, redisPorts } from '@dure/engine'
import { inOrder, studyOf } from '@dure/study'
import { runLocally } from '@dure/study/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Host, type Network, startNetwork, whyNoHosts } from './hosts.ts'
import { type NetworkedRedis, startNetworkedRedis } from './networked-redis.ts'
import { type ServiceProcess, startService } from './service-process.ts'
import { type CenterHome, type DureOptions, dure, makeHome, until } from './started-center.ts'

const HOSTS = ['store', 'scheduler-1', 'scheduler-2', 'api-1', 'api-2', 'work-1', 'work-2', 'desk'] as const
type HostName = (typeof HOSTS)[number]

const PRESET = 'baseline-2024'
/** Center seconds a second. */
const SPEED = 60
/** Without a leader; what README and design promise. */
const HANDOVER_MS_MAX = 10_000
const API_PORT = 8080

/** Four nodes for two days, at two loads. */
const scenario: ScenarioFile = {
  name: 'plan',
  date: '2030-01-07',
  days: 2,
  warmup_days: 1,
  pools: [
    {
      ...{ name: 'h100', model: 'H100', nodes: 4, accelerators_per_node: 8 },
      ...{ cpus_per_node: 96, memory_per_node: '2TiB', assumed: true },
    },
  ],
  accounts: [{ name: 'univ', users: ['kim', 'lee', 'park'] }],
  demand: { load: 0.8 },
  study: { sweep: [{ field: 'demand.load', values: [0.4, 0.8] }], seeds: 1 },
}

/** Of a lease, and of a run: the process that has it. */
const pidIn = (owner: string): number => Number(/-(\d+)-[0-9a-f]{8}$/.exec(owner)?.[1])

const why = whyNoHosts()

describe.skipIf(why !== undefined)(
  `one center on several hosts${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    let network: Network<HostName>
    let redis: NetworkedRedis
    /** This machine's own, past the network: what it reads is what is so, whoever is cut off. */
    let ports: Ports
    let home: CenterHome
    const services: ServiceProcess[] = []
    const over = new AbortController()
    const ledger: LedgerEntry[] = []
    const facts: Fact[] = []
    let following: Promise<void>

    beforeAll(async () => {
      home = makeHome()
      network = await startNetwork(...HOSTS)
      redis = await startNetworkedRedis(network.hosts.store, join(home.desk, 'redis'))
      ports = await redisPorts(redis.here, 'test')
      following = follow()
    })

    afterAll(async () => {
      over.abort()
      await Promise.all(services.map((service) => service.kill()))
      await following
      await ports.close()
      await redis.stop()
      await network.remove()
      home.remove()
    })

    async function follow(): Promise<void> {
      for await (const entries of ports.ledger.follow(1, over.signal)) {
        for (const entry of entries) {
          ledger.push(entry)
          facts.push(...decodeFacts(decodeLedgerEntry(entry.body).facts))
        }
      }
    }

    const jobsOf = (type: Fact['type']): number[] =>
      facts.flatMap((fact) => (fact.type === type && 'job' in fact ? [fact.job] : []))

    /** Processes that have led so far, by epoch. */
    const leaders = (): number[] =>
      ledger.flatMap(({ body }) => {
        const { head } = decodeLedgerEntry(body)
        return head.type === 'lease' ? [pidIn(head.owner)] : []
      })

    const dataOf = (host: HostName): string => join(home.desk, host)

    function start(name: Parameters<typeof startService>[0], host: HostName): ServiceProcess {
      const { address, on } = network.hosts[host]
      const service = startService(
        name,
        {
          DURE_REDIS_URL: redis.settings.url,
          DURE_REDIS_PREFIX: redis.settings.prefix.slice(0, -1),
          DURE_PRESET: PRESET,
          DURE_SPEED: `${SPEED}`,
          DURE_LOG_LEVEL: 'warn',
          DURE_HOST: address,
          DURE_PORT: `${API_PORT}`,
          DURE_DATA: dataOf(host),
        },
        on,
      )
      services.push(service)
      return service
    }

    /** `dure`, typed at the desk, to one of the two APIs; with the administrator's key of the first. */
    async function type(api: 'api-1' | 'api-2', args: readonly string[], options: DureOptions = {}): Promise<string> {
      const { stdout, stderr, code } = await dure(home, args, {
        ...options,
        on: network.hosts.desk.on,
        env: {
          DURE_URL: `http://${network.hosts[api].address}:${API_PORT}`,
          DURE_API_KEY: readFileSync(join(dataOf('api-1'), 'admin.key'), 'utf8'),
        },
      })
      if (code !== 0) throw new Error(`dure ${args.join(' ')} at ${api}: ${stderr}\n${said()}`)
      return stdout
    }

    const said = (): string => services.map((service) => service.output().slice(-1000)).join('\n')
    const shown = async (api: 'api-1' | 'api-2', job: number): Promise<Job> =>
      JSON.parse(await type(api, ['show', `${job}`, '--json']))

    async function submitAt(api: 'api-1' | 'api-2', ...words: readonly string[]): Promise<number> {
      const { id } = JSON.parse(await type(api, ['submit', '--json', '-t', '20h', ...words])) as { id: number }
      accepted.add(id)
      return id
    }

    const { config } = loadPreset(PRESET)
    const admit = admissionOf(config)
    let asked = 0
    const accepted = new Set<number>()
    /** As an API does it. */
    async function submit(runSeconds: number): Promise<void> {
      const { user } = config.associations[asked++ % config.associations.length]!
      const body = {
        accelerators_per_node: 1,
        pools: ['h100'],
        time_limit_ms: 3_600_000,
        run_time_ms: runSeconds * 1000,
      }
      const admission = admit(SubmitJob.parse(body), user)
      if (admission.kind !== 'admitted') throw new Error(admission.detail.en)
      const reserved = await ports.intake.reserve({})
      if (reserved.kind !== 'reserved') throw new Error(`not reserved: ${reserved.kind}`)
      const { seq } = reserved
      await ports.commands.send({
        id: commandIdOf(seq),
        seq,
        command: { type: 'submit', job: seq, ...admission.command },
      })
      accepted.add(seq)
    }

    it('runs where nobody asked for it, and everybody knows', async () => {
      const [first, executor1, executor2] = [
        start('scheduler', 'scheduler-1'),
        start('executor', 'work-1'),
        start('executor', 'work-2'),
      ]
      await Promise.all([first, executor1, executor2].map(({ ready }) => ready))
      await until('a leader', () => leaders().length > 0)
      expect(leaders()).toEqual([first.pid])
      const others = [start('scheduler', 'scheduler-2'), start('api', 'api-1'), start('api', 'api-2')]
      await Promise.all(others.map(({ ready }) => ready))

      const id = await submitAt('api-1', '-J', 'far', '--run-time', '15h')
      await until('the job to start', () => jobsOf('started').includes(id))
      expect(await shown('api-2', id)).toMatchObject({ id, name: 'far', state: 'RUNNING' })
      const owners = new Set<number>()
      await until('runs on both hosts', async () => {
        await submit(120)
        for (const { owner } of await ports.registry.all()) owners.add(pidIn(owner))
        return owners.size === 2
      })
      expect(owners).toEqual(new Set([executor1.pid, executor2.pid]))
      await type('api-2', ['cancel', `${id}`])
      await until('all jobs to end', () => jobsOf('ended').length === jobsOf('submitted').length)
      expect(await shown('api-1', id)).toMatchObject({ state: 'CANCELLED' })
    })

    it('keeps its Redis to those who know the password, and to what they need', async () => {
      const { desk } = network.hosts
      const asked = (...words: readonly string[]): string => ran(desk, ...redis.cli, ...words)
      expect(asked('PING')).toContain('NOAUTH')
      const { username, password } = new URL(redis.settings.url)
      const asService = ['--no-auth-warning', '--user', username, '--pass', password]
      expect(asked(...asService, 'PING')).toBe('PONG\n')
      expect(asked(...asService, 'GET', 'of-somebody-else')).toContain('NOPERM')
      expect(asked(...asService, 'CONFIG', 'SET', 'appendonly', 'no')).toContain('NOPERM')
      // What is connected as a service of the center comes from the host it was put on.
      const addressesOf = async (name: string) =>
        new Set((await redis.clients()).filter((client) => client.name === name).map(({ address }) => address))
      expect(await addressesOf('dure-executor')).toEqual(addresses('work-1', 'work-2'))
      expect(await addressesOf('dure-scheduler')).toEqual(addresses('scheduler-1', 'scheduler-2'))
      expect(await addressesOf('dure-api')).toEqual(addresses('api-1', 'api-2'))
    })

    it('studies on two hosts what one machine studies alone', async () => {
      const workers = [start('studies', 'work-1'), start('studies', 'work-2')]
      await Promise.all(workers.map(({ ready }) => ready))
      writeFileSync(join(home.desk, 'plan.yaml'), JSON.stringify(scenario))
      await type('api-2', ['study', 'plan.yaml', '--center', '--out', 'plan'])
      const rows = JSON.parse(readFileSync(join(home.desk, 'plan', 'results.json'), 'utf8')) as ResultRow[]
      const read = studyOf(scenario)
      if (!read.ok) throw new Error(read.findings.map(({ detail }) => detail).join('; '))
      const { signal } = new AbortController()
      const alone = await runLocally({ study: read.study, rows: [], threads: 2, onRow() {}, signal })
      expect(decided(rows)).toEqual(decided(inOrder(read.study, alone)))
      await Promise.all(workers.map((worker) => worker.stop()))
    })

    it('is led from another host within ten seconds of the leader being cut off, and by nobody twice', async () => {
      const enough = new AbortController()
      const submitting = (async () => {
        for (; !enough.signal.aborted; await pause(20)) await submit(1 + (asked % 300))
      })()
      submitting.catch(() => {}) // It is waited for below; what fails before says more.
      const before = jobsOf('started').length
      await until('jobs to come and go', () => jobsOf('started').length > before + 20)
      const former = network.hosts['scheduler-1']
      former.unplug()
      const cutMs = performance.now()
      await until('another leader', () => leaders().length > 1)
      expect(performance.now() - cutMs).toBeLessThan(HANDOVER_MS_MAX)

      // Whoever asks meanwhile is served, at either API.
      const id = await submitAt('api-2', '--run-time', '1m')
      await until('a start by the new leader', () => jobsOf('started').includes(id))
      former.plugIn()
      await until('the former leader to know', () => said().includes('standing for the lease again'))
      const backAt = jobsOf('started').length
      await until('more to start', () => jobsOf('started').length > backAt + 50)
      enough.abort()
      await submitting
      await until('all jobs to end', () => jobsOf('ended').length === jobsOf('submitted').length)

      // Both are of use again: the one hands over in order, and the other takes it.
      await services.find(({ pid }) => pid === leaders()[1])!.stop()
      await until('the former leader to lead again', () => leaders().length > 2)
      const [first, second, third, ...others] = leaders()
      expect([third, others]).toEqual([first, []])
      expect(second).not.toBe(first)
      await submit(1)
      await until('its first job to end', async () => jobsOf('ended').includes(await ports.intake.last()))

      const inOrderOf = (jobs: Iterable<number>): number[] => [...jobs].toSorted((a, b) => a - b)
      for (const type of ['submitted', 'started', 'ended'] as const) {
        expect(inOrderOf(jobsOf(type)), `${type} once a job`).toEqual(inOrderOf(accepted))
      }
      // An entry of an earlier epoch after one of a later would be the past writing into the present.
      const epochs = ledger.map(({ epoch }) => epoch)
      expect(epochs).toEqual(epochs.toSorted((a, b) => a - b))
      expect(new Set(epochs)).toEqual(new Set([1, 2, 3]))
      expect((await audit(ports.ledger)).facts).toBe(facts.length)
    })

    const addresses = (...names: readonly HostName[]) => new Set(names.map((name) => network.hosts[name].address))
  },
)

/** What a command on another host says, whatever it comes to. */
function ran({ on }: Host, ...words: readonly string[]): string {
  const [program, ...args] = [...on, ...words]
  const { error, stdout, stderr } = spawnSync(program!, args, { encoding: 'utf8' })
  if (error !== undefined) throw error
  return stdout + stderr
}

/** All columns but the one that depends on the machine. */
const decided = (rows: readonly ResultRow[]) => rows.map(({ sim_jobs_per_second: _, ...row }) => row)
