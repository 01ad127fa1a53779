// The whole center as a researcher and an operator meet it: the program that `npm start` runs, with its demo, and `dure`
// from another shell.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { everyItem } from '@dure/client'
import type { AccountList, Explain, Job, JobAccepted, JobList, NodeList, PoolList } from '@dure/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type DureOptions,
  dure,
  leaveNothing,
  makeHome,
  processesOf,
  type StartedCenter,
  startCenter,
  until,
} from './started-center.ts'

const home = makeHome()
let center: StartedCenter

beforeAll(async () => {
  center = await startCenter(home, '--speed', '60')
  // The demo has filled the GPUs: from here on, whoever wants many of them waits.
  await until('a full center', async () => {
    const { items } = await center.client.listPools()
    return items.some(({ kind, utilization, jobs_pending }) => kind === 'gpu' && utilization > 0.99 && jobs_pending > 0)
  })
})

afterAll(() => leaveNothing(home))

const run = (line: string, options?: DureOptions) => dure(home, line.split(' '), options)

/** A command that must succeed; the document it prints. */
async function json<T>(line: string): Promise<T> {
  const { stdout, stderr, code } = await run(`${line} --json`)
  expect({ code, stderr }, line).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as T
}

const jobIs = (id: number, what: string, holds: (job: Job) => boolean): Promise<void> =>
  until(`job ${id} to be ${what}`, async () => holds(await center.client.getJob(id)))

const titles = (text: string): string[] => text.split('\n')[0]?.split(/\s+/).filter(Boolean) ?? []

const LARGE = 'submit -N 120 --gpus-per-node 8 -t 4h -A univ-a --user univ-a-1'

describe('a researcher', () => {
  it('submits a job, sees it wait, learns why, holds it, lets it go and cancels it', async () => {
    const submitted = await run(`${LARGE} -J large`)
    expect(submitted.code).toBe(0)
    const id = Number(/^Submitted job (\d+)\n$/.exec(submitted.stdout)?.[1])
    expect(submitted.stderr).toContain(`dure explain ${id}`)
    await jobIs(id, 'waiting', ({ state }) => state === 'PENDING')

    const queue = await run('queue --user univ-a-1')
    expect(titles(queue.stdout)).toEqual('JOBID NAME USER ACCOUNT ST TIME NODES ACC POOL NODELIST(REASON)'.split(' '))
    expect(queue.stdout).toMatch(
      new RegExp(`^ *${id}  large +univ-a-1 +univ-a +PD .* 120 +960 +h100 +\\(\\w+\\)$`, 'm'),
    )
    const listed = await json<JobList>('queue --user univ-a-1')
    expect(listed.items.find((job) => job.id === id)).toMatchObject({
      name: 'large',
      state: 'PENDING',
      accelerators: 960,
    })

    const why = await run(`explain ${id}`)
    expect(why.stdout).toMatch(new RegExp(`^Job ${id}: PENDING \\(at revision \\d+\\)\n1\\. \\w+\n {3}.+\\.\n {3}→ .+`))
    const { reasons } = await json<Explain>(`explain ${id}`)
    expect(reasons.length).toBeGreaterThan(0)
    for (const { sentence, way_out } of reasons) {
      expect(sentence.ko).toMatch(/[가-힣]/)
      expect(way_out.ko).toMatch(/[가-힣]/)
    }
    expect((await run(`show ${id}`)).stdout).toMatch(/^asks for +120 × \(8 gpu/m)

    expect(await run(`hold ${id}`)).toEqual({ code: 0, stdout: '', stderr: `Job ${id} will be held.\n` })
    await jobIs(id, 'held', ({ held_by }) => held_by !== null)
    const { reasons: whenHeld } = await json<Explain>(`explain ${id}`)
    expect(whenHeld.map(({ code }) => code)).toContain('JobHeldAdmin')
    expect(await json(`release ${id}`)).toMatchObject({ id, act: 'release' })
    await jobIs(id, 'released', ({ held_by }) => held_by === null)

    expect(await json(`cancel ${id}`)).toMatchObject({ id, act: 'cancel' })
    await jobIs(id, 'cancelled', ({ state }) => state === 'CANCELLED')
    for (const verb of ['cancel', 'hold', 'release']) {
      const again = await run(`${verb} ${id}`)
      expect(again).toMatchObject({ code: 5, stdout: '' })
      expect(again.stderr).toContain('dure show')
    }
  })

  it('learns when the next large job starts at the latest', async () => {
    let answer = ''
    await until('a promise', async () => {
      const { items } = await center.client.listJobs({ state: ['PENDING'], limit: 200 })
      const promised = items.find(({ promised_start_at_ms }) => promised_start_at_ms !== null)
      answer = promised === undefined ? '' : (await run(`explain ${promised.id}`)).stdout
      return answer.includes('at the latest')
    })
    expect(answer).toMatch(/^As things stand, it starts by 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d KST at the latest\.$/m)
  })

  it.each([
    ['a job file', 'job.yaml', 'name: from-yaml\npools: [aimx]\ntime_limit: 30m\nrun_time: 1m\nuser: ai-science-1\n'],
    [
      'a script with #SBATCH lines',
      'job.sh',
      '#!/bin/bash\n#SBATCH -J from-script -p aimx\n#SBATCH --time=30\n#DURE --run-time=1m --user=ai-science-1\nsrun true\n',
    ],
  ])('submits %s and waits for its end', async (_, name, text) => {
    writeFileSync(join(home.desk, name), text)
    const { stdout, stderr, code } = await run(`submit ${name} --wait`)
    expect({ stderr, code }).toEqual({ stderr: expect.stringMatching(/^Submitted job \d+\n$/), code: 0 })
    expect(stdout).toMatch(/^\d+ COMPLETED 0\n$/)
  })

  it('learns of a failed run from the exit code', async () => {
    const { stdout, code } = await run(
      'submit -p aimx -t 30m --run-time 1m --exit-code 3 --user ai-science-1 --wait --json',
    )
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ state: 'FAILED', exit_code: 3 })
  })
})

