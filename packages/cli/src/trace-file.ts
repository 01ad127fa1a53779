// A job log as commands meet it: opened, unzipped, read, and refused where nothing in it is usable.

import type { Bilingual, Language } from '@dure/contract'
import { type Rejection, type RejectionReason, readSwf, type SwfTrace } from '@dure/sim'
import { type Command, Option } from 'commander'
import { Failure } from './failure.ts'
import { nameOf, readUnzipped } from './input-file.ts'
import type { Screen } from './screen.ts'

const formats = ['swf'] as const

export function addFormatOption(command: Command, language: Language): void {
  const text = { ko: '작업 기록 형식', en: 'format of the log' }[language]
  command.addOption(new Option('--format <FORMAT>', text).choices(formats).default('swf'))
}

/** A positive whole number of at most nine digits, for options that count something. */
export function countOf(option: string): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (value < 1)
      throw new Failure('ERR_USAGE', { detail: `${option} must be a whole number of at least 1; it is "${text}"` })
    return value
  }
}

/**
 * Reads a log.
 * @param processors size of the machine where the header is not to be believed
 * @throws {Failure} ERR_BAD_TRACE when it has no usable job
 */
export async function readTrace(file: string, processors: number | undefined, language: Language): Promise<SwfTrace> {
  const trace = await readSwf(readUnzipped(file), processors === undefined ? {} : { processors })
  if (trace.jobs.count > 0) return trace
  const detail = trace.lines === 0 ? 'there is no job line in it' : `all ${trace.lines} lines are rejected`
  const findings = trace.rejections.map((rejection) => ({
    pointer: '',
    code: rejection.reason,
    detail: rejectionInWords(rejection, language),
    line: rejection.firstLines[0] ?? 1,
  }))
  throw new Failure('ERR_BAD_TRACE', { where: nameOf(file), detail, ...(findings.length > 0 && { findings }) })
}

const reasons: Readonly<Record<RejectionReason, Bilingual>> = {
  'not-a-number': { ko: '숫자가 아닌 항목', en: 'a field is not a number' },
  'not-18-fields': { ko: '항목이 18개가 아님', en: 'not 18 fields' },
  'bad-job-number': { ko: '작업 번호가 양의 정수가 아님', en: 'the job number is not a positive integer' },
  'no-processors': { ko: '프로세서 수가 없음', en: 'no number of processors' },
  'larger-than-machine': { ko: '시스템보다 큼', en: 'larger than the machine' },
  'no-run-time': { ko: '실행 시간이 없음', en: 'no run time' },
  'negative-submit': { ko: '제출 시각이 음수', en: 'submitted before time 0' },
  'no-estimate': { ko: '요청 시간이 없음', en: 'no requested time, in a log that has them' },
  'duplicate-job': { ko: '앞에 같은 번호의 작업이 있음', en: 'a job with this number came before' },
}

/** `no run time: 8 lines (3, 9, 12, …)`. */
export function rejectionInWords({ reason, count, firstLines }: Rejection, language: Language): string {
  const numbers = firstLines.join(', ') + (count > firstLines.length ? ', …' : '')
  const name = reasons[reason][language]
  return language === 'ko'
    ? `${name}: ${count}줄 (${numbers})`
    : `${name}: ${count} line${count === 1 ? '' : 's'} (${numbers})`
}

/** Says what of the log was left out or changed, so that nothing is skipped in silence. */
export function sayOddities(trace: SwfTrace, screen: Screen): void {
  const { rejected, rejections, outOfOrder, estimated } = trace
  const ko = screen.language === 'ko'
  if (rejected > 0) {
    screen.say(
      ko
        ? `${trace.lines}줄 가운데 ${rejected}줄을 제외했습니다:`
        : `${rejected} of ${trace.lines} lines are rejected:`,
    )
    for (const rejection of rejections) screen.say(`  ${rejectionInWords(rejection, screen.language)}`)
  }
  if (outOfOrder > 0) {
    screen.warn(
      ko
        ? `제출 시각 순서가 아닌 줄이 ${outOfOrder}개 있어 정렬했습니다.`
        : `${outOfOrder} lines were not in order of submission; they are sorted in.`,
    )
  }
  if (estimated) {
    screen.say(
      ko
        ? '요청 시간이 없는 기록입니다. 실행 시간을 대신 씁니다.'
        : 'The log has no requested times; run times stand in for them.',
    )
  }
}
