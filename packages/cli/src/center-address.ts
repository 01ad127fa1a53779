// Which center a command talks to, and with which key: options, then the environment, then the nearest `.dure/` folder.

import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { ServerOptions } from './common-options.ts'
import { Failure } from './failure.ts'

export interface CenterAddress {
  /** Without a slash at the end. */
  readonly url: string
  /** null: none was found; the center says what it thinks of that. */
  readonly key: string | null
}

/** Written by `npm start` when the center is up, and removed when it stops. */
const ADDRESS_FILE = 'center.json'
const KEY_FILE = 'admin.key'

/** @throws {Failure} where there is no address, or what was given cannot be used */
export function findCenter(options: ServerOptions, environment: NodeJS.ProcessEnv, from: string): CenterAddress {
  const folder = nearestFolder(environment, from)
  const given = options.url ?? environment.DURE_URL
  const url = given ? checked(given, options.url === undefined ? 'DURE_URL' : '--url') : folder?.url
  if (url === undefined) {
    throw new Failure('ERR_UNREACHABLE', {
      detail: {
        ko: `여기서 돌아가는 센터가 없습니다. ${from}와 그 위에 .dure/${ADDRESS_FILE}이 없습니다`,
        en: `no center runs here: there is no .dure/${ADDRESS_FILE} in ${from} or above it`,
      },
    })
  }
  if (options.keyFile !== undefined) return { url, key: readKey(options.keyFile) }
  if (environment.DURE_API_KEY) return { url, key: environment.DURE_API_KEY.trim() }
  // The key of the center in the folder is for that center only: no other address may learn it.
  return { url, key: folder !== undefined && url === folder.url ? folder.key : null }
}

function checked(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `${source}은(는) http://127.0.0.1:8080과 같은 주소여야 합니다. 받은 값은 "${text}"입니다`,
        en: `${source} must be an address such as http://127.0.0.1:8080; it is "${text}"`,
      },
    })
  }
  if (url.username !== '' || url.password !== '') {
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `${source}에 비밀번호를 넣을 수 없습니다. 키를 파일에 두고 --key-file로 알려 주십시오`,
        en: `${source} must not hold a password: put the key into a file and give --key-file`,
      },
    })
  }
  return (url.origin + url.pathname).replace(/\/+$/, '')
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new Failure('ERR_FILE_NOT_READ', {
      where: file,
      detail: { ko: '키 파일을 읽을 수 없습니다', en: 'the key file cannot be read' },
      cause: error,
    })
  }
}

interface Folder {
  readonly url: string
  readonly key: string | null
}

function nearestFolder(environment: NodeJS.ProcessEnv, from: string): Folder | undefined {
  if (environment.DURE_DATA) return readFolder(resolve(from, environment.DURE_DATA))
  for (let place = from; ; place = dirname(place)) {
    const folder = readFolder(join(place, '.dure'))
    if (folder !== undefined || place === dirname(place)) return folder
  }
}

function readFolder(path: string): Folder | undefined {
  const read = (name: string): string | null => {
    try {
      return readFileSync(join(path, name), 'utf8')
    } catch {
      return null
    }
  }
  try {
    const { url } = JSON.parse(read(ADDRESS_FILE) ?? '') as { readonly url?: unknown }
    if (typeof url !== 'string') return undefined
    return { url: url.replace(/\/+$/, ''), key: read(KEY_FILE)?.trim() || null }
  } catch {
    return undefined
  }
}
