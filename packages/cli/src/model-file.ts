// A workload model as commands meet it: read from the file that `dure trace --fit` writes, or built in; given a machine, and drawn from.

import { type Language, readModelFile } from '@dure/contract'
import { presetNames } from '@dure/contract/presets'
import { type CenterConfig, fairshare, type Policy } from '@dure/core'
import {
  type Demand,
  demandOf,
  fittedCenter,
  nationalModel,
  type Submission,
  submissions,
  type WorkloadModel,
} from '@dure/sim'
import { type Command, Option } from 'commander'
import { openCenterSource } from './center-source.ts'
import { Failure } from './failure.ts'
import { nameOf, readText } from './input-file.ts'
import { openProgress } from './progress.ts'
import type { Screen } from './screen.ts'
import { countOf, type MachineFlags } from './trace-file.ts'

/** How much is drawn, and by which numbers. */
export interface ModelFlags {
  readonly days: number
  readonly load?: number
  readonly seed: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const DAYS = 30
const SEED = 1
/** Asked for where neither the model nor anybody else says how much: a busy center that keeps up. */
const LOAD = 0.9

/** Unix time of a Monday, midnight in Korea: where models have hours of the week, day 0 is a working day. */
const MONDAY_UNIX_MS = 87 * HOUR_MS

const SUBMISSIONS_PER_LOOK = 4096

/** `--days`, `--load` and `--seed`. */
export function addModelOptions(command: Command, language: Language): void {
  command
    .optionsGroup({ ko: '모델에서 만들 작업:', en: 'What to draw from a model:' }[language])
    .addOption(
      new Option(
        '--days <N>',
        { ko: '이 기간에 제출되는 작업', en: 'what is submitted in so many days, from a Monday' }[language],
      )
        .argParser(daysOf)
        .default(DAYS)
        .conflicts('trace'),
    )
    .addOption(
      new Option(
        '--load <FRACTION>',
        {
          ko: `요청하는 일 ÷ 할 수 있는 일 (기본: 모델에 있는 만큼, 없으면 ${LOAD})`,
          en: `work asked for ÷ work the machine could do (default: what the model knows, else ${LOAD})`,
        }[language],
      )
        .argParser(loadOf)
        .conflicts('trace'),
    )
    .addOption(
      new Option('--seed <N>', { ko: '난수 시드', en: 'seed of the random numbers' }[language])
        .argParser(countOf('--seed'))
        .default(SEED)
        .conflicts('trace'),
    )
}

export function loadOf(text: string): number {
  const load = /^\d{1,3}(\.\d{1,6})?$/.test(text) ? Number(text) : 0
  if (load > 0) return load
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `--load는 0.9와 같이 0보다 큰 숫자여야 합니다. 받은 값은 "${text}"입니다`,
      en: `--load must be a number above 0, such as 0.9; it is "${text}"`,
    },
  })
}

function daysOf(text: string): number {
  const days = /^\d{1,4}(\.\d{1,6})?$/.test(text) ? Number(text) : 0
  if (days > 0) return days
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `--days는 30과 같이 0보다 큰 숫자여야 합니다. 받은 값은 "${text}"입니다`,
      en: `--days must be a number above 0, such as 30; it is "${text}"`,
    },
  })
}

/** A model with the machine it is drawn for, and what was drawn. */
export interface OpenedModel {
  readonly config: CenterConfig
  readonly demand: Demand
  /** The end of the days that were drawn. */
  readonly untilMs: number
  readonly asked: Asked
}

/** What the demand depends on besides the center. */
export interface Asked {
  readonly model: string
  readonly days: number
  /** null: as many jobs as the model knows of. */
  readonly load: number | null
  readonly seed: number
}

/**
 * Reads a model, gives it a machine and draws from it.
 * @param source `national`, or a file
 * @param policy null: that of the center file, else the default
 * @throws {Failure} ERR_BAD_MODEL_FILE with every line that is wrong; ERR_USAGE when nothing tells which machine it is, or
 *   when the model has nothing to ask of it
 */
