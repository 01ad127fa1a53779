// Whatever reads something that somebody else has written, with good examples of it to begin from.

import {
  CommandSchema,
  CreateStudy,
  decodeLedgerEntry,
  encodeLedgerEntry,
  type LedgerHead,
  parseDurationMs,
  parseMemoryMib,
  parseThreshold,
  parseWatts,
  readCenterFile,
  readFairTreeFile,
  readIssuerFile,
  readJobFile,
  readLabel,
  readModelFile,
  readScenario,
  readSettings,
  SubmitJob,
} from '@dure/contract'
import { scenarioText } from '@dure/contract/scenarios'
import { Center, decodeFacts, FactLog, fairshare } from '@dure/core'
import { readTrace, traceFormats, UnreadableTrace } from '@dure/sim'
import { type Dice, mutated, mutatedBytes } from './mutation.ts'

export interface FuzzedParser {
  readonly name: string
  /** How often it comes, beside the others. */
  readonly weight: number
  /** Draws an input. */
  draw(at: Dice): string | Uint8Array
  /** Reads it. What it throws is a failure, unless it is of the kind it promises. */
  read(input: string | Uint8Array): unknown
  readonly promises?: (error: unknown) => boolean
}

const ofText = (
  name: string,
  weight: number,
  good: readonly string[],
  read: (text: string) => unknown,
): FuzzedParser => ({
  name,
  weight,
  draw: (at) => mutated(good, at),
  read: (input) => read(input as string),
})

/** `null` where it is no JSON: then nothing of ours gets to see it. */
function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const jobScript = `#!/bin/sh
#SBATCH --job-name=train --nodes=2
#SBATCH --gpus-per-node 8
#SBATCH -t 1-02:30:00
#SBATCH --mem=64G --account=lab --partition=h100,rngd
#DURE --run-time 3h --speeds 1,0.3
srun python train.py
`
const jobYaml =
  'name: train\nnodes: 2\naccelerators_per_node: 8\npools: [h100]\ntime_limit: 26h\nmemory_per_node: 64GiB\n'
const center = `name: small
pools:
  - { name: h100, kind: gpu, model: h100, nodes: 2, accelerators_per_node: 8, cpus_per_node: 112, memory_per_node: 2TiB }
accounts:
  - name: univ
    shares: 3
    users: [ada]
    accounts: [{ name: lab, shares: parent, users: [{ name: ben, shares: 2 }] }]
policy:
  base: fairshare
  half_life: 14d
  power: { cap: 25MW, idle_part: 0.3, pools: { h100: { full_node: 8kW } } }
`
const scenario = `name: tiny
date: 2030-01-07
days: 2
pools:
  h100: { model: H100, nodes: 8, accelerators_per_node: 8, cpus_per_node: 96, memory_per_node: 2TiB, assumed: true }
accounts: [{ name: univ, users: [kim, lee] }]
demand: { load: 0.8, pressure: 1 }
promises: ["wait_p95_s < 86400"]
study: { sweep: [{ field: demand.load, values: [0.4, 0.8] }], seeds: 2 }
`
const model = `name: two
percents_of: jobs
kinds:
  - name: small
    percent: 100
    sizes: [[1, 3], [2, 1]]
    run: { parts: [{ percent: 100, median_s: 600, sigma: 1.5 }], shortest_s: 1, longest_s: 86400 }
    at_limit: null
    runs_on: any
    needs_fp64: false
    endings: { fail_percent: 10, fails_at: end, abandon_percent: 0, stop_percent: 5, give_up_percent: 0, patience_mean_s: 0 }
    sessions:
      jobs: [[1, 9], [4, 1]]
      think: { parts: [{ percent: 100, median_s: 60, sigma: 1 }], shortest_s: 1, longest_s: 3600 }
      awaits_up_to_s: 0
      repeat_percent: 40
week: [${'1, '.repeat(167)}1]
jobs_per_week: 500.5
users: { activity_exponent: 1.2, break_s: 3600, seen: { users: 7, accounts: 2 } }
estimates: { habit: table, classes: [{ run_up_to_s: 60, limits_s: [[300, 2], [600, 1]] }] }
`
const fairTree =
  '{"type":"account","name":"root","children":[{"type":"account","name":"a","shares":2,"children":[{"type":"user","name":"u","shares":1,"usage":3.5}]}]}'
const issuer =
  'issuer: https://login.example\naudience: dure\njwks: https://login.example/keys\nroles: [{ claim: groups, has: ops, role: operator }]\ndefault_role: researcher\n'
const settings =
  '{"DURE_REDIS_URL":"redis://:p@127.0.0.1:6379","DURE_PORT":"8080","DURE_SPEED":"60","DURE_ALLOWED_HOSTS":"a.kr, b.kr"}'
