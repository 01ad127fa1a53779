// Options that every command has, and those of every command that talks to a center.

import type { Language } from '@dure/contract'
import type { Command } from 'commander'

export interface CommonOptions {
  readonly json?: boolean
  readonly quiet?: boolean
}

export interface ServerOptions extends CommonOptions {
  readonly url?: string
  readonly keyFile?: string
}

export function addCommonOptions(command: Command, language: Language): void {
  command
    .optionsGroup({ ko: '공통 옵션:', en: 'Common options:' }[language])
    .option('--json', { ko: 'JSON 문서 하나로 출력', en: 'one JSON document on standard output' }[language])
    .option('-q, --quiet', { ko: '결과만 출력', en: 'the result only, no talk' }[language])
    .option('--lang <LANG>', { ko: '언어: ko, en (기본: LANG)', en: 'language: ko or en (default: LANG)' }[language])
    .option('--no-color', { ko: '색과 굵기 없이 (NO_COLOR)', en: 'no colour, no bold (NO_COLOR)' }[language])
    .helpOption('-h, --help', { ko: '도움말', en: 'this text' }[language])
}

export function addServerOptions(command: Command, language: Language): void {
  command
    .optionsGroup({ ko: '센터 연결:', en: 'Which center:' }[language])
    .option(
      '--url <URL>',
      {
        ko: '센터 주소 (기본: DURE_URL, 그다음 .dure/)',
        en: 'address of the center (default: DURE_URL, then .dure/)',
      }[language],
    )
    .option(
      '--key-file <FILE>',
      {
        ko: 'API 키 파일 (기본: DURE_API_KEY, 그다음 .dure/)',
        en: 'file with the API key (default: DURE_API_KEY, then .dure/)',
      }[language],
    )
}

/** `--lang`, else the locale, as messages are chosen on Unix. */
export function languageOf(args: readonly string[], environment: NodeJS.ProcessEnv): Language | 'unknown' {
  const at = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='))
  const asked = args[at]?.includes('=') ? args[at].slice('--lang='.length) : args[at + 1]
  if (at >= 0) return asked === 'ko' || asked === 'en' ? asked : 'unknown'
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || ''
  return locale.startsWith('ko') ? 'ko' : 'en'
}
