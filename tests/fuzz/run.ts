// `npm run fuzz [-- --requests N --inputs N --seed N --minutes N]`: requests on a real API, and inputs for every parser, all from one seed. Ends with
// 1 where something was answered with 5xx, threw what it does not promise, was slow, or grew; each with the input, and the command that
// finds it again.

import { parseArgs } from 'node:util'
import { machineLine, thisMachine } from '@dure/bench/machine'
import { fuzzParsers } from './parser-fuzz.ts'
import { fuzzRequests } from './request-fuzz.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    /** Each of the two parts stops after so long, whatever it has done. */
    minutes: { type: 'string', default: '120' },
  },
})
const [requests, inputs, seed, minutes] = [values.requests, values.inputs, values.seed, values.minutes].map(Number) as [
  number,
  number,
  number,
  number,
]
if (![requests, inputs, seed, minutes].every((value) => Number.isSafeInteger(value) && value >= 0)) {
  process.stderr.write('usage: npm run fuzz -- [--requests N] [--inputs N] [--seed N] [--minutes N]\n')
  process.exit(2)
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const startMs = performance.now()
const ofParsers = inputs === 0 ? undefined : await fuzzParsers(inputs, seed, performance.now() + minutes * 60_000)
const ofRequests = requests === 0 ? undefined : await fuzzRequests(requests, seed, performance.now() + minutes * 60_000)
const failures = [...(ofParsers?.failures ?? []), ...(ofRequests?.failures ?? [])]

say(
  `${new Date().toISOString()}, ${machineLine(thisMachine())}, seed ${seed}, ${Math.round((performance.now() - startMs) / 1000)} s`,
)
if (ofParsers !== undefined) {
  say(`${ofParsers.inputs} inputs, grew by ${ofParsers.growthMib} MiB`)
  for (const { name, inputs: count, slowestMs } of ofParsers.parsers)
    say(`  ${name}: ${count}, slowest ${slowestMs.toFixed(1)} ms`)
}
if (ofRequests !== undefined) {
  const { requests: sent, garbage, statuses, slowestMs, growthMib } = ofRequests
  say(`${sent} requests, ${garbage} of them bytes, slowest ${Math.round(slowestMs)} ms, grew by ${growthMib} MiB`)
  say(
    `  ${Object.entries(statuses)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', ')}`,
  )
}
for (const { where, what, input } of failures) say(`\n${where}: ${what}\n  ${input}`)
if (failures.length > 0) say(`\nagain: npm run fuzz -- --requests ${requests} --inputs ${inputs} --seed ${seed}`)
say(`${failures.length} failures`)
process.exitCode = failures.length === 0 ? 0 : 1
