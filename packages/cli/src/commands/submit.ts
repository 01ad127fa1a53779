import type { Client } from '@dure/client'
import {
  exitCodes,
  type Finding,
  type GivenOption,
  type Job,
  type JobAccepted,
  type JobReading,
  jobFromOptions,
  jobOptions,
  type Language,
  readJobFile,
  type SubmitJobBody,
  takesValue,
} from '@dure/contract'
import { type Command, Option } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { Failure } from '../failure.ts'
import { findingInWords } from '../failure-report.ts'
import { isStandardInput, nameOf, readText } from '../input-file.ts'
import { interruption, pause } from '../interruption.ts'
import { isTerminal } from '../job-words.ts'
import { openScreen, type Screen } from '../screen.ts'

interface Options extends ServerOptions {
  readonly dryRun?: boolean
  /** Slurm's name for a dry run. */
  readonly testOnly?: boolean
  readonly wait?: boolean
}

const WATCH_MS = 500

export const declare = (command: Command, language: Language): void =>
  declareWith((id) => ({ ko: `작업 ${id} 제출`, en: `Submitted job ${id}` })[language], command, language)

/** Scripts take sbatch's last word for the number. */
export const declareSbatch = (command: Command, language: Language): void =>
  declareWith((id) => `Submitted batch job ${id}`, command, language)

function declareWith(submitted: (id: number) => string, command: Command, language: Language): void {
  const given: GivenOption[] = []
  command
    .argument(
      '[FILE]',
      {
        ko: '작업 YAML 또는 #SBATCH 스크립트, - 는 표준 입력',
        en: 'job YAML or a script with #SBATCH lines; - reads standard input',
      }[language],
    )
    .usage('[FILE] [options]')
    // What Slurm's users write out of habit (`-o out.txt`) is understood by the contract, which says that it has no effect.
    .allowUnknownOption()
    .allowExcessArguments()
  for (const { long, short, value, help } of jobOptions) {
    const name = short === undefined ? long : `${short}, ${long}`
    command.option(value === undefined ? name : `${name} <${value}>`, help[language])
    // In the order in which they are written: the last of equal options wins.
    command.on(`option:${long.slice(2)}`, (text: string | undefined) => {
      given.push({ name: long, value: text ?? null, from: 'command-line' })
    })
  }
  command
    .optionsGroup({ ko: '제출:', en: 'Submitting:' }[language])
    .option('--dry-run', { ko: '보낼 요청만 출력', en: 'print the request and send nothing' }[language])
    .addOption(new Option('--test-only').hideHelp())
    .option(
      '-W, --wait',
      { ko: '끝날 때까지 대기, 성공이 아니면 종료 코드 1', en: 'wait until it ends; exit 1 unless it completes' }[
        language
      ],
    )
  addServerOptions(command, language)
  command.addHelpText(
    'after',
    '\n  $ dure submit -N 2 --gpus-per-node 8 -t 4h -A univ-a --user univ-a-1\n  $ dure submit train.sh --dry-run',
  )
  command.action(async () => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const { file, unknown } = sortedOut(command.args)
    assertKnown(unknown)
    const job = await readJob(file, [...given, ...unknown], screen)
    if (options.dryRun || options.testOnly) return screen.document(job)
    const center = openCenter(options, language)
    const accepted = await center.submitJob(job)
    if (!options.wait) return report(accepted, submitted, screen)
    screen.say(submitted(accepted.id))
    await waitForEnd(center, accepted.id, screen)
  })
}

/** Takes apart what commander does not know: the file, and options that only the contract knows. */
function sortedOut(args: readonly string[]): { file: string | undefined; unknown: GivenOption[] } {
  const files: string[] = []
  const unknown: GivenOption[] = []
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    if (!word.startsWith('-') || isStandardInput(word)) {
      files.push(word)
      continue
    }
    const [, name = word, value] = /^(--[^=]+)=([\s\S]*)$/.exec(word) ?? /^(-[A-Za-z])(.+)$/.exec(word) ?? []
    const next = value === undefined && takesValue(name) ? args[++i] : undefined
    unknown.push({ name, value: value ?? next ?? null, from: 'command-line' })
  }
  const [file, extra] = files
  if (extra !== undefined) {
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `한 번에 작업 하나입니다. 파일 "${extra}"이(가) 하나 더 있고, 스크립트의 인자는 전달되지 않습니다`,
        en: `one job at a time: "${extra}" is one file too many, and arguments of a script are not passed on`,
      },
    })
  }
  return { file, unknown }
}

/** Before any file is read: the word after a mistyped option is most often its value, and no file. */
function assertKnown(unknown: readonly GivenOption[]): void {
  const reading = jobFromOptions(unknown.filter(({ name }) => takesValue(name) === undefined))
  if (!reading.ok) throw jobFailure(undefined, reading.findings)
}

async function readJob(
  file: string | undefined,
  given: readonly GivenOption[],
  screen: Screen,
): Promise<SubmitJobBody> {
  const reading: JobReading =
    file === undefined
      ? jobFromOptions(given)
      : readJobFile(await readText(file), given, defaultsFor(file), screen.language)
  if (!reading.ok) throw jobFailure(file, reading.findings)
  for (const warning of reading.warnings) screen.warn(findingInWords(warning, screen.language))
  return reading.job
}

/** A job is called as its file unless it says otherwise, as in Slurm. */
const defaultsFor = (file: string): SubmitJobBody => (isStandardInput(file) ? {} : { name: nameOf(file).slice(0, 128) })

/** Lines are in the file, so what has none was wrong on the command line. */
function jobFailure(file: string | undefined, findings: readonly Finding[]): Failure {
  const isInFile = file !== undefined && findings.some(({ line }) => line !== undefined)
  const [only] = findings
  if (isInFile)
    return new Failure('ERR_BAD_JOB_FILE', {
      where: nameOf(file),
      detail: { ko: '제출할 수 있는 작업이 아닙니다', en: 'not a job that could be submitted' },
      findings,
    })
  if (findings.length === 1 && only !== undefined) return new Failure('ERR_USAGE', { detail: only.detail })
  return new Failure('ERR_USAGE', {
    detail: { ko: '옵션으로 작업을 만들 수 없습니다', en: 'the options make no job' },
    findings,
  })
}

function report(accepted: JobAccepted, submitted: (id: number) => string, screen: Screen): void {
  const { id } = accepted
  if (screen.json) screen.document(accepted)
  else if (screen.quiet) screen.data(String(id))
  else {
    screen.data(submitted(id))
    screen.say(
      { ko: `왜 기다리는지: dure explain ${id}`, en: `Why it waits, if it does: dure explain ${id}` }[screen.language],
    )
  }
}

async function waitForEnd(center: Client, id: number, screen: Screen): Promise<void> {
  const signal = interruption()
  for (;;) {
    const job = await center.getJob(id)
    if (isTerminal(job.state)) return reportEnd(job, screen)
    await pause(WATCH_MS, signal)
    if (signal.aborted) {
      const detail = {
        ko: `작업 ${id}의 상태는 ${job.state}이고 계속됩니다`,
        en: `job ${id} is ${job.state} and goes on`,
      }[screen.language]
      throw new Failure('ERR_INTERRUPTED', { detail })
    }
  }
}

function reportEnd(job: Job, screen: Screen): void {
  if (screen.json) screen.document(job)
  else screen.data(`${job.id} ${job.state}${job.exit_code === null ? '' : ` ${job.exit_code}`}`)
  if (job.state !== 'COMPLETED') process.exitCode = exitCodes.failed
}
