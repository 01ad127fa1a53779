import { readCenterFile } from '@dure/contract'
import type { CenterConfig } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { modelCenter } from '../model/center.ts'
import { fill, kaiCenter } from '../model/kai-load.ts'
import { baseline, kueueCenter } from '../model/kueue-load.ts'
import { centerFileOf } from './center-file.ts'

/** A file lists an account with all that is below it, so that order may change where accounts of several levels mix. */
const sorted = (config: CenterConfig) => ({
  ...config,
  accounts: config.accounts.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  associations: config.associations.toSorted((a, b) => (a.account + a.user < b.account + b.user ? -1 : 1)),
})

describe('the file of a center', () => {
  it.for([modelCenter(1), kueueCenter(baseline), kaiCenter(fill)])('reads as the center $name', (config) => {
    const read = readCenterFile(centerFileOf(config))
    expect(read).toMatchObject({ ok: true })
    if (read.ok) expect(sorted(read.config)).toEqual(sorted(config))
  })
})