describe('a planner', () => {
  const scenario = `name: tiny
date: 2030-01-07
days: 2
pools:
  - { name: h100, model: H100, nodes: 8, accelerators_per_node: 8, cpus_per_node: 96, memory_per_node: 2TiB, assumed: true }
accounts:
  - { name: univ, users: [kim, lee] }
demand: { load: 0.8 }
study:
  sweep:
    - { field: demand.load, values: [0.4, 0.8] }
  seeds: 2
`
  /** All columns but the one that depends on the machine. */
  const rowsIn = (folder: string): object[] =>
    (JSON.parse(readFileSync(join(home.desk, folder, 'results.json'), 'utf8')) as Record<string, unknown>[]).map(
      ({ sim_jobs_per_second: _, ...row }) => row,
    )

  it('has the center run a study, finds it again, and gets what the own machine comes to', async () => {
    writeFileSync(join(home.desk, 'tiny.yaml'), scenario)
    const asked = await run('study tiny.yaml --out by-center --center')
    expect({ code: asked.code, stderr: asked.stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Study s[0-9a-f]{32} of the center\nResults: by-center\n$/),
    })
    const again = await run('study tiny.yaml --out again --center')
    expect(again.stderr.split('\n')[0]).toBe(asked.stderr.split('\n')[0])
    expect((await run('study tiny.yaml --out own')).code).toBe(0)
    expect(rowsIn('by-center')).toEqual(rowsIn('own'))
    expect(rowsIn('again')).toEqual(rowsIn('own'))
    const { items } = await center.client.listStudies()
    expect(items).toMatchObject([{ name: 'tiny', state: 'completed', rows: 4, rows_expected: 4 }])
  })
})

