// `dure trace --fit` as people meet it: the real command in a process of its own, on a log of a made-up machine.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Ended, openDesk } from '../testing/desk.ts'

const desk = openDesk()
const { folder } = desk

const dure = (...args: string[]): Ended => desk.dure(args)

/** A log of jobs that come in pairs, every third of which runs to its limit and every fifth of which fails. */
function log(count: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const size = i % 4 === 0 ? 16 : 1
    const run = i % 3 === 0 ? 3600 : 60 + ((7 * i) % 1800)
    const submit = 5000 * Math.floor(i / 2) + 100 * (i % 2)
    const status = i % 5 === 1 ? 0 : 1
    return [
      i + 1,
      submit,
      -1,
      run,
      size,
      -1,
      -1,
      size,
      3600,
      -1,
      status,
      1 + (Math.floor(i / 2) % 7),
      1,
      -1,
      1,
      -1,
      -1,
      -1,
    ]
  })
  return `; MaxProcs: 64\n; UnixStartTime: 1700000000\n${lines.map((fields) => fields.join(' ')).join('\n')}\n`
}
writeFileSync(join(folder, 'pairs.swf'), log(2000))
writeFileSync(join(folder, 'few.swf'), log(60))

describe('dure trace --fit', () => {
  it('prints what was fitted and how close it comes, and writes the model', () => {
    const { stdout, stderr, code } = dure('trace', 'pairs.swf', '--fit', '--out', 'fit.yaml')
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toMatch(/^kinds of job +2: size-1, size-16$/m)
    expect(stdout).toMatch(/^users +7$/m)
    expect(stdout).toMatch(/^time asked for +log +01:00:00 +01:00:00 +01:00:00 +01:00:00 *$/m)
    expect(stdout).toMatch(/^jobs +2,000 +[12],\d{3}$/m)
    expect(stdout).toContain('Distances are those of Kolmogorov and Smirnov')
    const model = parse(readFileSync(join(folder, 'fit.yaml'), 'utf8'))
    expect(model).toMatchObject({ name: 'pairs.swf', percents_of: 'jobs', estimates: { habit: 'table' } })
    expect(model.kinds.map(({ percent }: { percent: number }) => percent)).toEqual([75, 25])
    expect(model.kinds[0].sessions.jobs).toEqual([[2, expect.any(Number)]])
  })

  it('gives both as one document', () => {
    const { stdout, code } = dure('trace', 'pairs.swf', '--fit', '--out', 'fit.json', '--json')
    expect(code).toBe(0)
    const { model, closeness, seed } = JSON.parse(stdout)
    expect(seed).toBe(1)
    expect(JSON.parse(readFileSync(join(folder, 'fit.json'), 'utf8'))).toEqual(model)
    expect(closeness.log).toMatchObject({ jobs: 2000, at_limit: expect.closeTo(1 / 3, 2) })
    const distances = closeness.marginals.map(({ distance }: { distance: number }) => distance)
    expect(distances).toHaveLength(6)
    for (const distance of distances) expect(distance).toBeLessThan(1)
  })

  it('says where the fit is poor', () => {
    // Pairs come by the clock, every 5,000 seconds; the model's come when they come.
    expect(dure('trace', 'pairs.swf', '--fit').stdout).toMatch(
      /^Poor fit of between submissions: up to \d+\.\d % of it lies elsewhere/m,
    )
  })

  it.each([
    [['few.swf', '--fit'], 1, 'few.swf: 60 jobs are too few to fit a model to: it takes 100 at least'],
    [['pairs.swf', '--fit', '--out', 'fit.txt'], 2, '--out must end in .yaml or .json; it is "fit.txt"'],
    [['pairs.swf', '--out', 'fit.yaml'], 2, '--out is for the model that --fit makes: give both'],
    [['pairs.swf', '--fit', '--out', 'nowhere/fit.yaml'], 1, 'it cannot be written'],
  ] as const)('%j ends with %i', (args, expected, sentence) => {
    const { stdout, stderr, code } = dure('trace', ...args)
    expect(stderr).toContain(sentence)
    expect({ stdout, code }).toEqual({ stdout: '', code: expected })
    expect(existsSync(join(folder, 'fit.txt'))).toBe(false)
  })
})
