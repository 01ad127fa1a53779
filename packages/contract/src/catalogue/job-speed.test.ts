import { jobKinds } from '@dure/sim'
import { describe, expect, it } from 'vitest'
import { accelerators } from './catalogue.ts'
import { type JobKindName, type JobSpeed, jobKindNames, speedOf } from './job-speed.ts'
import { npuReadiness, npuReadinessOf } from './npu-readiness.ts'
import { figureSources } from './sources.ts'

const YEAR = 2030

function running(kind: JobKindName, model: string, year = YEAR): Extract<JobSpeed, { runs: true }> {
  const speed = speedOf(kind, model, year)
  if (!speed.runs) throw new Error(`${kind} does not run on ${model}: ${speed.reason}`)
  return speed
}
const refusal = (kind: JobKindName, model: string, year = YEAR) => {
  const speed = speedOf(kind, model, year)
  return speed.runs ? 'runs' : speed.reason
}

it('speaks of the kinds of work that the simulator makes', () => {
  expect([...jobKindNames]).toEqual(jobKinds.map(({ name }) => name))
})

it.each(jobKinds.map((kind) => [kind.name as JobKindName, kind] as const))(
  '%s runs where the model sends it',
  (name, kind) => {
    const sentTo = new Set(kind.runsOn === 'any' ? [] : kind.runsOn.flat())
    for (const { model, kind: device } of accelerators) {
      expect([model, refusal(name, model) === 'wrong-device']).toEqual([model, !sentTo.has(device)])
    }
  },
)

describe('peaks beside an H100, to the digits that were reckoned elsewhere', () => {
  it.each<[string, number | null, number | [number, number], number | [number, number] | null]>([
    ['A100', 0.32, 0.61, 0.29],
    ['H200', 1.0, 1.43, 1.0],
    ['B200', 2.27, [2.3, 2.39], [0.55, 0.6]],
    ['GB200', 2.53, 2.39, [0.6, 0.67]],
    ['MI300X', 1.32, 1.58, 2.44],
    ['RNGD', null, 0.45, null],
  ])('%s: training %s, inference %s, HPC %s', (model, training, inference, hpc) => {
    const within = (mille: number | null, expected: number | [number, number]) => {
      const [low, high] = typeof expected === 'number' ? [expected, expected] : expected
      expect(mille).toBeGreaterThanOrEqual(1000 * low - 5)
      expect(mille).toBeLessThanOrEqual(1000 * high + 5)
    }
    if (training === null) expect(refusal('pretraining', model)).toBe('wrong-device')
    else within(running('pretraining', model).mille, training)
    within(running('inference', model).ceilingMille, inference)
    if (hpc === null) expect(refusal('hpc', model)).toBe('wrong-device')
    else within(running('hpc', model).mille, hpc)
  })

  it.each(jobKindNames)('an H100 does %s like an H100', (kind) => {
    expect(running(kind, 'H100')).toMatchObject({ mille: 1000, portableMille: 1000 })
  })
})

describe('where somebody has measured', () => {
  it.each<[JobKindName, string, number, number]>([
    ['inference', 'RNGD', 298, 448],
    ['evaluation', 'RNGD', 298, 259],
    ['inference', 'H200', 1156, 1433],
    ['inference', 'B200', 2438, 2388],
    ['inference', 'A100', 417, 609],
  ])('%s on %s: %i thousandths, not the %i of its peak', (kind, model, mille, ceilingMille) => {
    expect(running(kind, model)).toMatchObject({ basis: 'measurement', mille, ceilingMille })
  })

  it('only what was measured is taken from it', () => {
    expect(running('fine-tune', 'B200')).toMatchObject({ basis: 'peak', mille: 2274 })
  })
})

describe('what does not run', () => {
  it('HPC, where double precision is a token or missing', () => {
    const runs = accelerators.filter(({ model }) => refusal('hpc', model) === 'runs').map(({ model }) => model)
    expect(runs).toEqual(['A100', 'H100', 'H200', 'GH200', 'B200', 'GB200', 'MI300X'])
    expect(refusal('hpc', 'B300')).toBe('token-fp64')
  })

  it('training and notebooks, on anything but a GPU', () => {
    for (const kind of ['notebook', 'fine-tune', 'classical', 'pretraining', 'hpc'] as const) {
      for (const { model, kind: device } of accelerators) {
        if (device !== 'gpu') expect([model, refusal(kind, model)]).toEqual([model, 'wrong-device'])
      }
    }
  })

  it('anything, before its time or where nothing is known', () => {
    expect(refusal('pretraining', 'B200', 2024)).toBe('not-yet')
    expect(refusal('pretraining', 'B200', 2025)).toBe('runs')
    expect(refusal('inference', 'REBEL-Quad', 2025)).toBe('not-yet')
    expect(refusal('inference', 'X220')).toBe('unpublished')
    expect(refusal('inference', 'HBM-PIM')).toBe('unpublished')
    expect(refusal('inference', 'H999')).toBe('no-such-model')
  })
})

describe('NPU software', () => {
  it('is assumed to grow evenly from a tenth to seven tenths, and nobody has published it', () => {
    expect(npuReadiness.map(({ year }) => npuReadinessOf(year))).toEqual([100, 200, 300, 400, 500, 600, 700])
    expect(npuReadiness.every(({ publishedMille }) => publishedMille === null)).toBe(true)
    expect(npuReadinessOf(2023)).toBe(0)
    expect(npuReadinessOf(2035)).toBe(700)
  })

  it('decides how many jobs an NPU can take, and not how fast it is', () => {
    const slow = running('inference', 'RNGD', 2026)
    const late = running('inference', 'RNGD', 2030)
    expect([slow.portableMille, late.portableMille]).toEqual([300, 700])
    expect(slow.mille).toBe(late.mille)
    expect(running('inference', 'H200', 2026).portableMille).toBe(1000)
  })

  it('can be a plan’s own, and comes late there; what is published goes before what is assumed', () => {
    const stuck = [{ year: 2024, publishedMille: null, assumedMille: 200 }]
    expect(speedOf('inference', 'RNGD', 2030, stuck)).toMatchObject({ runs: true, portableMille: 200 })
    const counted = [{ year: 2024, publishedMille: 350, assumedMille: 200 }]
    expect(npuReadinessOf(2026, counted)).toBe(350)
  })

  it('is there before it runs anything', () => {
    const none = [{ year: 2024, publishedMille: null, assumedMille: 0 }]
    expect(speedOf('inference', 'RNGD', 2030, none)).toEqual({ runs: false, reason: 'no-software' })
  })
})

it('credits memory that computes with three H100 at most', () => {
  const mille = accelerators
    .filter(({ kind }) => kind === 'pim')
    .map(({ model }) => speedOf('inference', model, YEAR))
    .flatMap((speed) => (speed.runs ? [speed.mille] : []))
  expect(mille).toEqual([153, 2388, 38])
  expect(Math.max(...mille)).toBeLessThanOrEqual(3000)
})

it('says of every speed what it rests on, in whole thousandths', () => {
  for (const kind of jobKindNames) {
    for (const { model } of accelerators) {
      const speed = speedOf(kind, model, YEAR)
      if (!speed.runs) continue
      expect(Number.isInteger(speed.mille) && speed.mille > 0, `${kind} on ${model}`).toBe(true)
      expect(speed.sources.length > 0 || speed.basis === 'person', `${kind} on ${model}`).toBe(true)
      for (const key of speed.sources) expect(figureSources).toHaveProperty(key)
    }
  }
})
