// The options that describe a job, once: for `dure submit`, for `#SBATCH` lines (Slurm's names and meanings) and for `#DURE`
// lines (ours). The last of equal options wins, so a command line overrides the file it comes with.

import { findingsOf } from './findings.ts'
import { jobLimits, SubmitJob, type SubmitJobBody } from './http/job.ts'
import type { Bilingual } from './language.ts'
import { nearestName } from './nearest-name.ts'
import type { Finding } from './problem.ts'
import { durationForms, memoryForms, parseDurationMs, parseMemoryMib } from './quantity.ts'

type Kind = 'gpu' | 'npu' | 'pim'

/** What the options read so far say. Slurm counts some things per task or in total; `bodyOf` brings them down to a node. */
interface Draft {
  body: { -readonly [Field in keyof SubmitJobBody]?: SubmitJobBody[Field] }
  accelerators?: { readonly per: 'node' | 'job'; readonly count: number }
  cpusPerTask?: number
  tasksPerNode?: number
  tasks?: number
  memory?: { readonly per: 'node' | 'cpu' | 'accelerator'; readonly mib: number }
  warnings: string[]
}

/** Takes the value into the draft, or says what it should have been. */
type Take = (draft: Draft, value: string) => string | undefined

export interface JobOption {
  readonly long: `--${string}`
  readonly short?: `-${string}`
  /** Placeholder of the value; absent for a switch. */
  readonly value?: string
  /** `slurm` options may stand on `#SBATCH` lines, all of them on `#DURE` lines and on the command line. */
  readonly of: 'slurm' | 'dure'
  readonly help: Bilingual
  readonly take: Take
}

const text =
  (field: 'name' | 'account' | 'user' | 'model' | 'comment'): Take =>
  (draft, value) => {
    draft.body[field] = value
    return undefined
  }

/** A positive whole number within what a double counts exactly. */
const count = (value: string): number | null => (/^\d{1,15}$/.test(value) && Number(value) > 0 ? Number(value) : null)

const counted =
  (put: (draft: Draft, count: number) => void): Take =>
  (draft, value) => {
    const number = count(value)
    if (number === null) return 'must be a whole number of at least 1'
    put(draft, number)
    return undefined
  }

const duration =
  (field: 'time_limit_ms' | 'run_time_ms'): Take =>
  (draft, value) => {
    if (/^(infinite|unlimited)$/i.test(value)) return 'must be finite: say the longest it may take'
    const ms = parseDurationMs(value)
    if (ms === null) return `must be a duration: ${durationForms.en}`
    draft.body[field] = ms
    return undefined
  }

const memory =
  (per: 'node' | 'cpu' | 'accelerator'): Take =>
  (draft, value) => {
    const mib = parseMemoryMib(value)
    if (mib === null) return `must be a memory size: ${memoryForms.en}`
    if (mib === 0) {
      // Slurm reads 0 as all of the node's memory, which is what a job that takes all accelerators gets here by itself.
      delete draft.memory
      draft.warnings.push(
        'memory 0 has no effect here: the job gets the same part of the memory as of the accelerators',
      )
      return undefined
    }
    draft.memory = { per, mib }
    return undefined
  }

function setKind(draft: Draft, kind: Kind): void {
  draft.body.accelerator = kind
}

/** `4` or `h100:4`, as in `--gpus-per-node`. */
const accelerators =
  (per: 'node' | 'job', kind: Kind): Take =>
  (draft, value) => {
    const [, model, number] = /^(?:([\w.-]+):)?(\d{1,15})$/.exec(value) ?? []
    const wanted = number === undefined ? null : count(number)
    if (wanted === null) return 'must be a number of at least 1, or MODEL:NUMBER'
    setKind(draft, kind)
    if (model !== undefined) draft.body.model = model
    draft.accelerators = { per, count: wanted }
    return undefined
  }

