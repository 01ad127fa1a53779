import { Failure } from './failure.ts'

/** The number of a job, as people type it. */
export function jobIdOf(text: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(id))
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `작업은 42와 같은 번호로 가리킵니다. "${text}"은(는) 번호가 아닙니다`,
        en: `a job is named by its number, such as 42; "${text}" is none`,
      },
    })
  return id
}

/** For arguments that may be repeated. */
export const jobIdsOf = (text: string, before: readonly number[] = []): readonly number[] => [...before, jobIdOf(text)]
