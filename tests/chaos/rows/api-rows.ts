// The API dies at a named point, or is asked the same thing many times.

import type { LiveRow, Scene } from './row.ts'

/** Ends the API where it next passes `point`, and gives it time to get there. */
async function crashApiAt({ center }: Scene, point: string) {
  const api = center.role('api')
  api.tell({ order: 'crash', point })
  if (await api.ended(5_000)) return undefined
  return { violations: [`the API did not pass ${point} within 5 s`] }
}

const apiRow = (name: string, where: string, promise: string, point: string): LiveRow => ({
  kind: 'live',
  name,
  fault: `API ended ${where}`,
  promise,
  rounds: { short: 1, 'half-hour': 30, overnight: 300 },
  center: {},
  recoveryMsMax: 15_000,
  inject: (scene) => crashApiAt(scene, point),
})

const KEYED = 200

export const apiRows: readonly LiveRow[] = [
  apiRow('1', 'before the queue has a submit', 'no duplicate; every retry is answered', 'commands.send before'),
  apiRow('2', 'after the queue has it, before the answer', 'the retry gets the same id', 'commands.send after'),
  apiRow('3', 'after its number is reserved', 'the retry goes on under the same number', 'intake.reserve after'),
  {
    kind: 'live',
    name: '24',
    fault: `${KEYED} submits at once with one key`,
    promise: 'exactly one job; every answer is the same',
    rounds: { short: 1, 'half-hour': 10, overnight: 100 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ client, random }) => {
      const job = { name: `one-${random.int(1, 1e9)}`, user: 'ada', run_time_ms: 1_000 }
      const calls = await Promise.all(Array.from({ length: KEYED }, () => client.submit(job)))
      const bad = calls.filter(({ outcome }) => outcome !== 'ok')
      const ids = new Set(calls.map(({ job: id }) => id))
      return {
        violations: [
          ...(bad.length > 0 ? [`${bad.length} of ${KEYED} were answered ${bad[0]!.status}`] : []),
          ...(ids.size === 1 ? [] : [`${ids.size} jobs for one key`]),
        ],
      }
    },
  },
  {
    kind: 'live',
    name: '25',
    fault: 'one key with another body',
    promise: '422, whenever it comes',
    rounds: { short: 1, 'half-hour': 10, overnight: 100 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ client, random }) => {
      const name = `other-${random.int(1, 1e9)}`
      const bodies = Array.from({ length: 20 }, (_, i) => ({ name, user: 'ben', run_time_ms: 1_000 + i }))
      await client.submit(bodies[0]!)
      const others = await Promise.all(bodies.slice(1).map((body) => client.submit(body)))
      const wrong = others.filter(({ status }) => status !== 422)
      return { violations: wrong.map(({ status }) => `another body under ${name} was answered ${status}`) }
    },
  },
]