/** `gpu:4`, `gpu:h100:4`, `npu` (one): Slurm's generic resources, of one kind. */
const takeGres: Take = (draft, value) => {
  const [, kind, rest] = /^(?:gres[/:])?(gpu|npu|pim)((?::[\w.-]+){0,2})$/i.exec(value) ?? []
  if (kind === undefined || rest === undefined) {
    return value.includes(',')
      ? 'must name one kind of accelerator: a job runs on one kind'
      : 'must be gpu, npu or pim with a number, such as gpu:4 or gpu:h100:4'
  }
  const parts = rest.split(':').slice(1)
  const number = parts.length === 0 ? '1' : (parts.at(-1) as string)
  // `gpu:h100` alone is one of that model, as in Slurm.
  const bareModel = parts.length === 1 && !/^\d+$/.test(number)
  return accelerators('node', kind.toLowerCase() as Kind)(
    draft,
    bareModel ? `${number}:1` : parts.length === 0 ? '1' : parts.join(':'),
  )
}

const takePools: Take = (draft, value) => {
  const names = value.split(',').map((name) => name.trim())
  if (names.some((name) => name === '')) return 'must be names of pools separated by commas'
  draft.body.pools = names
  return undefined
}

const takeSpeeds: Take = (draft, value) => {
  const speeds = value.split(',').map((speed) => (/^\s*\d{1,4}(\.\d{1,3})?\s*$/.test(speed) ? Number(speed) : 0))
  if (speeds.some((speed) => speed < jobLimits.speedMin || speed > jobLimits.speedMax))
    return `must be numbers from ${jobLimits.speedMin} to ${jobLimits.speedMax} separated by commas, one for each pool`
  draft.body.speeds = speeds
  return undefined
}

