import {
  type Bilingual,
  durationForms,
  exitCodes,
  formatDurationShort,
  type Language,
  parseDurationMs,
} from '@dure/contract'
import { type CenterConfig, isCounted, type Policy, policies } from '@dure/core'
import {
  type Demand,
  jobTable,
  type Measures,
  type MetricsOptions,
  measure,
  openMetrics,
  type PassPer,
  type SimulateOptions,
  type Simulation,
  type SizeUnit,
  simulate,
  solverFor,
  summaryOf,
  type Table,
} from '@dure/sim'
import { type Command, Option } from 'commander'
import { Failure } from '../failure.ts'
import { isSameFile } from '../input-file.ts'
import { interruption } from '../interruption.ts'
import { type Asked, addModelOptions, type ModelFlags, openModelCenter } from '../model-file.ts'
import { openProgress } from '../progress.ts'
import {
  addScenarioOptions,
  assertGoesWithScenario,
  isGiven,
  scenarioInJson,
  simulateScenario,
} from '../scenario-run.ts'
import { openScreen, type Screen } from '../screen.ts'
import { factsOf, isAscii, type SimReport, simReport } from '../sim-report.ts'
import { openTableFile, type TableFile } from '../table-file.ts'
import {
  addMachineOptions,
  addTraceOptions,
  failIfStrict,
  type MachineFlags,
  openTraceCenter,
  type TraceFlags,
  traceFileText,
} from '../trace-file.ts'

interface Options extends TraceFlags, MachineFlags, ModelFlags {
  readonly date?: string
  readonly trace?: string
  readonly model?: string
  readonly policy?: string
  readonly passPer: PassPer
  readonly warmup?: number
  readonly jobs?: string
}

export function declare(command: Command, language: Language): void {
  const names = policies.map(({ name }) => name).join(', ')
  command
    .argument(
      '[SCENARIO]',
      {
        ko: '용량 시나리오: 이름(`dure scenario`) 또는 YAML 파일',
        en: 'a capacity scenario: a name (`dure scenario` lists them) or a YAML file',
      }[language],
    )
    .addOption(new Option('--trace <FILE>', traceFileText[language]).conflicts('model'))
    .option(
      '--model <FIT.yaml>',
      {
        ko: '기록 대신 모델에서 만든 작업: `dure trace --fit`의 파일, 또는 national',
        en: 'instead of a log, jobs drawn from a model: a file of `dure trace --fit`, or national',
      }[language],
    )
    .option(
      '--policy <NAME>',
      {
        ko: `정책: ${names} (기본: 센터 파일의 정책, 없으면 fairshare)`,
        en: `policy: ${names} (default: that of the center file, else fairshare)`,
      }[language],
    )
    .addOption(
      new Option(
        '--pass-per <RULE>',
        {
          ko: '배정 시점: 같은 순간의 일을 모두 처리한 뒤(instant), 또는 일마다(event)',
          en: 'decide once an instant, or after each event as published simulators do',
        }[language],
      )
        .choices(['instant', 'event'])
        .default('instant'),
    )
    .option(
      '--warmup <DURATION>',
      {
        ko: '첫 제출 뒤 이 시간 안에 제출된 작업은 통계에서 제외 (예: 1d)',
        en: 'measure only what comes after this time, such as 1d',
      }[language],
      warmupOf,
    )
    .option(
      '--jobs <FILE>',
      {
        ko: '작업마다 한 줄을 기록: .parquet이면 Parquet, 아니면 CSV',
        en: 'write one row a job: Parquet if it ends in .parquet, else CSV',
      }[language],
    )
  const before = command.options.length
  addTraceOptions(command, language)
  for (const option of command.options.slice(before)) option.conflicts('model')
  addModelOptions(command, language)
  addMachineOptions(command, language)
  command.options.find(({ long }) => long === '--nodes')?.conflicts('model')
  addScenarioOptions(command, language)
  command.addHelpText('after', examples[language]).action(async (scenario: string | undefined) => {
    const options = command.optsWithGlobals<Options>()
    const policy = options.policy === undefined ? null : policyOf(options.policy)
    const screen = openScreen(options, language)
    if (scenario === undefined) await simulateAsked(options, policy, screen)
    else await simulatePlanned(scenario, options, command, screen)
  })
}

