import { availableParallelism } from 'node:os'
import {
  type Bilingual,
  exitCodes,
  type Language,
  parseThreshold,
  type ResultRow,
  type StudyPromise,
  thresholdForms,
  thresholdText,
} from '@dure/contract'
import { studySummary } from '@dure/report/study'
import {
  faultOfColumn,
  logName,
  logsIn,
  type Missed,
  missedIn,
  outcomeOf,
  type Study,
  unitsExpected,
} from '@dure/study'
import { runLocally, UnitFailed } from '@dure/study/local'
import type { Command } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { Failure } from '../failure.ts'
import { interruption } from '../interruption.ts'
import { openProgress } from '../progress.ts'
import { openScreen, type Screen } from '../screen.ts'
import { isAscii } from '../sim-report.ts'
import { openStudyFolder } from '../study-folder.ts'
import { rowsOfCenter, type StudyRun } from '../study-on-center.ts'
import { writeStudyResults } from '../study-results.ts'
import { openStudy } from '../study-source.ts'
import { countOf } from '../trace-file.ts'

interface Options extends ServerOptions {
  readonly out?: string
  readonly resume?: boolean
  readonly seeds?: number
  readonly days?: number
  readonly threshold?: readonly StudyPromise[]
  readonly workers?: number
  readonly center?: boolean
}

export function declare(command: Command, language: Language): void {
  const text = (said: Bilingual): string => said[language]
  command
    .argument('<SCENARIO>', text({ ko: '시나리오의 이름이나 YAML 파일', en: 'name of a scenario, or a YAML file' }))
    .option(
      '--out <DIR>',
      text({
        ko: '결과를 둘 폴더 (기본: 시나리오 이름에 -study를 붙인 것)',
        en: 'folder for the results (default: the name of the scenario and -study)',
      }),
    )
    .option('--resume', text({ ko: '폴더에 있는 결과에서 이어서', en: 'go on from what the folder has' }))
    .option(
      '--seeds <N>',
      text({ ko: '시드 수 (기본: 파일, 없으면 3)', en: 'how many seeds (default: that of the file, else 3)' }),
      countOf('--seeds'),
    )
    .option(
      '--days <N>',
      text({ ko: '시뮬레이션할 날 수 (기본: 파일)', en: 'days to simulate (default: those of the file)' }),
      countOf('--days'),
    )
    .option(
      '--threshold <BOUND>',
      text({
        ko: "지켜야 할 한계, 여러 번 쓸 수 있음: 'wait_p95_s<3600' (어기면 종료 코드 99)",
        en: "a bound to keep, may be repeated: 'wait_p95_s<3600' (exit code 99 where it is missed)",
      }),
      (written: string, before: readonly StudyPromise[] = []) => [...before, thresholdOf(written, language)],
    )
    .option(
      '--workers <N>',
      text({ ko: '동시에 돌릴 시뮬레이션 수 (기본: 코어 수)', en: 'simulations at a time (default: cores)' }),
      countOf('--workers'),
    )
    .option(
      '--center',
      text({
        ko: '이 컴퓨터 대신 센터의 작업자들에게 맡김',
        en: 'have the workers of a center run it, not this machine',
      }),
    )
  addServerOptions(command, language)
  command.addHelpText('after', text(examples)).action(async (source: string) => {
    const options = command.optsWithGlobals<Options>()
    await runStudy(source, options, openScreen(options, language))
  })
}

const examples: Bilingual = {
  ko: `
  $ dure study two-exaflops --out two-ef
  $ dure study plan.yaml --resume --threshold 'wait_p95_s<86400' --threshold 'utilization>=0.6'
  $ dure study plan-2030 --center

  폴더: report.html, results.json, results.csv, results.parquet, study.json, rows.jsonl`,
  en: `
  $ dure study two-exaflops --out two-ef
  $ dure study plan.yaml --resume --threshold 'wait_p95_s<86400' --threshold 'utilization>=0.6'
  $ dure study plan-2030 --center

  The folder: report.html, results.json, results.csv, results.parquet, study.json, rows.jsonl`,
}