/** Every option of a job, in the order help shows them. */
export const jobOptions: readonly JobOption[] = [
  {
    long: '--job-name',
    short: '-J',
    value: 'NAME',
    of: 'slurm',
    help: { ko: '작업 이름', en: 'what you call it' },
    take: text('name'),
  },
  {
    long: '--account',
    short: '-A',
    value: 'ACCOUNT',
    of: 'slurm',
    help: { ko: '사용량이 기록될 계정', en: 'who is charged' },
    take: text('account'),
  },
  {
    long: '--nodes',
    short: '-N',
    value: 'COUNT',
    of: 'slurm',
    help: { ko: '동시에 시작할 노드 수', en: 'nodes that start together' },
    take: counted((draft, number) => {
      draft.body.nodes = number
    }),
  },
  {
    long: '--gpus-per-node',
    value: '[MODEL:]COUNT',
    of: 'slurm',
    help: { ko: '노드당 GPU 수', en: 'GPUs on each node' },
    take: accelerators('node', 'gpu'),
  },
  {
    long: '--gpus',
    short: '-G',
    value: '[MODEL:]COUNT',
    of: 'slurm',
    help: { ko: '전체 GPU 수(노드 수로 나누어떨어져야 함)', en: 'GPUs in all; nodes must divide it' },
    take: accelerators('job', 'gpu'),
  },
  {
    long: '--gres',
    value: 'KIND[:MODEL]:COUNT',
    of: 'slurm',
    help: { ko: '노드당 가속기(gpu, npu, pim)', en: 'accelerators on each node: gpu, npu or pim' },
    take: takeGres,
  },
  {
    long: '--npu',
    value: '[MODEL:]COUNT',
    of: 'dure',
    help: { ko: '노드당 NPU 수', en: 'NPUs on each node' },
    take: accelerators('node', 'npu'),
  },
  {
    long: '--pim',
    value: '[MODEL:]COUNT',
    of: 'dure',
    help: { ko: '노드당 PIM 수', en: 'PIM cards on each node' },
    take: accelerators('node', 'pim'),
  },
  {
    long: '--model',
    value: 'MODEL',
    of: 'dure',
    help: { ko: '가속기 모델(예: H200)', en: 'accelerator model, such as H200' },
    take: text('model'),
  },
  {
    long: '--partition',
    short: '-p',
    value: 'POOL[,POOL]',
    of: 'slurm',
    help: { ko: '실행할 수 있는 풀, 선호하는 순서로', en: 'pools it may run in, the preferred first' },
    take: takePools,
  },
  {
    long: '--pools',
    value: 'POOL[,POOL]',
    of: 'dure',
    help: { ko: '--partition과 같음', en: 'the same as --partition' },
    take: takePools,
  },
  {
    long: '--speeds',
    value: 'SPEED[,SPEED]',
    of: 'dure',
    help: {
      ko: '풀마다 실행 속도, 시간을 적은 기준 속도를 1로(예: 1,0.3)',
      en: 'how fast it runs in each of the pools, 1 as its times are written for, such as 1,0.3',
    },
    take: takeSpeeds,
  },
  {
    long: '--time',
    short: '-t',
    value: 'TIME',
    of: 'slurm',
    help: { ko: '시간 제한: 분, HH:MM:SS, D-HH:MM:SS, 2h', en: 'time limit: minutes, HH:MM:SS, D-HH:MM:SS, 2h' },
    take: duration('time_limit_ms'),
  },
  {
    long: '--cpus-per-task',
    short: '-c',
    value: 'COUNT',
    of: 'slurm',
    help: { ko: '태스크당 CPU 수', en: 'CPU cores for each task' },
    take: counted((draft, number) => {
      draft.cpusPerTask = number
    }),
  },
  {
    long: '--ntasks-per-node',
    value: 'COUNT',
    of: 'slurm',
    help: { ko: '노드당 태스크 수', en: 'tasks on each node' },
    take: counted((draft, number) => {
      draft.tasksPerNode = number
    }),
  },
  {
    long: '--ntasks',
    short: '-n',
    value: 'COUNT',
    of: 'slurm',
    help: { ko: '전체 태스크 수', en: 'tasks in all' },
    take: counted((draft, number) => {
      draft.tasks = number
    }),
  },
  {
    long: '--mem',
    value: 'SIZE',
    of: 'slurm',
    help: { ko: '노드당 메모리(예: 64G)', en: 'memory on each node, such as 64G' },
    take: memory('node'),
  },
  {
    long: '--mem-per-cpu',
    value: 'SIZE',
    of: 'slurm',
    help: { ko: 'CPU당 메모리', en: 'memory for each CPU core' },
    take: memory('cpu'),
  },
  {
    long: '--mem-per-gpu',
    value: 'SIZE',
    of: 'slurm',
    help: { ko: 'GPU당 메모리', en: 'memory for each GPU' },
    take: memory('accelerator'),
  },
  {
    long: '--hold',
    short: '-H',
    of: 'slurm',
    help: { ko: '풀어 줄 때까지 보류', en: 'wait until released' },
    take: (draft) => {
      draft.body.hold = true
      return undefined
    },
  },
  { long: '--comment', value: 'TEXT', of: 'slurm', help: { ko: '메모', en: 'a note' }, take: text('comment') },
  {
    long: '--user',
    value: 'USER',
    of: 'dure',
    help: { ko: '다른 사용자로 제출(관리자 키)', en: 'whose job it is (administrator keys)' },
    take: text('user'),
  },
  {
    long: '--run-time',
    value: 'TIME',
    of: 'dure',
    help: {
      ko: '모의 실행이 실제로 걸리는 시간(기본: 시간 제한의 절반)',
      en: 'how long the simulated run takes (default: half the limit)',
    },
    take: duration('run_time_ms'),
  },
  {
    long: '--exit-code',
    value: 'CODE',
    of: 'dure',
    help: { ko: '모의 실행의 종료 코드', en: 'how the simulated run ends' },
    take: (draft, value) => {
      if (!/^\d{1,3}$/.test(value) || Number(value) > 255) return 'must be a whole number from 0 to 255'
      draft.body.exit_code = Number(value)
      return undefined
    },
  },
]

