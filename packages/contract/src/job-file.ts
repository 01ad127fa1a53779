// A job from a file: YAML with the fields of a submit, or a shell script with `#SBATCH` and `#DURE` lines.
// Whatever is wrong is reported all at once, with line numbers; nothing is guessed.

import { findingsOf } from './findings.ts'
import { SubmitJob, type SubmitJobBody } from './http/job.ts'
import { type GivenOption, type JobReading, jobFromOptions, takesValue } from './job-options.ts'
import type { Bilingual, Language } from './language.ts'
import type { Finding } from './problem.ts'
import { durationForms, memoryForms, parseDurationMs, parseMemoryMib } from './quantity.ts'
import { readYaml, withLines, type YamlSource } from './yaml-source.ts'

/** Longer than any script with a job's options at its head needs to be, short enough to read at once. */
export const JOB_FILE_BYTES_MAX = 1024 * 1024

const directive = /^#(SBATCH|DURE)(?=\s|$)(.*)$/

const isScript = (text: string): boolean =>
  text.startsWith('#!') || text.split('\n').some((line) => directive.test(line.trimEnd()))

/**
 * Reads a job file. `options` come from the command line and win over the file; `defaults` (a name from the file's
 * name, say) give way to it.
 */
export function readJobFile(
  source: string,
  options: readonly GivenOption[] = [],
  defaults: SubmitJobBody = {},
  language: Language = 'en',
): JobReading {
  const failure = (detail: Bilingual): JobReading => fileFailure(detail, language)
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  if (text.length > JOB_FILE_BYTES_MAX) return failure(tooLarge)
  if (text.includes('\0')) return failure(isBinary)
  if (text.trim() === '') return failure(isEmpty)
  if (!isScript(text)) return readYamlJob(text, options, defaults, language)

  const script = readScript(text)
  const read = jobFromOptions([...script.options, ...options], defaults)
  if (!read.ok) return { ok: false, findings: inLineOrder([...script.findings, ...read.findings]) }
  if (script.findings.length > 0) return { ok: false, findings: script.findings }
  return { ...read, warnings: inLineOrder([...script.warnings, ...read.warnings]) }
}

const fileFailure = (detail: Bilingual, language: Language): JobReading => ({
  ok: false,
  findings: [{ pointer: '', code: 'job_file', detail: detail[language], line: 1 }],
})

const tooLarge: Bilingual = {
  ko: '파일이 1 MiB보다 큽니다. 작업 파일은 몇 줄이면 됩니다.',
  en: 'The file is larger than 1 MiB; a job file is a few lines.',
}
const isBinary: Bilingual = {
  ko: '이진 파일입니다. 작업 파일은 YAML이거나 #SBATCH 줄이 있는 스크립트입니다.',
  en: 'The file is binary; a job file is YAML or a script with #SBATCH lines.',
}
const isEmpty: Bilingual = { ko: '파일이 비어 있습니다.', en: 'The file is empty.' }
const noFields: Bilingual = {
  ko: '작업 파일에는 `nodes: 2`처럼 `항목: 값`을 한 줄씩 적습니다.',
  en: 'A job file is a list of `field: value` lines, such as `nodes: 2`.',
}

const inLineOrder = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))

// Scripts.

interface Script {
  readonly options: GivenOption[]
  readonly findings: Finding[]
  readonly warnings: Finding[]
}

/** Slurm reads directives up to the first command; later ones are comments to it, so they are to us. */
function readScript(text: string): Script {
  const script: Script = { options: [], findings: [], warnings: [] }
  let inBody = false
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1
    const found = directive.exec(raw.trimEnd())
    if (found === null) {
      if (raw.trim() !== '' && !raw.trimStart().startsWith('#')) inBody = true
      continue
    }
    const [, word = '', rest = ''] = found
    if (inBody) {
      script.warnings.push({
        pointer: '',
        code: 'no_effect',
        detail: `#${word} after the first command has no effect, as in Slurm.`,
        line,
      })
      continue
    }
    readDirective(rest, word === 'SBATCH' ? 'sbatch' : 'dure', line, script)
  }
  return script
}

function readDirective(rest: string, from: GivenOption['from'], line: number, script: Script): void {
  const wrong = (code: string, detail: string): void => {
    script.findings.push({ pointer: '', code, detail, line })
  }
  const words = shellWords(rest)
  if (words === null) {
    wrong('quotes', 'A quotation mark is not closed.')
    return
  }
  if (words.length === 0)
    wrong('no_option', `There is no option on this #${from === 'sbatch' ? 'SBATCH' : 'DURE'} line.`)
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const [, name, value] = /^(--[A-Za-z][\w-]*|-[A-Za-z])(?:=([\s\S]*))?$/.exec(word) ?? splitShort(word)
    if (name === undefined) {
      wrong('not_an_option', `"${word}" is not an option; options start with - or --.`)
      continue
    }
    const next = words[i + 1]
    if (value === undefined && takesValue(name) === true && next !== undefined && !/^-[-A-Za-z]/.test(next)) {
      script.options.push({ name, value: next, line, from })
      i++
    } else script.options.push({ name, value: value ?? null, line, from })
  }
}

