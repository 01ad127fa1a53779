import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { figureNames, numberFormats } from './accelerator.ts'
import { acceleratorOf, accelerators, figureOf, serverWattsPerAccelerator } from './catalogue.ts'
import type { Figure, FigureStatus, Reading } from './figure.ts'
import { figureSources } from './sources.ts'

const models = accelerators.map((accelerator) => [accelerator.model, accelerator] as const)

const readingsOf = (accelerator: (typeof accelerators)[number]): [string, Reading][] =>
  figureNames.flatMap((name) => {
    const figure = accelerator.figures[name]
    return figure === null ? [] : [figure, ...figure.others].map((reading): [string, Reading] => [name, reading])
  })

/** The published tables once more, typed apart from the catalogue: `x` is not known, a range has both its ends. */
const copied = `
A100       | 19.5    | 156   | 312  | 0    | 624  | 80      | 2040      | 400
H100       | 66.9    | 494.7 | 989.4| 1979 | 1979 | 80      | 3350      | 700
H200       | 67      | 495   | 989  | 1979 | 1979 | 141     | 4800      | 700
GH200      | 67      | 495   | 990  | 1980 | 1980 | 96 144  | 4000 4900 | 1000
B200       | 37 40   | 1100  | 2250 | 4500 | 4500 | 180 192 | 7700 8000 | 1000
GB200      | 40 45   | 1250  | 2500 | 5000 | 5000 | 186 192 | 8000      | 1200
B300       | 1.25    | x     | 2250 3500 | 4500 7000 | x | 288  | 8000    | 1400
MI300X     | 163.4   | 654   | 1307 | 2610 | 2610 | 192     | 5300      | 750
ATOM       | 0       | x     | 32   | x    | 128  | 16      | 256       | 65 75
ATOM-Max   | 0       | x     | 128  | x    | 512  | 64      | 1000      | 350
REBEL-Quad | 0       | x     | 1024 | 2048 | x    | 144     | 2700 4800 | 600
RNGD       | 0       | x     | 256  | 512  | 512  | 48      | 1500      | 150 180
Warboy     | 0       | x     | x    | x    | 64   | 16      | 66        | 40 60
X220       | 0       | x     | x    | x    | 87   | 8       | x         | 65
X330       | 0       | x     | 184  | 367  | 734  | 32      | x         | 120 250
GDDR6-AiM  | 0       | x     | x    | x    | x    | 1       | 32        | x
AiMX       | 0       | x     | x    | x    | x    | 16 32   | x         | x
HBM-PIM    | 0       | x     | x    | x    | x    | 6       | x         | x
UPMEM      | 0       | x     | 0    | 0    | x    | 8       | x         | 23
`
const columns = ['fp64', 'tf32', 'bf16', 'fp8', 'int8', 'memoryGb', 'bandwidthGbPerS', 'watts'] as const

const cells = copied
  .trim()
  .split('\n')
  .flatMap((line) => {
    const [model = '', ...values] = line.split('|').map((cell) => cell.trim())
    return columns.map((column, index) => [model, column, values[index] ?? ''] as const)
  })

it('has a row for every device of the published tables, and no other', () => {
  expect(accelerators.map(({ model }) => model)).toEqual([...new Set(cells.map(([model]) => model))])
})

it.each(cells)('%s, %s: %s', (model, column, cell) => {
  const figure = acceleratorOf(model)?.figures[column]
  const known = figure ? [figure, ...figure.others].map(({ value }) => value) : []
  const values = cell === 'x' ? [] : cell.split(' ').map(Number)
  // A page that has been read since may know more digits, or what was not known; it never loses a value.
  for (const value of values) {
    expect(
      known.some((one) => Math.abs(one - value) <= 0.002 * value),
      `${known} lacks ${value}`,
    ).toBe(true)
  }
  if (cell === 'x') expect(figure?.status ?? 'unknown').not.toBe('unverified')
})

