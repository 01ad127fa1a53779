// What keeps a text from being YAML, for people. The parser says it in English; its codes are told in Korean, with its own words behind
// those that say too little.

import type { ErrorCode } from 'yaml'
import type { Bilingual } from './language.ts'

const korean: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_INDENT: '들여쓰기가 맞지 않습니다',
  TAB_AS_INDENT: '들여쓰기에 탭을 쓸 수 없습니다. 빈칸을 쓰세요',
  DUPLICATE_KEY: '같은 항목이 두 번 있습니다',
  BLOCK_AS_IMPLICIT_KEY: '한 줄에 항목이 겹쳐 있습니다. 값에 콜론이 있으면 따옴표로 묶으세요',
  MULTILINE_IMPLICIT_KEY: '항목의 이름은 한 줄에 있어야 합니다',
  KEY_OVER_1024_CHARS: '항목의 이름이 너무 깁니다',
  BAD_SCALAR_START: '값이 쓸 수 없는 문자로 시작합니다. 따옴표로 묶으세요',
  BAD_DQ_ESCAPE: '큰따옴표 안의 역슬래시 표기가 올바르지 않습니다',
  BAD_ALIAS: '별칭(*)이나 앵커(&)의 이름이 올바르지 않습니다',
  MULTIPLE_ANCHORS: '앵커(&)는 하나만 쓸 수 있습니다',
  MULTIPLE_TAGS: '태그(!)는 하나만 쓸 수 있습니다',
  TAG_RESOLVE_FAILED: '알 수 없는 태그(!)입니다',
}

const sentence = (text: string): string => `${text}.`.replace(/\.\.$/, '.')

/** @param said what the parser says; with `code` where it has one of those above */
export function yamlFault(said: string, code?: ErrorCode): Bilingual {
  const known = code === undefined ? undefined : korean[code]
  return {
    ko: sentence(`YAML을 읽을 수 없습니다: ${known ?? said}`),
    en: sentence(`The YAML cannot be read: ${said}`),
  }
}
