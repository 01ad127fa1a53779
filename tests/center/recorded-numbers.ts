// The table of measured numbers in the README, made from what `npm run bench -- --record` left.

import { existsSync, readdirSync, readFileSync } from 'node:fs'

interface Figure {
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly least: number
  readonly most: number
  readonly samples: number
  readonly p99?: number
}

interface Results {
  readonly at: string
  readonly commit: string | null
  readonly machine: { readonly cpu: string; readonly cores: number; readonly load_before: number }
  readonly benches: readonly { readonly bench: string; readonly figures: readonly Figure[] }[]
}

/** A simulator that others wrote, doing what a figure of ours does. */
interface Peer {
  readonly figure: string
  readonly peer: string
  readonly jobs_per_second: number
  readonly conditions: string
}

const folder = new URL('../../bench/results/', import.meta.url)
const peersFile = new URL('../../bench/peers.json', import.meta.url)

const section = /(<!-- numbers: [^>]* -->\n)([\s\S]*?)(<!-- end of numbers -->)/

/** What stands in the page. */
export const numbersIn = (markdown: string): string | undefined => section.exec(markdown)?.[2]

export const withNumbers = (markdown: string, numbers: string): string =>
  markdown.replace(section, (_, begin: string, _old: string, end: string) => `${begin}${numbers}${end}`)

/** The newest run at full size as Markdown; where there is none, how to make one. */
export function recordedNumbers(): string {
  const newest = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('-full.json'))
        .sort()
        .at(-1)
    : undefined
  if (newest === undefined) return '\nNothing is recorded yet: `npm run bench -- --record`, then `npm run readme`.\n\n'
  return tableOf(JSON.parse(readFileSync(new URL(newest, folder), 'utf8')) as Results)
}

function tableOf({ at, commit, machine, benches }: Results): string {
  const rows = benches.flatMap(({ bench, figures }) =>
    figures.map(
      (figure) => `| ${bench} | ${figure.name} | ${amount(figure.median)} ${figure.unit} | ${spread(figure)} |`,
    ),
  )
  return [
    '',
    `Recorded ${at.slice(0, 10)}${commit === null ? '' : ` at ${commit}`} on ${machine.cores} cores of ${machine.cpu}, load ${amount(machine.load_before)} before it began.`,
    '',
    '| bench | what | median | spread |',
    '| --- | --- | ---: | --- |',
    ...rows,
    '',
    ...besideOthers(benches),
    '',
  ].join('\n')
}

/** Ours are of this run; the others' were measured on a machine of the same kind, not in the same run. */
function besideOthers(benches: Results['benches']): string[] {
  const ours = new Map(benches.find(({ bench }) => bench === 'sim-log')?.figures.map((one) => [one.name, one.median]))
  const rows = (JSON.parse(readFileSync(peersFile, 'utf8')) as Peer[]).flatMap((peer) => {
    const median = ours.get(peer.figure)
    if (median === undefined) return []
    const ratio = `${amount(Math.round(median / peer.jobs_per_second))} ×`
    return `| ${peer.figure} | ${amount(median)} | ${peer.peer} | ${amount(peer.jobs_per_second)} | ${peer.conditions} | ${ratio} |`
  })
  if (rows.length === 0) return []
  return [
    'Beside other simulators on the same logs: the whole command, from the start of the process to its end. Theirs were measured on',
    'another machine of two cores (Debian 12, 23 GB), so the ratio is an order of magnitude.',
    '',
    '| what | Dure, jobs/s | simulator | its jobs/s | conditions | ratio |',
    '| --- | ---: | --- | ---: | --- | ---: |',
    ...rows,
    '',
  ]
}

function spread({ least, most, samples, p99 }: Figure): string {
  if (samples === 1) return 'one run'
  if (p99 === undefined) return `${amount(least)} to ${amount(most)}, ${samples} runs`
  return `p99 ${amount(p99)}, worst ${amount(most)}, ${samples} times`
}

/** Three significant digits are more than a shared machine can repeat. */
const amount = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