export async function openModelCenter(
  source: string,
  flags: ModelFlags & MachineFlags,
  policy: Policy | null,
  screen: Screen,
): Promise<OpenedModel> {
  const model = await modelOf(source, screen.language)
  const config = await machineOf(model, flags, policy, screen.language)
  const { days, seed } = flags
  const load = flags.load ?? (model.jobsPerWeek === null ? LOAD : null)
  const asked: Asked = { model: model.name, days, load, seed }
  return { config, demand: await drawn(model, config, asked, screen), untilMs: days * DAY_MS, asked }
}

async function modelOf(source: string, language: Language): Promise<WorkloadModel> {
  if (source === nationalModel.name) return nationalModel
  const read = readModelFile(await readText(source), language)
  if (read.ok) return read.model
  throw new Failure('ERR_BAD_MODEL_FILE', { where: nameOf(source), findings: read.findings })
}

async function machineOf(
  model: WorkloadModel,
  { procs, center }: MachineFlags,
  policy: Policy | null,
  language: Language,
): Promise<CenterConfig> {
  if (procs !== undefined && center !== undefined)
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: '--procs와 --center 가운데 하나만 주십시오. 각각이 시스템 하나를 뜻합니다',
        en: 'give one of --procs and --center: each is a machine',
      },
    })
  if (center !== undefined) {
    const config = await openCenterSource(center, language)
    return policy === null ? config : { ...config, policy }
  }
  const names = presetNames().join(', ')
  const ways = { ko: `--center FILE(또는 ${names})`, en: `--center FILE (or ${names})` }
  if (procs === undefined) {
    const detail = {
      ko: `모델에는 시스템의 크기가 없습니다. --procs N이나 ${ways.ko}을(를) 주십시오`,
      en: `a model does not say how large its machine is: give --procs N or ${ways.en}`,
    }
    throw new Failure('ERR_USAGE', { where: model.name, detail })
  }
  if (!model.kinds.some(({ runsOn }) => runsOn === 'any')) {
    const detail = {
      ko: `작업이 GPU, NPU, PIM 노드에서 도는데 --procs에는 그런 노드가 없습니다. ${ways.ko}을(를) 주십시오`,
      en: `its jobs run on GPU, NPU and PIM nodes, and --procs has none: give ${ways.en}`,
    }
    throw new Failure('ERR_USAGE', { where: model.name, detail })
  }
  return fittedCenter(model, procs, policy ?? fairshare)
}

async function drawn(
  model: WorkloadModel,
  config: CenterConfig,
  { days, load, seed }: Asked,
  screen: Screen,
): Promise<Demand> {
  const progress = await openProgress(screen, Math.ceil(days), { ko: '일', en: 'days of jobs' }[screen.language])
  const options = { model, config, seed, ...(load !== null && { load }), startMs: 0, unixMs: MONDAY_UNIX_MS }
  try {
    const demand = demandOf(config, watched(submissions(options), progress.update), days * DAY_MS)
    if (demand.count > 0) return demand
  } catch (error) {
    // Nothing is known to be wrong with either, only together: the center has no pool for any of the kinds.
    throw new Failure('ERR_USAGE', { where: model.name, detail: (error as Error).message, cause: error })
  } finally {
    progress.stop()
  }
  const detail = {
    ko: `${days}일 동안 제출되는 작업이 하나도 없습니다. --days나 --load를 늘리십시오`,
    en: `it submits no job in so short a time as ${days} days: give more --days or a higher --load`,
  }
  throw new Failure('ERR_USAGE', { where: model.name, detail })
}

/** Hands submissions on, and tells every few thousand of them how many days have passed. */
function* watched(jobs: Iterable<Submission>, update: (days: number) => void): Generator<Submission> {
  let count = 0
  for (const job of jobs) {
    if (++count % SUBMISSIONS_PER_LOOK === 0) update(Math.floor(job.atMs / DAY_MS))
    yield job
  }
}