/** `-N4` is `-N 4`. */
const splitShort = (word: string): [string?, string?, string?] => {
  const found = /^(-[A-Za-z])(.+)$/.exec(word)
  return found === null ? [] : [word, found[1] as string, found[2] as string]
}

/** Words as a shell splits them, quotes removed, up to a comment; null where a quote stays open. */
function shellWords(text: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (const character of text) {
    if (quote !== '') {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word)
      word = null
    } else if (character === '#' && word === null) break
    else word = (word ?? '') + character
  }
  if (quote !== '') return null
  if (word !== null) words.push(word)
  return words
}

// YAML.

const durations: Bilingual = { ko: `시간: ${durationForms.ko}`, en: `a duration: ${durationForms.en}` }
const memories: Bilingual = { ko: `메모리 크기: ${memoryForms.ko}`, en: `a memory size: ${memoryForms.en}` }

/** Fields that a person may write with units instead of `_ms` and `_mib`. */
const withUnits: Readonly<Record<string, { field: string; parse: (text: string) => number | null; forms: Bilingual }>> =
  {
    time_limit: { field: 'time_limit_ms', parse: parseDurationMs, forms: durations },
    run_time: { field: 'run_time_ms', parse: parseDurationMs, forms: durations },
    memory_per_node: { field: 'memory_mib_per_node', parse: parseMemoryMib, forms: memories },
  }

const fields = [...Object.keys(SubmitJob.shape), ...Object.keys(withUnits)]

function readYamlJob(
  text: string,
  options: readonly GivenOption[],
  defaults: SubmitJobBody,
  language: Language,
): JobReading {
  const read = readYaml(text, language)
  if (!read.ok) return read
  const { source } = read
  if (typeof source.value !== 'object' || source.value === null || Array.isArray(source.value)) {
    return fileFailure(noFields, language)
  }
  const { body, findings } = withoutUnits(source.value as Record<string, unknown>, source, language)
  const checked = SubmitJob.safeParse(body)
  if (!checked.success) {
    const origin = new Map(Object.entries(withUnits).map(([written, { field }]) => [field, written]))
    for (const finding of findingsOf(checked.error.issues, body, fields, language)) {
      const field = finding.pointer.split('/')[1] ?? ''
      const written = Object.hasOwn(source.value, field) ? field : (origin.get(field) ?? field)
      findings.push(...withLines([{ ...finding, pointer: finding.pointer.replace(field, written) }], source))
    }
  }
  if (findings.length > 0) return { ok: false, findings: inLineOrder(findings) }
  return jobFromOptions(options, { ...defaults, ...(body as SubmitJobBody) })
}

function withoutUnits(
  value: Record<string, unknown>,
  source: YamlSource,
  language: Language,
): { body: Record<string, unknown>; findings: Finding[] } {
  const body = new Map<string, unknown>()
  const findings: Finding[] = []
  for (const [key, given] of Object.entries(value)) {
    const unit = Object.hasOwn(withUnits, key) ? withUnits[key] : undefined
    if (unit === undefined) {
      // An empty field (`comment:`) is null in YAML and means that it is not given.
      if (given !== null) body.set(key, given)
      continue
    }
    const parsed = typeof given === 'string' || typeof given === 'number' ? unit.parse(String(given)) : null
    const finding = (detail: Bilingual): Finding => ({
      pointer: `/${key}`,
      code: 'quantity',
      detail: detail[language],
      line: source.lineOf([key]),
    })
    if (parsed === null) {
      const written = JSON.stringify(given)
      findings.push(
        finding({
          ko: `\`${key}\` 값은 이런 형식이어야 합니다. ${unit.forms.ko}. 받은 값은 ${written}입니다.`,
          en: `\`${key}\` must be ${unit.forms.en}; it is ${written}.`,
        }),
      )
    } else if (Object.hasOwn(value, unit.field)) {
      findings.push(
        finding({
          ko: `\`${key}\`와 \`${unit.field}\`는 같은 것을 말합니다. 하나만 남기십시오.`,
          en: `\`${key}\` and \`${unit.field}\` say the same thing; keep one.`,
        }),
      )
    } else body.set(unit.field, parsed)
  }
  return { body: Object.fromEntries(body), findings }
}
