import { expect, it } from 'vitest'
import { gathered } from './gathered.ts'

interface Call {
  readonly items: readonly string[]
  readonly outcome: PromiseWithResolvers<readonly string[]>
}

function calls(bounds: { togetherMax: number; underWayMax: number }) {
  const made: Call[] = []
  const ask = gathered(bounds, (items: readonly string[]) => {
    const outcome = Promise.withResolvers<readonly string[]>()
    made.push({ items, outcome })
    return outcome.promise
  })
  const answer = (call: number): void =>
    made[call]!.outcome.resolve(made[call]!.items.map((item) => item.toUpperCase()))
  return { ask, answer, made, items: () => made.map(({ items }) => items.join('')) }
}

it('sends what comes while calls are on their way with the next one, in order, and answers each in its place', async () => {
  const { ask, answer, items } = calls({ togetherMax: 3, underWayMax: 2 })
  const first = [ask('a'), ask('b')]
  await null
  const rest = ['c', 'd', 'e', 'f', 'g'].map(ask)
  await null
  expect(items()).toEqual(['ab', 'cde'])
  answer(0)
  expect(await Promise.all(first)).toEqual(['A', 'B'])
  await expect.poll(items).toEqual(['ab', 'cde', 'fg'])
  answer(2)
  answer(1)
  expect(await Promise.all(rest)).toEqual(['C', 'D', 'E', 'F', 'G'])
})

it('fails those of the call that failed, and goes on', async () => {
  const { ask, answer, made, items } = calls({ togetherMax: 2, underWayMax: 1 })
  const asked = ['a', 'b', 'c'].map(ask)
  await null
  made[0]!.outcome.reject(new Error('refused'))
  expect((await Promise.allSettled(asked.slice(0, 2))).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect.poll(items).toEqual(['ab', 'c'])
  answer(1)
  expect(await asked[2]).toBe('C')
})
