// One seed, one answer: the same scenario in this thread, in a worker thread of Node and in a worker of a real browser.

import { loadPreset } from '@dure/contract/presets'
import { easy, fairshare } from '@dure/core'
import { parseSwf, runScenario, type Scenario, stream, swfCenter } from '@dure/sim'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BrowserWorkerPage, openWorkerPage } from './browser-worker-page.ts'
import { askThread } from './node-thread.ts'
import { type Answer, answer } from './worker-answers.ts'

const DAY_MS = 86_400_000

/** Nodes of three kinds, a tree of shares, decayed usage, modelled demand past what there is: whatever computes with more than integers. */
const modelled = (days: number): Scenario => ({
  config: { ...loadPreset('baseline-2024').config, policy: fairshare },
  demand: { kind: 'modelled', load: 1.1, startMs: 0, untilMs: days * DAY_MS, openedBeforeMs: 7 * DAY_MS },
})

/** A log of 64 processors that are asked for a little more than they can do. */
function logged(): Scenario {
  const draws = stream(7, 'log')
  let submitS = 0
  const lines = Array.from({ length: 6000 }, (_, i) => {
    submitS += Math.floor(draws.exponential(240))
    const runS = 1 + Math.floor(draws.lognormal(600, 1.5))
    const estimateS = runS + 60 * draws.int(0, 100)
    const size = draws.int(1, 24)
    return `${i + 1} ${submitS} -1 ${runS} ${size} -1 -1 ${size} ${estimateS} -1 1 ${draws.int(1, 9)} 1 -1 -1 -1 -1 -1`
  })
  const { config, demand } = swfCenter(parseSwf(new TextEncoder().encode(lines.join('\n'))).jobs, 64, easy)
  return { config, demand: { kind: 'given', demand }, passPer: 'event' }
}

/** The answer of this very thread. */
function here(scenario: Scenario, seed: number): Answer {
  const answers: Answer[] = []
  answer({ scenario, seed, cancel: new SharedArrayBuffer(4) }, (message) => {
    if (message.kind === 'answer') answers.push(message.answer)
  })
  return answers[0]!
}

let page: BrowserWorkerPage
beforeAll(async () => {
  page = await openWorkerPage()
})
afterAll(() => page?.close())

describe.each([
  ['a worker thread', () => askThread],
  ['a worker of the browser', () => page.ask],
])('%s', (_, place) => {
  it.each([
    ['a modelled workload under fairshare', modelled(2)],
    ['a log under easy', logged()],
  ])('has the answer of this thread to %s', async (_, scenario) => {
    const { answer, progress } = await place()(scenario, 42, 'finish')
    expect(answer).toEqual(here(scenario, 42))
    expect(answer.outcome).toBe('complete')
    expect(answer.jobs).toBeGreaterThan(5000)
    expect(progress.length).toBeGreaterThan(2)
    expect(progress).toEqual(progress.toSorted(([a], [b]) => a - b))
    expect(progress.at(-1)).toEqual([answer.jobs, answer.jobs])
  })

  it('has another answer to another seed', async () => {
    const { answer } = await place()(modelled(1), 43, 'finish')
    expect(answer).toEqual(here(modelled(1), 43))
    expect(answer.factsHash).not.toBe(here(modelled(1), 42).factsHash)
  })

  it('stops at the bound of events, where this thread does', async () => {
    const bounded = { ...modelled(1), eventsMax: 5000 }
    const { answer } = await place()(bounded, 42, 'finish')
    expect(answer).toEqual(here(bounded, 42))
    expect(answer.outcome).toBe('events-max')
  })

  it('is stopped while it runs, by memory that both threads see', async () => {
    const { answer, progress } = await place()(modelled(30), 42, 'stop')
    expect(answer.outcome).toBe('cancelled')
    expect(progress.at(-1)![0]).toBeLessThan(answer.jobs / 2)
  })
})

it('browser and bundler have nothing to say against it', () => {
  expect(page.complaints).toEqual([])
})

it('the seed decides nothing where the jobs are given', () => {
  expect(runScenario(logged(), 1).simulation.factsHash).toBe(runScenario(logged(), 2).simulation.factsHash)
})
