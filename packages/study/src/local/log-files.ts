// Job logs from the disk of this machine, for scenarios that ask for some. A file that is not the one that was meant is refused.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { type ScenarioFile, withParticle } from '@dure/contract'
import { readTrace, type Trace, UnreadableTrace } from '@dure/sim'
import { LogFault, type LogReference, logName, logsIn } from '../plan/log-plan.ts'

const GZIP_MAGIC = [0x1f, 0x8b]

/**
 * Reads the logs of a scenario that `traces` has not got yet, into it.
 * @returns what is wrong with those that stay missing
 */
export async function readLogs(scenario: ScenarioFile, traces: Map<string, Trace>): Promise<LogFault[]> {
  const faults: LogFault[] = []
  for (const log of logsIn(scenario)) {
    if (traces.has(log.sha256)) continue
    try {
      traces.set(log.sha256, await readLog(log))
    } catch (error) {
      if (!(error instanceof LogFault)) throw error
      faults.push(error)
    }
  }
  return faults
}

async function readLog({ file, sha256, pointer }: LogReference): Promise<Trace> {
  const name = logName(file)
  const fault = (code: string, ko: string, en: string): LogFault =>
    new LogFault({ pointer: `${pointer}/file`, code, said: { ko, en } })
  const isA = { ko: `${withParticle(name, '은')} 쓸 수 있는 작업 기록이 아닙니다`, en: `${name} is no job log` }

  const packed = await readFile(file).catch((error: Error) => {
    throw fault(
      'file_not_read',
      `작업 기록 ${file}을(를) 읽을 수 없습니다: ${error.message}. 그 파일이 있는 컴퓨터에서 실행하세요.`,
      `The log ${file} cannot be read: ${error.message}. Run it on the machine that has the file.`,
    )
  })
  if (createHash('sha256').update(packed).digest('hex') !== sha256) {
    throw fault(
      'another_file',
      `작업 기록 ${file}의 SHA-256이 ${sha256}이(가) 아닙니다. 시나리오를 읽은 뒤에 바뀌었거나 다른 기록입니다.`,
      `The log ${file} is another than the scenario means, whose SHA-256 is ${sha256}: get that one, or read the scenario anew.`,
    )
  }
  const trace = await tracedFrom(packed).catch((error: Error) => {
    throw fault('no_log', `${isA.ko}: ${error.message}`, `${isA.en}: ${error.message}.`)
  })
  if (trace.cutOffAtLine !== null) {
    throw fault(
      'cut_off',
      `${isA.ko}: 마지막 줄(${trace.cutOffAtLine})이 중간에 끊겼습니다. 온전한 파일을 다시 받거나 그 줄을 지우세요.`,
      `${name} is cut off: its last line (${trace.cutOffAtLine}) breaks off in the middle. Get it again whole, or delete that line.`,
    )
  }
  if (trace.jobs.count > 0) return trace
  const lines = trace.rejections.flatMap(({ firstLines }) => firstLines).slice(0, 1)
  throw trace.lines === 0
    ? fault(
        'empty_log',
        `${isA.ko}: 작업이 한 줄도 없습니다.`,
        `${name} has no job: there is no line in it. Give a log with jobs.`,
      )
    : fault(
        'empty_log',
        `${isA.ko}: ${trace.lines}줄이 모두 거부됩니다. \`dure trace ${name}\`이 까닭을 말합니다(예: ${lines}줄).`,
        `${name} has no job: all of its ${trace.lines} lines are rejected, such as line ${lines}. \`dure trace ${name}\` says why.`,
      )
}

async function tracedFrom(packed: Buffer): Promise<Trace> {
  const isPacked = GZIP_MAGIC.every((byte, i) => packed[i] === byte)
  let bytes: Buffer
  try {
    bytes = isPacked ? gunzipSync(packed) : packed
  } catch (error) {
    throw new UnreadableTrace('the gzip file is damaged or cut off', { cause: error })
  }
  // Sizes are the scenario's to judge: what its own machine had says nothing.
  return readTrace([bytes], undefined, { processors: null })
}
