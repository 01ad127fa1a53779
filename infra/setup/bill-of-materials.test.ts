import { expect, it } from 'vitest'
import { lockedPackages, missingFrom } from './bill-of-materials.ts'

const lock = `lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      a:
        version: 1.0.0

packages:

  a@1.0.0:
    resolution: {integrity: sha512-x}

  '@scope/b@2.0.0-rc.1':
    resolution: {integrity: sha512-y}

snapshots:

  a@1.0.0: {}
`

it('reads the names of a lock file', () => {
  expect(lockedPackages(lock)).toEqual(['a@1.0.0', '@scope/b@2.0.0-rc.1'])
})

it('names what is locked and not in the bill', () => {
  const a = { purl: 'pkg:npm/a@1.0.0' }
  expect(missingFrom({ components: [a, { purl: 'pkg:npm/%40scope/b@2.0.0-rc.1' }] }, lock)).toEqual([])
  expect(missingFrom({ components: [a, { purl: 'pkg:npm/%40scope/b@1.9.0' }] }, lock)).toEqual(['@scope/b@2.0.0-rc.1'])
})
