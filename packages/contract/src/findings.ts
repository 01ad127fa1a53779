// What a schema found wrong, in plain sentences that name the field, the rule and the value.

import type { z } from 'zod'
import type { Bilingual, Language } from './language.ts'
import { nearestName } from './nearest-name.ts'
import type { Finding } from './problem.ts'

type Issue = z.core.$ZodIssue

/** JSON pointer of a path: `['pools', 0]` is `/pools/0`. */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The path of a JSON pointer; what looks like an index is one. */
export const pathOf = (pointer: string): (string | number)[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key))

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

const typeRules: Readonly<Record<string, Bilingual>> = {
  string: { ko: '문자열이어야 합니다', en: 'must be a string' },
  number: { ko: '숫자여야 합니다', en: 'must be a number' },
  int: { ko: '정수여야 합니다', en: 'must be a whole number' },
  boolean: { ko: 'true 또는 false여야 합니다', en: 'must be true or false' },
  array: { ko: '목록이어야 합니다', en: 'must be a list' },
  object: { ko: '객체여야 합니다', en: 'must be an object' },
  record: { ko: '객체여야 합니다', en: 'must be an object' },
}

function rule(issue: Issue): Bilingual {
  switch (issue.code) {
    case 'invalid_type': {
      const { expected } = issue
      return typeRules[expected] ?? { ko: `형식이 ${expected}이어야 합니다`, en: `must be of type ${expected}` }
    }
    case 'too_small':
    case 'too_big': {
      const small = issue.code === 'too_small'
      const bound = String(small ? issue.minimum : issue.maximum)
      const strict = issue.inclusive === false
      if (issue.origin === 'string') {
        return small
          ? {
              ko: `${bound}자 이상이어야 합니다`,
              en: `must have at least ${bound} character${bound === '1' ? '' : 's'}`,
            }
          : { ko: `${bound}자 이하여야 합니다`, en: `must have at most ${bound} characters` }
      }
      if (issue.origin === 'array') {
        return small
          ? {
              ko: `항목이 ${bound}개 이상이어야 합니다`,
              en: `must have at least ${bound} item${bound === '1' ? '' : 's'}`,
            }
          : { ko: `항목이 ${bound}개 이하여야 합니다`, en: `must have at most ${bound} items` }
      }
      if (small) {
        return strict
          ? { ko: `${bound}보다 커야 합니다`, en: `must be more than ${bound}` }
          : { ko: `${bound} 이상이어야 합니다`, en: `must be at least ${bound}` }
      }
      return strict
        ? { ko: `${bound}보다 작아야 합니다`, en: `must be less than ${bound}` }
        : { ko: `${bound} 이하여야 합니다`, en: `must be at most ${bound}` }
    }
    case 'invalid_value': {
      const values = issue.values.map(String).join(', ')
      return issue.values.length === 1
        ? { ko: `${values}이어야 합니다`, en: `must be ${values}` }
        : { ko: `다음 중 하나여야 합니다: ${values}`, en: `must be one of ${values}` }
    }
    case 'invalid_format':
      return {
        ko: '쓸 수 없는 문자가 있거나 형식이 맞지 않습니다',
        en: `must match ${issue.pattern ?? issue.format}`,
      }
    case 'invalid_union':
      return { ko: '허용된 형식 가운데 어느 것도 아닙니다', en: 'has none of the accepted forms' }
    case 'custom':
      // A rule of ours brings its Korean along in `params`.
      return { ko: typeof issue.params?.ko === 'string' ? issue.params.ko : issue.message, en: issue.message }
    default:
      return { ko: issue.message, en: issue.message }
  }
}

const missing: Bilingual = { ko: '꼭 있어야 합니다', en: 'is missing' }

function worded(issue: Issue, input: unknown, language: Language): string {
  const name = issue.path.length === 0 ? { ko: '본문은', en: 'the body' } : nameOf(issue.path)
  const value = valueAt(input, issue.path)
  const text = value === undefined ? missing : rule(issue)
  // Only scalars are shown back: repeating a whole object helps nobody.
  const given = value === undefined || (typeof value === 'object' && value !== null) ? '' : shown(value)
  if (language === 'ko') return `${name.ko} ${text.ko}${given === '' ? '' : ` (받은 값: ${given})`}.`
  return `${name.en} ${text.en}${given === '' ? '' : `, but is ${given}`}.`
}

function nameOf(path: readonly PropertyKey[]): Bilingual {
  const name = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
  return { ko: `\`${name}\` 값은`, en: `\`${name}\`` }
}

/** Where only one of several forms is meant, since the value is of its kind: what is wrong inside it. */
function insideOf(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.filter((inside) => inside.length > 0 && inside.every(({ path }) => path.length > 0))
  if (meant.length !== 1) return [issue]
  return meant[0]!.flatMap((inside) => insideOf({ ...inside, path: [...issue.path, ...inside.path] }))
}

/** What is wrong with hundreds of fields is one mistake, and somebody may make it on purpose: the answer would be longer than the question. */
const FINDINGS_MAX = 50

/**
 * Findings for the issues of a failed parse, the first of them where there are very many.
 * @param input what was parsed, to show the value that is wrong
 * @param fields the names there are, to guess what a misspelt one was meant to be
 */
export function findingsOf(
  issues: readonly Issue[],
  input: unknown,
  fields: readonly string[] = [],
  language: Language = 'en',
): Finding[] {
  const told = issues.slice(0, FINDINGS_MAX).flatMap(insideOf).slice(0, FINDINGS_MAX)
  return told.flatMap((issue): Finding[] => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ pointer: pointerOf(issue.path), code: issue.code, detail: worded(issue, input, language) }]
    }
    return issue.keys.slice(0, FINDINGS_MAX).map((key) => {
      const meant = nearestName(key, fields)
      const guess =
        meant === null
          ? ''
          : language === 'ko'
            ? ` \`${meant}\`을(를) 쓰려고 하셨습니까?`
            : ` Did you mean \`${meant}\`?`
      const detail =
        language === 'ko' ? `\`${key}\` 항목은 여기에 없습니다.${guess}` : `\`${key}\` is not a field here.${guess}`
      return { pointer: pointerOf([...issue.path, key]), code: issue.code, detail }
    })
  })
}
