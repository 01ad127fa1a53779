// The tables of measured numbers in the README, made from what `npm run bench -- --record` left.

import {
  amount,
  type PeerRow,
  peerRows,
  type RecordedRun,
  recordedRuns,
  type TargetRow,
  targetRows,
} from '@dure/bench/recorded'

const section = /(<!-- numbers: [^>]* -->\n)([\s\S]*?)(<!-- end of numbers -->)/

/** What stands in the page. */
export const numbersIn = (markdown: string): string | undefined => section.exec(markdown)?.[2]

export const withNumbers = (markdown: string, numbers: string): string =>
  markdown.replace(section, (_, begin: string, _old: string, end: string) => `${begin}${numbers}${end}`)

/** The newest figures of full size as Markdown; where there are none, how to make them. */
export function recordedNumbers(): string {
  const runs = recordedRuns()
  const newest = runs.at(-1)
  if (newest === undefined) return '\nNothing is recorded yet: `npm run bench -- --record`, then `npm run readme`.\n\n'
  return [
    '',
    ...recordedOn(newest),
    '',
    ...besideTargets(targetRows(runs)),
    '',
    ...besideOthers(peerRows(runs)),
    '',
  ].join('\n')
}

const recordedOn = ({ at, commit, machine }: RecordedRun): string[] => [
  `Recorded ${at.slice(0, 10)}${commit === null ? '' : ` at ${commit}`} on ${machine.cores} cores of ${machine.cpu}, load ${amount(machine.load_before)} before it began.`,
]

const besideTargets = (rows: readonly TargetRow[]): string[] => [
  '| what | measured | promised | aim | command |',
  '| --- | ---: | ---: | ---: | --- |',
  ...rows.map(({ target: { what, at_least, at_most, aim }, newest, verdict, command }) => {
    const measured = newest === undefined ? verdict : `${amount(newest.value)} ${newest.figure.unit}, ${verdict}`
    const promised = at_least === undefined ? `≤ ${amount(at_most!)}` : `≥ ${amount(at_least)}`
    return `| ${what.en} | ${measured} | ${promised} | ${amount(aim)} | \`${command}\` |`
  }),
]

function besideOthers(rows: readonly PeerRow[]): string[] {
  if (rows.length === 0) return []
  return [
    'Beside others, whose figures are their own or were measured on another machine, so that a ratio is an order of magnitude:',
    '',
    '| what | Dure | who else | theirs | conditions, and what differs | ratio |',
    '| --- | ---: | --- | ---: | --- | ---: |',
    ...rows.map(({ peer, ours, ratio }) =>
      [
        '',
        ` ${peer.figure} `,
        ` ${amount(ours)} ${peer.unit} `,
        ` ${peer.peer} `,
        ` ${amount(peer.theirs)} ${peer.unit} `,
        ` ${peer.differs} (${peer.source}) `,
        ` ${ratio === undefined ? '' : `${amount(ratio)} ×`} `,
        '',
      ].join('|'),
    ),
    '',
  ]
}
