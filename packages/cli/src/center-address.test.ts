import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findCenter } from './center-address.ts'
import type { Failure } from './failure.ts'

const top = mkdtempSync(join(tmpdir(), 'dure-address-'))
const deep = join(top, 'a', 'b')
mkdirSync(join(top, '.dure'))
mkdirSync(deep, { recursive: true })
writeFileSync(join(top, '.dure', 'center.json'), JSON.stringify({ url: 'http://127.0.0.1:8080', pid: 1 }))
writeFileSync(join(top, '.dure', 'admin.key'), 'local-secret\n')
writeFileSync(join(top, 'my.key'), '  my-secret\n')
afterAll(() => rmSync(top, { recursive: true }))

const codeOf = (find: () => unknown): string => {
  try {
    find()
  } catch (error) {
    return (error as Failure).code
  }
  return 'found'
}

describe('which center', () => {
  it('is the one whose folder is nearest, with its key', () =>
    expect(findCenter({}, {}, deep)).toEqual({ url: 'http://127.0.0.1:8080', key: 'local-secret' }))

  it('is the one the environment names, or its folder', () => {
    expect(findCenter({}, { DURE_URL: 'https://center.example/', DURE_API_KEY: 'env-secret ' }, deep)).toEqual({
      url: 'https://center.example',
      key: 'env-secret',
    })
    expect(findCenter({}, { DURE_DATA: join(top, '.dure') }, '/')).toEqual({
      url: 'http://127.0.0.1:8080',
      key: 'local-secret',
    })
  })

  it('is first of all the one the command line names', () => {
    const environment = { DURE_URL: 'http://other.example', DURE_API_KEY: 'env-secret' }
    const options = { url: 'http://127.0.0.1:9', keyFile: join(top, 'my.key') }
    expect(findCenter(options, environment, deep)).toEqual({ url: 'http://127.0.0.1:9', key: 'my-secret' })
  })

  it('never learns the key of another', () => {
    expect(findCenter({ url: 'https://elsewhere.example' }, {}, deep).key).toBeNull()
    expect(findCenter({}, { DURE_URL: 'http://127.0.0.1:8081' }, deep).key).toBeNull()
    expect(findCenter({ url: 'http://127.0.0.1:8080/' }, {}, deep).key).toBe('local-secret')
  })

  it('is none where nothing says so, or what says so makes no sense', () => {
    expect(codeOf(() => findCenter({}, { DURE_DATA: join(top, 'nothing') }, deep))).toBe('ERR_UNREACHABLE')
    expect(codeOf(() => findCenter({ url: 'file:///etc' }, {}, deep))).toBe('ERR_USAGE')
    expect(codeOf(() => findCenter({}, { DURE_URL: 'center' }, deep))).toBe('ERR_USAGE')
    expect(codeOf(() => findCenter({ keyFile: join(top, 'no.key') }, {}, deep))).toBe('ERR_FILE_NOT_READ')
  })
})