const logs: readonly string[] = [
  '; MaxProcs: 8\n1 0 5 60 2 -1 -1 2 120 -1 1 3 1 -1 1 -1 -1 -1\n2 10 5 60 4 -1 -1 4 120 -1 1 3 1 -1 1 -1 -1 -1\n',
  'JobID|User|Account|Partition|State|Submit|Start|End|Elapsed|Timelimit|NNodes|AllocCPUS|AllocTRES\n17|ada|lab|gpu|COMPLETED|2020-04-01T00:00:00|2020-04-01T00:10:00|2020-04-01T01:10:00|01:00:00|1-00:00:00|1|8|cpu=8,gres/gpu=2,mem=4G,node=1\n',
  'timestamp,duration,num_gpus,gpu_time,cluster\n2020-04-01 00:00:34,60,2,120,a\n',
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\np-1,4000,8192,1,1000,T4|P100,LS,Succeeded,0,600,10\n',
  'job_id,user,vc,jobname,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue\n7,u1,vc1,train,8,32,1,COMPLETED,2020-04-01 00:00:34,2020-04-01 00:01:00,2020-04-01 00:10:00,540,26\n',
]
const submit =
  '{"name":"train","pools":["h100"],"speeds":[1],"nodes":2,"accelerators_per_node":8,"time_limit_ms":3600000,"hold":false,"comment":"x"}'
const command =
  '{"type":"submit","job":1,"account":"lab","user":"ada","request":{"pools":["h100"],"nodes":1,"acceleratorsMilli":1000,"cpuMilli":1,"memoryMib":1},"timeLimitMs":60000,"held":null,"label":""}'
const question =
  '{"scenario":{"extends":"plan-2030","name":"mine","capacity_ef":1.2},"seeds":2,"days":3.5,"compared":["plan-2030"]}'

/** A ledger entry as a leader writes it, with facts of most kinds. */
function ledgerEntry(): { readonly body: Uint8Array; readonly facts: Uint8Array } {
  const log = new FactLog({ keep: true })
  const config = readCenterFile(center)
  if (!config.ok) throw new Error('the center to fuzz with is not valid')
  const live = Center.create({ ...config.config, policy: fairshare }, log, 0)
  for (let job = 1; job <= 4; job += 1) {
    const request = { pools: ['h100'], nodes: 1, acceleratorsMilli: 8000, cpuMilli: 1000, memoryMib: 1024 }
    live.apply(
      { type: 'submit', job, account: 'univ', user: 'ada', request, timeLimitMs: 60_000, held: null, label: 'x' },
      1,
    )
  }
  live.schedule(1)
  live.apply({ type: 'node', pool: 'h100', node: 0, to: 'down' }, 2)
  live.schedule(2)
  const facts = log.drain()
  const head: LedgerHead = {
    v: 1,
    type: 'commit',
    atMs: 2,
    steps: [{ atMs: 2, commands: [{ id: 'c1', command: { type: 'cancel', job: 1 } }], scheduled: true }],
    repeated: ['c0'],
    factCount: log.count,
    factsHash: log.hash(),
  }
  return { body: encodeLedgerEntry({ head, facts }), facts }
}
const entry = ledgerEntry()
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const formats = [undefined, ...traceFormats]

/** An entry has passed its checksum when it is decoded: what cannot be read then is of a version that is not known, and an error. */
const saysSo = (error: unknown): boolean => error instanceof Error && error.message !== ''

export const parsers: readonly FuzzedParser[] = [
  ofText('job files', 6, [jobScript, jobYaml], (text) => readJobFile(text)),
  ofText('scenarios', 1, [scenario, 'extends: baseline-2024\nname: x\n'], (text) =>
    readScenario({ ...scenarioText('fuzz', text), extended: () => null }),
  ),
  ofText('center and policy files', 1, [center], (text) => readCenterFile(text)),
  ofText('model files', 1, [model], (text) => readModelFile(text)),
  ofText('share trees', 12, [fairTree], (text) => readFairTreeFile(text)),
  ofText('issuer files', 3, [issuer], (text) => readIssuerFile(text)),
  ofText('settings', 12, [settings], (text) => {
    const given = json(text)
    return typeof given === 'object' && given !== null ? readSettings(given as Record<string, string>) : null
  }),
  ofText('bodies', 20, [submit, command, question], (text) => {
    const body = json(text)
    for (const schema of [SubmitJob, CommandSchema, CreateStudy]) schema.safeParse(body)
  }),
  ofText(
    'quantities and thresholds',
    24,
    ['1-02:30:00', '36h', '64GiB', '25MW', 'wait_p95_s<86400', '{"name":"x"}'],
    (text) => {
      for (const read of [parseDurationMs, parseMemoryMib, parseWatts, parseThreshold, readLabel]) read(text)
    },
  ),
  {
    name: 'job logs',
    weight: 10,
    draw: (at) => bytesOf(mutated(logs, at)),
    read: (input) => readTrace([input as Uint8Array], formats[(input as Uint8Array).length % formats.length]),
    promises: (error) => error instanceof UnreadableTrace,
  },
  {
    name: 'ledger entries',
    weight: 10,
    draw: (at) => mutatedBytes([entry.body], at),
    read: (input) => decodeLedgerEntry(input as Uint8Array),
    promises: saysSo,
  },
  {
    name: 'facts',
    weight: 4,
    draw: (at) => mutatedBytes([entry.facts], at),
    read: (input) => {
      let count = 0
      for (const _ of decodeFacts(input as Uint8Array)) count += 1
      return count
    },
    promises: saysSo,
  },
]