async function runStudy(source: string, options: Options, screen: Screen): Promise<void> {
  const { language } = screen
  const { threshold: thresholds = [] } = options
  const { study, question } = await openStudy(source, options, language)
  if (options.center) assertGoesToCenter(study, language)
  for (const one of thresholds) {
    const fault = faultOfColumn(study, one)
    if (fault !== null) throw new Failure('ERR_USAGE', { detail: `--threshold: ${fault[language]}` })
  }
  const out = options.out ?? `${study.name}-study`
  const signal = interruption()
  const folder = openStudyFolder(out, study, options.resume || options.center || false)
  const run = { study, folder, screen, signal }
  const rows = options.center
    ? await rowsOfCenter({ ...run, question, client: openCenter(options, language) })
    : await rowsOf(run, options.workers)
  const outcome = signal.aborted ? null : outcomeOf(study, rows)
  if (outcome === null || !(await writeStudyResults(out, study, outcome, signal))) {
    const said = options.center ? leftToCenter(source) : interrupted(out, rows.length, unitsExpected(study, rows))
    screen.warn(said[language])
    process.exitCode = exitCodes.interrupted
    return
  }
  if (screen.json) screen.document(outcome)
  else screen.data(studySummary(outcome, { ...screen, ascii: isAscii(process.env) }))
  screen.say({ ko: `결과: ${out}`, en: `Results: ${out}` }[language])
  failIfMissed(study, missedIn(study, outcome.rows, thresholds), language)
}

/** @throws {Failure} ERR_USAGE where it needs what only this machine has */
function assertGoesToCenter({ scenarios }: Study, language: Language): void {
  const log = scenarios.flatMap(logsIn)[0]
  if (log === undefined) return
  const name = logName(log.file)
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `--center: 작업 기록 ${name}은(는) 이 컴퓨터에만 있고 센터의 작업자에게는 없습니다. --center 없이 실행하세요`,
      en: `--center: the job log ${name} is on this machine, and the workers of a center have none: leave out --center`,
    }[language],
  })
}

async function rowsOf(
  { study, folder, screen, signal }: StudyRun,
  workers = availableParallelism(),
): Promise<readonly ResultRow[]> {
  const expected = unitsExpected(study, folder.rows)
  const progress = await openProgress(screen, expected, { ko: '시뮬레이션', en: 'simulations' }[screen.language])
  const rows = [...folder.rows]
  try {
    return await runLocally({
      study,
      rows: folder.rows,
      threads: Math.min(workers, expected),
      onRow(row) {
        folder.keep(row)
        rows.push(row)
      },
      onProgress: (done) => progress.update(Math.round(10 * done) / 10, unitsExpected(study, rows)),
      signal,
    })
  } catch (error) {
    if (!(error instanceof UnitFailed)) throw error
    throw new Failure('ERR_STUDY_FAILED', { where: study.name, detail: error.message, cause: error })
  } finally {
    progress.stop()
  }
}

function thresholdOf(written: string, language: Language): StudyPromise {
  const threshold = parseThreshold(written)
  if (threshold !== null) return threshold
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `--threshold ${written}: ${thresholdForms.ko} 형식이어야 합니다`,
      en: `--threshold ${written}: it must be ${thresholdForms.en}`,
    }[language],
  })
}

const leftToCenter = (source: string): Bilingual => ({
  ko: `중단되었지만 센터에서는 계속됩니다. \`dure study ${source} --center\`로 다시 볼 수 있습니다`,
  en: `interrupted; the center goes on with it, and \`dure study ${source} --center\` finds it again`,
})

const interrupted = (out: string, done: number, all: number): Bilingual => ({
  ko: `중단되었습니다. ${all}개 가운데 ${done}개의 결과가 ${out}에 있습니다. 같은 명령에 --resume을 붙이면 이어집니다`,
  en: `interrupted; ${out} has ${done} of ${all} results, and the same command goes on from there with --resume`,
})

/** @throws {Failure} ERR_THRESHOLD_MISSED that names each bound and the worst that was seen of it */
function failIfMissed(study: Study, missed: readonly Missed[], language: Language): void {
  if (missed.length === 0) return
  const findings = missed.map(({ threshold, policy, point, mean }) => {
    const where = {
      ko: point === null ? '찾은 값 없음' : `점 ${point}`,
      en: point === null ? 'nothing found' : `point ${point}`,
    }[language]
    const found = mean === null ? { ko: '값 없음', en: 'no value' }[language] : String(Number(mean.toPrecision(6)))
    return {
      pointer: `/${threshold.column}`,
      code: 'missed',
      detail: `${thresholdText(threshold)}: ${found} (${where}, ${policy})`,
    }
  })
  const texts = [...new Set(missed.map(({ threshold }) => thresholdText(threshold)))].join(', ')
  const detail = { ko: `한계를 지키지 못했습니다: ${texts}`, en: `missed: ${texts}` }[language]
  throw new Failure('ERR_THRESHOLD_MISSED', { where: study.name, detail, findings })
}
