import { type FairTreeReading, type Language, readFairTreeFile } from '@dure/contract'
import { type FairTreeMode, type FairTreeRow, fairTreeOfFile, type ShareAccountNode } from '@dure/core'
import { table } from '@dure/report'
import { type Command, Option } from 'commander'
import { Failure } from '../failure.ts'
import { readText } from '../input-file.ts'
import { openScreen } from '../screen.ts'

interface Options {
  readonly mode: FairTreeMode
  readonly slurmRoot?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

const DECIMALS = 6

export function declare(command: Command, language: Language): void {
  command
    .argument(
      '<FILE>',
      { ko: '배분 트리 JSON 파일, 또는 -', en: 'share tree with usage, as JSON; - reads it from standard input' }[
        language
      ],
    )
    .addOption(
      new Option(
        '--mode <MODE>',
        {
          ko: 'slurm: Slurm 프로그램과 같은 값, exact: 정수로 정확히 비교하고 동점 계정을 합침',
          en: 'slurm: as the program does it; exact: as it is documented, compared exactly, tied accounts merged',
        }[language],
      )
        .choices(['slurm', 'exact'])
        .default('exact'),
    )
    .option(
      '--slurm-root',
      { ko: 'Slurm이 스스로 두는 root 사용자 추가', en: 'add the user root that Slurm has by itself' }[language],
    )
    .addHelpText('after', '\n  $ dure fairtree tree.json --mode slurm --slurm-root')
    .action(async (file: string) => {
      const options = command.optsWithGlobals<Options>()
      const screen = openScreen(options, language)
      const rows = ranked(file, readFairTreeFile(await readText(file)), options)
      if (screen.json) screen.document(rows)
      else screen.data(drawn(rows, screen.width, screen.emphasis))
    })
}

function ranked(file: string, reading: FairTreeReading, { mode, slurmRoot = false }: Options): FairTreeRow[] {
  if (!reading.ok)
    throw new Failure('ERR_BAD_FAIR_TREE_FILE', {
      where: file,
      detail: { ko: '배분 트리가 아닙니다', en: 'not a share tree' },
      findings: reading.findings,
    })
  try {
    return fairTreeOfFile(reading.tree as ShareAccountNode, { mode, slurmRoot })
  } catch (error) {
    // The core refuses what has the form of a tree and makes no sense, such as half a share.
    if (!(error instanceof RangeError)) throw error
    throw new Failure('ERR_BAD_FAIR_TREE_FILE', { where: file, detail: error.message, cause: error })
  }
}

const drawn = (rows: readonly FairTreeRow[], width: number, emphasis: (text: string) => string): string =>
  table(
    [
      { title: 'ACCOUNT', value: ({ account }) => account, elastic: 1 },
      { title: 'USER', value: ({ user }) => user ?? '', elastic: 2 },
      { title: 'LEVELFS', value: ({ level_fs }) => shown(level_fs), align: 'right' },
      { title: 'FAIRSHARE', value: ({ fair_share }) => shown(fair_share), align: 'right' },
    ],
    rows,
    { width, emphasis },
  )

const shown = (value: number | 'inf' | null): string =>
  value === null ? '' : value === 'inf' ? 'inf' : value.toFixed(DECIMALS)
