// Quantities in YAML files, read into numbers: what is written is text with a unit, or a number where that leaves no doubt.

import { z } from 'zod'
import type { Bilingual } from './language.ts'
import { dayForms, momentForms, parseDay, parseMoment } from './moment.ts'
import { durationForms, memoryForms, parseDurationMs, parseMemoryMib, parseWatts, wattForms } from './quantity.ts'

const reading =
  (parse: (text: string) => number | null, { ko, en }: Bilingual) =>
  (written: string | number, context: z.RefinementCtx): number => {
    const value = parse(String(written))
    if (value === null)
      context.addIssue({ code: 'custom', message: `must be ${en}`, params: { ko: `${ko} 형식이어야 합니다` } })
    return value ?? z.NEVER
  }

const quantity = (parse: (text: string) => number | null, forms: Bilingual) =>
  z.union([z.string(), z.number()]).transform(reading(parse, forms))

/** Milliseconds. A bare number is minutes, as in Slurm. */
export const duration = quantity(parseDurationMs, durationForms)

const spanForms = { ko: '72h, 3d, 1d12h와 같이 단위가 있는 시간', en: 'a time with its unit, such as 72h, 3d or 1d12h' }
/** Milliseconds. In a plan of years a bare number of minutes would only be a slip. */
export const span = quantity((text) => (/[a-z]/i.test(text) ? parseDurationMs(text) : null), spanForms)

/** MiB. */
export const memory = quantity(parseMemoryMib, memoryForms)

/** Watts. */
export const watts = quantity(parseWatts, wattForms)

/** Unix time in milliseconds, of midnight in Korea. */
export const day = z.string().transform(reading(parseDay, dayForms))
/** Unix time in milliseconds. */
export const moment = z.string().transform(reading(parseMoment, momentForms))