describe('an operator', () => {
  it('sees the pools of the 2024 baseline', async () => {
    const { items } = await json<PoolList>('pools')
    // Published: 2,000 H100, on DGX nodes of eight. Beside them stand the domestic NPU and PIM pools.
    expect(items[0]).toMatchObject({ name: 'h100', kind: 'gpu', nodes: 250, accelerators: 2000 })
    expect(items.map(({ kind }) => kind)).toEqual(['gpu', 'npu', 'pim'])
    for (const { accelerators, accelerators_busy, accelerators_free, accelerators_out } of items) {
      expect(accelerators_busy + accelerators_free + accelerators_out).toBe(accelerators)
    }
    expect((await run('pools')).stdout).toMatch(/^h100 +gpu +H100 +250 /m)
  })

  it('drains a node and takes it back', async () => {
    expect(await run('drain aimx-7 --reason fan')).toMatchObject({
      code: 0,
      stderr: 'Node aimx-7 takes no new jobs.\n',
    })
    const drained = async (): Promise<string[]> =>
      (await json<NodeList>('nodes --state drain')).items.map(({ id }) => id)
    await until('the node to be drained', async () => (await drained()).includes('aimx-7'))
    // The demonstration may have a job there, whose end the node waits for.
    const row = /^aimx-7 +(\S+) +8 +(\d+)/m.exec((await run('nodes --pool aimx')).stdout)
    expect(row?.[1]).toBe(row?.[2] === '0' ? 'DRAINED' : 'DRAINING')
    expect(await json('resume aimx-7')).toMatchObject({ id: 'aimx-7' })
    await until('the node to be back', async () => (await drained()).length === 0)
    expect(await run('drain aimx-8')).toMatchObject({ code: 4, stderr: expect.stringContaining('dure nodes') })
  })

  it('is told why a center of unknown watts cannot be capped', async () => {
    for (const line of ['power-cap', 'power-cap 25', 'power-cap none']) {
      expect(await run(line)).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('policy.power') })
    }
  })

  it('sees promised shares add up to the whole center, and used ones too', async () => {
    const { items } = await json<AccountList>('shares')
    const top = items.filter(({ depth }) => depth === 0)
    expect(top.reduce((sum, { share_of_center }) => sum + (share_of_center ?? 0), 0)).toBeCloseTo(1, 9)
    expect(top.reduce((sum, { usage_of_center }) => sum + usage_of_center, 0)).toBeCloseTo(1, 6)
    const text = await run('shares --accounts')
    expect(titles(text.stdout).slice(0, 5)).toEqual(['ACCOUNT', 'SHARES', 'PROMISED', 'USED', 'LEVELFS'])
  })
})