const examples: Bilingual = {
  ko: `
  $ dure sim --trace log.swf.gz --policy easy --jobs starts.csv
  $ dure sim --model national --center baseline-2024 --days 30 --load 0.9 --seed 1
  $ dure sim nacc-2028 --from 2028-09-01 --days 7 --policy easy

  기록에 모델을 맞추고, 그 모델에서 만든 더 바쁜 두 달:
  $ dure trace log.swf.gz --fit --out fit.yaml
  $ dure sim --model fit.yaml --procs 128 --days 60 --load 0.95 --warmup 7d`,
  en: `
  $ dure sim --trace log.swf.gz --policy easy --jobs starts.csv
  $ dure sim --model national --center baseline-2024 --days 30 --load 0.9 --seed 1
  $ dure sim nacc-2028 --from 2028-09-01 --days 7 --policy easy

  A model of a log, and two busier months drawn from it:
  $ dure trace log.swf.gz --fit --out fit.yaml
  $ dure sim --model fit.yaml --procs 128 --days 60 --load 0.95 --warmup 7d`,
}

function policyOf(name: string): Policy {
  const policy = policies.find((one) => one.name === name)
  if (policy !== undefined) return policy
  const names = policies.map((one) => one.name).join(', ')
  throw new Failure('ERR_UNKNOWN_POLICY', {
    detail: {
      ko: `정책 ${name}이(가) 없습니다. 있는 정책: ${names}`,
      en: `there is no policy ${name}; there are ${names}`,
    },
  })
}

/** What is simulated, wherever its jobs come from. */
interface Subject {
  readonly config: CenterConfig
  readonly demand: Demand
  /** Lines of a log that make no job. */
  readonly rejected: number
  readonly unit: SizeUnit
  /** Unix time of center time 0; null: nobody knows, or there is none. */
  readonly startUnixMs: number | null
  /** Of a model: what was asked of it, and when its days are over. A log is simulated to the end of its last job. */
  readonly asked?: Asked
  readonly untilMs?: number
}

async function openSubject(options: Options, policy: Policy | null, screen: Screen): Promise<Subject> {
  const { trace: file, model } = options
  if (file !== undefined) {
    const { trace, ...opened } = await openTraceCenter(file, options, policy, screen)
    const { unit, startUnixS } = trace
    return { ...opened, unit, startUnixMs: startUnixS === null ? null : 1000 * startUnixS }
  }
  if (model === undefined) {
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: '무엇을 시뮬레이션할지 없습니다. SCENARIO, --trace FILE, --model FIT.yaml 가운데 하나를 주십시오',
        en: 'nothing says what to simulate: give a SCENARIO, --trace FILE or --model FIT.yaml',
      },
    })
  }
  const opened = await openModelCenter(model, options, policy, screen)
  const unit = opened.config.pools.every(isCounted) ? 'processors' : 'accelerators'
  return { ...opened, rejected: 0, unit, startUnixMs: null }
}

async function simulateAsked(options: Options, policy: Policy | null, screen: Screen): Promise<void> {
  if (options.jobs !== undefined) assertNotRead(options.jobs, options)
  const jobFile = options.jobs === undefined ? null : openTableFile(options.jobs, '--jobs')
  const { config, demand, rejected, unit, startUnixMs, asked, untilMs } = await openSubject(options, policy, screen)
  if (options.passPer === 'event' && !(config.pools.length === 1 && isCounted(config.pools[0]!))) {
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: '--pass-per event는 프로세서 풀 하나에만 쓸 수 있습니다. --procs를 주거나 instant를 쓰십시오',
        en: '--pass-per event is for one pool of processors: give --procs, or use instant',
      },
    })
  }
  const { name: policyName } = config.policy
  const warmupMs = options.warmup ?? 0
  assertWarmedUp(warmupMs, demand)
  const progress = await openProgress(screen, demand.count, screen.language === 'ko' ? '작업' : 'jobs')
  const { simulation, measures } = simulateMeasured(config, demand, {
    warmupMs,
    passPer: options.passPer,
    ...(untilMs !== undefined && { untilMs }),
    clock: () => performance.now(),
    onProgress: progress.update,
    ...(await solverFor(config)),
  })
  progress.stop()
  if (jobFile !== null && !(await written(jobFile, jobTable(config, demand, simulation), screen))) return
  const summary = summaryOf(measures, demand, simulation, rejected)
  if (screen.json) {
    const { capacity: processors } = measures
    screen.document({ policy: policyName, pass_per: options.passPer, ...asked, processors, unit, ...summary })
  } else show({ policy: policyName, ...(asked && { asked }), unit, measures, summary, startUnixMs }, screen)
  if (options.trace !== undefined) failIfStrict(options, rejected, options.trace)
}