/** Slurm options that scripts carry and that change nothing here; true where they take a value. */
const withoutEffect: Readonly<Record<string, boolean>> = {
  '--output': true,
  '-o': true,
  '--error': true,
  '-e': true,
  '--input': true,
  '-i': true,
  '--open-mode': true,
  '--mail-type': true,
  '--mail-user': true,
  '--chdir': true,
  '-D': true,
  '--export': true,
  '--get-user-env': false,
  '--parsable': false,
  '--verbose': false,
  '-v': false,
  '--quiet': false,
  '-Q': false,
  '--signal': true,
  '--wckey': true,
  '--distribution': true,
  '-m': true,
  '--cpu-bind': true,
  '--gpu-bind': true,
  '--mem-bind': true,
  '--hint': true,
  '--threads-per-core': true,
  '--no-requeue': false,
  '--requeue': false,
  '--propagate': true,
}

const optionByName = new Map<string, JobOption>(
  jobOptions.flatMap((option) => [
    [option.long, option] as const,
    ...(option.short ? [[option.short, option] as const] : []),
  ]),
)

/** One option as it was written; `line` where it came from a file. */
export interface GivenOption {
  readonly name: string
  readonly value: string | null
  readonly line?: number | undefined
  readonly from: 'sbatch' | 'dure' | 'command-line'
}

/** Whether an option takes a value: true, false for a switch, undefined for one nobody knows. */
export function takesValue(name: string): boolean | undefined {
  const option = optionByName.get(name)
  return option === undefined ? withoutEffect[name] : option.value !== undefined
}

export type JobReading =
  | { readonly ok: true; readonly job: SubmitJob; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] }

const at = (line: number | undefined): { line: number } | Record<never, never> => (line === undefined ? {} : { line })

/**
 * A job from options, on top of `base` (a job file, or what the surroundings know).
 * All that is wrong is found at once, each with its line where there is one.
 */
export function jobFromOptions(options: readonly GivenOption[], base: SubmitJobBody = {}): JobReading {
  const draft: Draft = { body: {}, warnings: [] }
  const findings: Finding[] = []
  const warnings: Finding[] = []
  const lines = new Map<string, number>()

  for (const { name, value, line, from } of options) {
    const option = optionByName.get(name)
    const finding = (code: string, detail: string): Finding => ({ pointer: '', code, detail, ...at(line) })
    if (option === undefined) {
      if (Object.hasOwn(withoutEffect, name)) warnings.push(finding('no_effect', `${name} has no effect here.`))
      else findings.push(finding('unknown_option', unknownOption(name, from)))
      continue
    }
    if (from === 'sbatch' && option.of === 'dure') {
      findings.push(
        finding(
          'wrong_line',
          `${name} is not an option of Slurm: write it on a #DURE line, so that Slurm still reads the script.`,
        ),
      )
      continue
    }
    if (option.value === undefined ? value !== null : value === null || value === '') {
      const detail =
        option.value === undefined ? `${name} takes no value.` : `${name} needs a value: ${name} ${option.value}.`
      findings.push(finding('option_value', detail))
      continue
    }
    const kindBefore = draft.body.accelerator
    const wrong = option.take(draft, value ?? '')
    if (wrong !== undefined) findings.push(finding('option_value', `${name} ${wrong}; it is "${value}".`))
    else if (kindBefore !== undefined && draft.body.accelerator !== kindBefore && from !== 'command-line') {
      findings.push(
        finding(
          'two_kinds',
          `${name} asks for another kind of accelerator than before (${kindBefore}): a job runs on one kind.`,
        ),
      )
    }
    for (const warning of draft.warnings.splice(0)) warnings.push(finding('no_effect', `${name}: ${warning}.`))
    if (line !== undefined) for (const field of fieldsOf(option)) lines.set(field, line)
  }

  const body = bodyOf(draft, base, findings, lines)
  if (findings.length > 0) return { ok: false, findings }
  const read = SubmitJob.safeParse(body)
  if (read.success) return { ok: true, job: read.data, warnings }
  const found = findingsOf(read.error.issues, body, Object.keys(SubmitJob.shape)).map((finding) => ({
    ...finding,
    ...at(lines.get(finding.pointer.split('/')[1] ?? '')),
  }))
  return { ok: false, findings: found }
}