describe('bad input', () => {
  const base = 'submit -J bad --user univ-a-1'

  it.each<[string, string, number, RegExp]>([
    ['an unknown option', `${base} --nods 2`, 2, /--nods is not an option\. Did you mean --nodes\?/],
    ['a negative size', `${base} -N -1`, 2, /--nodes must be a whole number of at least 1; it is "-1"/],
    ['an absurd size', `${base} -N 99999999`, 2, /must be at most 65536/],
    ['an absurd time', `${base} -t 999999d`, 2, /must be at most/],
    ['a gang larger than any pool', `${base} -N 300 --gpus-per-node 8`, 1, /300 nodes, but the most in h100 is 250/],
    ['a node larger than any', `${base} --gpus-per-node 9`, 1, /9 .* 8/],
    ['an unknown account', `${base} -A univ-z`, 1, /univ-a-1 does not belong to account univ-z; .*univ-a\b/],
    ['an unknown user', 'submit -J bad --user nobody', 1, /nobody/],
    ['an unknown pool', `${base} -p h200`, 1, /h200[\s\S]*dure pools/],
    ['a job that is none', 'cancel 999999', 4, /no job 999999/],
  ])('%s: %s', async (_, line, code, sentence) => {
    const ended = await run(line)
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringMatching(sentence) })
    expect(ended.stderr).toMatch(/^dure: .+\n {2}\S.+\n$/)
    const document = JSON.parse((await run(`${line} --json`)).stderr)
    expect(document).toMatchObject({ code: expect.stringMatching(/^ERR_/), what_to_do: expect.any(String) })
  })

  it.each([
    ['malformed YAML', 'bad.yaml', 'name: bad\nnodes: 1: 2\n', 'line 2: '],
    ['an unknown field', 'field.yaml', 'name: bad\nnodes: 1\nnoeds: 2\n', 'line 3: '],
    ['a negative size in YAML', 'size.yaml', 'name: bad\naccelerators_per_node: -8\n', 'line 2: '],
    ['a malformed #SBATCH line', 'bad.sh', '#!/bin/sh\n#SBATCH -J bad\n#SBATCH --time=soon\n', 'line 3: --time'],
    ['an open quotation mark', 'quote.sh', '#!/bin/sh\n#SBATCH -J "bad\n', 'line 2: A quotation mark'],
  ])('%s is named by its line', async (_, name, text, sentence) => {
    writeFileSync(join(home.desk, name), text)
    const { stdout, stderr, code } = await run(`submit ${name} --user univ-a-1`)
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 })
    expect(stderr).toContain(`dure: ${name}: `)
    expect(stderr).toContain(sentence)
  })

  it('with a key of another center, or none, is refused', async () => {
    const foreign = `dure_${'a'.repeat(12)}_${'b'.repeat(43)}`
    for (const verb of ['queue', base]) {
      const ended = await run(verb, { env: { DURE_API_KEY: foreign } })
      expect(ended).toEqual({ code: 77, stdout: '', stderr: expect.stringContaining('administrator') })
    }
  })

  it('with a key that has expired is refused, and says so', async () => {
    const created = await json<{ key: string }>('keys create --user univ-a-1 --role researcher --expires-in 1s')
    let asked = await run('queue', { env: { DURE_API_KEY: created.key } })
    await until('the key to expire', async () => {
      asked = await run('queue', { env: { DURE_API_KEY: created.key } })
      return asked.code !== 0
    })
    expect(asked).toMatchObject({ code: 77, stderr: expect.stringContaining('expired') })
    expect((await run(base, { env: { DURE_API_KEY: created.key } })).code).toBe(77)
  })

  it('about the jobs of others is answered as if there were none', async () => {
    const { id } = await json<JobAccepted>(`${LARGE} -J theirs`)
    const created = await json<{ key: string }>('keys create --user sme-a-1 --role researcher')
    const env = { DURE_API_KEY: created.key }
    for (const verb of ['show', 'explain', 'cancel']) {
      expect(await run(`${verb} ${id}`, { env })).toMatchObject({ code: 4, stdout: '' })
    }
    expect((await run('drain h100-0', { env })).code).toBe(77)
    await center.client.cancelJob(id)
  })

  it.each<[string, string | object, number, string]>([
    ['a body over the limit', { comment: 'x'.repeat(70_000) }, 413, 'ERR_BODY_TOO_LARGE'],
    ['an unknown field', { noeds: 2 }, 400, 'ERR_INVALID_REQUEST'],
    ['a broken document', '{"nodes": ', 400, 'ERR_BODY_NOT_JSON'],
    ['a fraction of an accelerator', { accelerators_per_node: 0.5 }, 400, 'ERR_INVALID_REQUEST'],
  ])('%s over HTTP', async (_, body, status, code) => {
    const { key } = await json<{ key: string }>('keys create --user univ-a-1 --role researcher')
    const answer = await fetch(`${center.url}/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify({ name: 'bad', ...body }),
    })
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code })])
  })

  it('has left nothing behind', async () => {
    const names: string[] = []
    for await (const { name } of everyItem((page) => center.client.listJobs(page))) names.push(name)
    expect(names).toContain('theirs')
    expect(names).not.toContain('bad')
  })
})

describe('Ctrl-C', () => {
  it('ends everything, and the next start has every job still', async () => {
    const { id } = await json<JobAccepted>(`${LARGE} -J kept`)
    await jobIs(id, 'waiting', ({ state }) => state === 'PENDING')
    const before = await center.client.getOverview()
    expect(processesOf(home).length).toBeGreaterThanOrEqual(6)

    expect(await center.stop()).toBe(0)
    expect(center.output()).toContain('every job is kept')
    expect(processesOf(home)).toEqual([])
    expect(await run('queue')).toMatchObject({ code: 69, stderr: expect.stringContaining('npm start') })

    center = await startCenter(home, '--speed', '60', '--no-demo')
    const after = await center.client.getOverview()
    expect(after.totals.submitted).toBeGreaterThanOrEqual(before.totals.submitted)
    expect(after.at_ms).toBeGreaterThanOrEqual(before.at_ms)
    expect(await center.client.getJob(id)).toMatchObject({ name: 'kept', state: 'PENDING' })
    // Jobs that ran go on running, and end as if nobody had been away.
    await until('a job to end', async () => {
      const { totals } = await center.client.getOverview()
      return totals.completed > after.totals.completed
    })
    expect(await center.stop()).toBe(0)
    expect(processesOf(home)).toEqual([])
  })
})