describe.each(models)('%s', (_, accelerator) => {
  it('says of every number how sure it is and who says so', () => {
    for (const [name, { value, status, sources }] of readingsOf(accelerator)) {
      expect(value, name).toBeGreaterThanOrEqual(0)
      expect(sources.length, name).toBeGreaterThan(0)
      for (const key of sources) expect(figureSources, name).toHaveProperty(key)
      // Only what was read may be called read.
      const isRead = sources.every((key) => figureSources[key].address !== null)
      expect([name, isRead]).toEqual([name, status !== 'unverified'])
    }
  })

  it('says the same of its prices, with the cheaper end first', () => {
    for (const { low, high, status, sources } of accelerator.prices) {
      expect(low).toBeGreaterThan(0)
      expect(high).toBeGreaterThanOrEqual(low)
      const isRead = sources.every((key) => figureSources[key].address !== null)
      expect(isRead).toBe(status !== 'unverified')
    }
  })

  it('explains a figure that is derived or disputed', () => {
    for (const name of figureNames) {
      const figure = accelerator.figures[name]
      if (figure?.status === 'derived' || (figure?.others.length ?? 0) > 0) expect(figure?.note, name).not.toBeNull()
      expect(figure?.others.map(({ value }) => value) ?? []).not.toContain(figure?.value)
    }
  })

  it('has units that can be: memory, power and years', () => {
    const year = figureOf(accelerator, 'availableYear') ?? 2020
    expect(year).toBeGreaterThanOrEqual(2019)
    expect(year).toBeLessThanOrEqual(2030)
    const server = serverWattsPerAccelerator(accelerator)
    if (server !== null) expect(server).toBeGreaterThan(figureOf(accelerator, 'watts') ?? 0)
    const inside = figureOf(accelerator, 'internalBandwidthGbPerS')
    if (inside !== null) expect(accelerator.kind).toBe('pim')
  })

  it('is the faster the shorter the format', () => {
    const falling = (['fp64', 'fp32', 'tf32', 'bf16', 'fp8', 'fp4'] as const)
      .map((format) => figureOf(accelerator, format))
      .filter((peak): peak is number => peak !== null && peak > 0)
    expect(falling.toSorted((a, b) => a - b)).toEqual(falling)
  })
})

it('gives no NPU and no PIM device double precision, by any source', () => {
  const others = accelerators.filter(({ kind }) => kind !== 'gpu')
  expect(others).toHaveLength(11)
  for (const { model, figures } of others) {
    expect([model, figures.fp64?.value, figures.fp64?.others]).toEqual([model, 0, []])
    expect([model, figures.fp64Vector?.value ?? 0]).toEqual([model, 0])
  }
})

it('counts as domestic what the press release counts so', () => {
  const domestic = accelerators.filter(({ origin }) => origin === 'domestic').map(({ vendor }) => vendor)
  expect([...new Set(domestic)]).toEqual(['Rebellions', 'FuriosaAI', 'SAPEON', 'SK hynix', 'Samsung'])
  expect(accelerators.filter(({ kind, origin }) => kind === 'gpu' && origin === 'domestic')).toEqual([])
})

it('knows what a server takes for one accelerator', () => {
  const watts = (model: string) => serverWattsPerAccelerator(acceleratorOf(model)!)
  expect(watts('H100')).toBe(1275)
  expect(watts('B200')).toBeCloseTo(1790, -1)
  expect(watts('GB200')).toBeCloseTo(1670, -1)
  expect(watts('AiMX')).toBeNull()
})

it('finds a model however it is capitalized, and each model once', () => {
  expect(acceleratorOf('rngd')?.kind).toBe('npu')
  expect(acceleratorOf('H999')).toBeUndefined()
  expect(new Set(accelerators.map(({ model }) => model.toLowerCase())).size).toBe(accelerators.length)
})

it('has a slot for every format, known or not', () => {
  for (const { figures } of accelerators) {
    expect(Object.keys(figures)).toEqual([...figureNames])
    for (const format of numberFormats) expect(figures[format]).not.toBeUndefined()
  }
})

describe('the table of the README', () => {
  const letters: Readonly<Record<FigureStatus, string>> = { verified: '', weak: 'w', derived: 'd', unverified: 'u' }
  const printed = (figure: Figure | null): string => {
    if (figure === null) return '?'
    const readings = [figure, ...figure.others]
    return readings.map(({ value, status }) => `${value.toLocaleString('en')}${letters[status]}`).join(' / ')
  }
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

  it.each(models)('has the figures of the %s', (model, { figures }) => {
    const row = readme.split('\n').find((line) => line.startsWith(`| ${model} `))
    const inside = figures.internalBandwidthGbPerS
    expect(
      row
        ?.split('|')
        .slice(2, -1)
        .map((cell) => cell.trim()),
    ).toEqual([
      ...(['fp64', 'bf16', 'fp8', 'int8', 'memoryGb'] as const).map((name) => printed(figures[name])),
      inside === null ? printed(figures.bandwidthGbPerS) : `${printed(inside)} inside`,
      printed(figures.watts),
    ])
  })
})
