import { expect, it } from 'vitest'
import { groupQuotas } from './group-quotas.ts'

it.each([
  ['nobody', 30, [], []],
  ['no slots at all', 0, [{ kind: 'static', slots: 20 } as const, { kind: 'dynamic', fraction: 1 } as const], [0, 0]],
  ['a static quota of nothing', 10, [{ kind: 'static', slots: 0 } as const], [0]],
  [
    'static quotas that leave nothing',
    10,
    [{ kind: 'static', slots: 40 } as const, { kind: 'dynamic', fraction: 1 } as const],
    [10, 0],
  ],
])('%s', (_, slots, quotas, expected) => {
  expect(groupQuotas(slots, quotas)).toEqual(expected)
})
