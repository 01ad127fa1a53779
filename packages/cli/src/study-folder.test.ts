// What stands in the way in a folder, and what is said of it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inventedStudy } from '@dure/study/testing'
import { afterAll, expect, it } from 'vitest'
import { Failure } from './failure.ts'
import { openStudyFolder } from './study-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'dure-folder-'))
afterAll(() => rmSync(folder, { recursive: true }))

const study = inventedStudy()
const refusal = (of = study): Failure => {
  try {
    openStudyFolder(folder, of, true)
  } catch (error) {
    if (error instanceof Failure) return error
  }
  throw new Error('it was taken')
}

it('names the build that made the rows where nothing else is other', () => {
  openStudyFolder(folder, { ...study, version: '0.0.9' }, false)
  const { code, message } = refusal()
  expect(code).toBe('ERR_OTHER_STUDY_THERE')
  expect(message).toContain('by another build of Dure, 0.0.9')
  expect(refusal({ ...study, seeds: [7] }).message).toContain('asked otherwise than now')
  expect(refusal({ ...study, name: 'mine' }).message).toBe('it has 0 results of another study, invented')
  expect(refusal({ ...study, name: 'mine' }).details.detail).toMatchObject({
    ko: '다른 스터디 invented의 결과 0개가 있습니다',
  })
})

it.each(['no JSON', 'null', '[]', '{"hash":1}', '{"study":{"name":1}}'])('leaves %s of somebody else alone', (text) => {
  writeFileSync(join(folder, 'study.json'), text)
  const { code, message } = refusal()
  expect([code, message]).toEqual(['ERR_OTHER_STUDY_THERE', 'the study.json in it is no study of Dure'])
})