/** Fields of the body that an option decides, to bring a finding about the field back to the option's line. */
function fieldsOf(option: JobOption): readonly string[] {
  switch (option.long) {
    case '--job-name':
      return ['name']
    case '--gpus-per-node':
    case '--gpus':
    case '--gres':
    case '--npu':
    case '--pim':
      return ['accelerators_per_node', 'model']
    case '--partition':
    case '--pools':
      return ['pools']
    case '--time':
      return ['time_limit_ms']
    case '--run-time':
      return ['run_time_ms']
    case '--cpus-per-task':
    case '--ntasks-per-node':
    case '--ntasks':
      return ['cpus_per_node']
    case '--mem':
    case '--mem-per-cpu':
    case '--mem-per-gpu':
      return ['memory_mib_per_node']
    default:
      return [option.long.slice(2).replaceAll('-', '_')]
  }
}

function unknownOption(name: string, from: GivenOption['from']): string {
  const known = jobOptions.filter((option) => from !== 'sbatch' || option.of === 'slurm').map((option) => option.long)
  const meant = nearestName(name, known)
  return meant === null
    ? `${name} is not supported. Supported are ${known.join(', ')}.`
    : `${name} is not an option. Did you mean ${meant}?`
}

/** Accelerators of the usual server: what a total without `--nodes` may ask of one node. */
const USUAL_NODE_ACCELERATORS = 8

/** Brings totals and per-task counts down to a node. Adds to `findings` where they do not divide. */
function bodyOf(
  draft: Draft,
  base: SubmitJobBody,
  findings: Finding[],
  lines: ReadonlyMap<string, number>,
): SubmitJobBody {
  const body: Draft['body'] = { ...base, ...draft.body }
  // Another kind than the file's takes the file's model with it.
  if (
    draft.body.accelerator !== undefined &&
    draft.body.model === undefined &&
    base.accelerator !== draft.body.accelerator
  )
    delete body.model
  const nodes = body.nodes ?? 1
  const wrong = (field: string, detail: string): void => {
    findings.push({ pointer: `/${field}`, code: 'does_not_divide', detail, ...at(lines.get(field)) })
  }

  if (draft.accelerators !== undefined) {
    const { per, count } = draft.accelerators
    if (per === 'node') body.accelerators_per_node = count
    else if (body.nodes === undefined && count > USUAL_NODE_ACCELERATORS) {
      wrong('accelerators_per_node', `--gpus ${count} needs --nodes, to say over how many nodes it is spread.`)
    } else if (count % nodes !== 0) {
      wrong(
        'accelerators_per_node',
        `--gpus ${count} cannot be spread evenly over ${nodes} nodes; make it a multiple of ${nodes}.`,
      )
    } else body.accelerators_per_node = count / nodes
  }

  if (draft.cpusPerTask !== undefined || draft.tasksPerNode !== undefined || draft.tasks !== undefined) {
    const tasksPerNode = draft.tasksPerNode ?? Math.ceil((draft.tasks ?? nodes) / nodes)
    body.cpus_per_node = tasksPerNode * (draft.cpusPerTask ?? 1)
  }

  if (draft.memory !== undefined) {
    const { per, mib } = draft.memory
    if (per === 'node') body.memory_mib_per_node = mib
    else if (per === 'accelerator') body.memory_mib_per_node = mib * (body.accelerators_per_node ?? 1)
    else body.memory_mib_per_node = mib * (body.cpus_per_node ?? 1)
  }
  return body
}