/** A scenario brings its machine, its demand and its policy; what the command line says goes before them. */
async function simulatePlanned(source: string, options: Options, command: Command, screen: Screen): Promise<void> {
  assertGoesWithScenario(command)
  if (options.jobs !== undefined) assertNotRead(options.jobs, options, source)
  const jobFile = options.jobs === undefined ? null : openTableFile(options.jobs, '--jobs')
  const { date, policy, warmup, seed, days } = options
  const run = await simulateScenario(
    source,
    {
      seed,
      ...(date !== undefined && { date }),
      ...(policy !== undefined && { policy }),
      ...(warmup !== undefined && { warmupMs: warmup }),
      ...(isGiven(command, 'days') && { days }),
    },
    screen,
  )
  const { plan, demand, simulation, measures } = run
  const { config } = plan.scenario
  if (jobFile !== null && !(await written(jobFile, jobTable(config, demand, simulation), screen))) return
  const summary = summaryOf(measures, demand, simulation)
  if (screen.json) {
    screen.document({ policy: config.policy.name, pass_per: options.passPer, ...scenarioInJson(run), ...summary })
    return
  }
  const { startUnixMs } = plan
  show({ policy: config.policy.name, scenario: run, unit: 'accelerators', measures, summary, startUnixMs }, screen)
}

/** Whether the table of jobs is there; where somebody pressed Ctrl-C, that has been said. */
async function written(file: TableFile, table: Table, screen: Screen): Promise<boolean> {
  if (await file.write(table, interruption())) return true
  screen.warn(
    { ko: '중단되어 작업 표를 남기지 않았습니다', en: 'interrupted; the file of jobs is not written' }[screen.language],
  )
  process.exitCode = exitCodes.interrupted
  return false
}

/** Rows of jobs in place of the log they come from would be its end. */
function assertNotRead(jobs: string, { trace, model, center, nodes }: Options, scenario?: string): void {
  const read = { '--trace': trace, '--model': model, '--center': center, '--nodes': nodes, 'the scenario': scenario }
  for (const [by, file] of Object.entries(read)) {
    if (file === undefined || !isSameFile(file, jobs)) continue
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `--jobs ${jobs}은(는) ${by === 'the scenario' ? '시나리오가' : `${by}로`} 읽는 파일입니다. 다른 이름을 주십시오`,
        en: `--jobs ${jobs} is the file that ${by} reads: give another name`,
      },
    })
  }
}

/** Measured afterwards, so that the loop is timed alone; but what is free on nodes has to be seen while it is. */
function simulateMeasured(
  config: CenterConfig,
  demand: Demand,
  options: SimulateOptions & MetricsOptions,
): { readonly simulation: Simulation; readonly measures: Measures } {
  if (config.pools.every(isCounted)) {
    const simulation = simulate(config, demand, options)
    return { simulation, measures: measure(config, demand, simulation, options) }
  }
  const metrics = openMetrics(config, demand, options)
  const simulation = simulate(config, demand, { ...options, observer: metrics.observer })
  return { simulation, measures: metrics.measures() }
}

function show(report: SimReport, screen: Screen): void {
  const { language, width, emphasis } = screen
  const paper = { language, width, emphasis, ascii: isAscii(process.env) }
  screen.data(screen.quiet ? factsOf(report, language) : simReport(report, paper))
}

function warmupOf(text: string): number {
  const ms = parseDurationMs(text)
  if (ms !== null) return ms
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `--warmup은 시간이어야 합니다: ${durationForms.ko}. 받은 값은 "${text}"입니다`,
      en: `--warmup must be a duration: ${durationForms.en}; it is "${text}"`,
    },
  })
}

/** Statistics of nothing would be zeros that somebody believes. */
function assertWarmedUp(warmupMs: number, { count, submitMs }: Demand): void {
  const spanMs = submitMs[count - 1]! - submitMs[0]!
  if (warmupMs <= spanMs) return
  const [asked, there] = [warmupMs, spanMs].map(formatDurationShort)
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `--warmup ${asked} 뒤에는 잴 작업이 없습니다. 마지막 작업은 처음부터 ${there} 뒤에 제출됩니다`,
      en: `--warmup ${asked} leaves no job to measure: the last is submitted ${there} after the first`,
    },
  })
}
