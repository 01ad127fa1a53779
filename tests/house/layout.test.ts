import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { misspeltFiles, namelessFiles, strangersAtRoot } from './layout.ts'
import { filesUnder, isOurs, root } from './repository.ts'

const folders = ['bench', 'infra', 'packages', 'services', 'tests']

describe('the layout', () => {
  it('has nothing at the root that is not on the list', () => {
    expect(strangersAtRoot(readdirSync(root).filter(isOurs))).toEqual([])
    expect(strangersAtRoot(['packages', '.github', 'notes.md', 'scripts'])).toEqual(['notes.md', 'scripts'])
  })

  it('calls every file by what it is about', () => {
    expect(namelessFiles(folders.flatMap(filesUnder))).toEqual([])
    const bad = ['a/utils.ts', 'a/helpers/b.ts', 'a/string-util.ts', 'misc.test.ts', 'a/queue-manager.ts']
    expect(namelessFiles([...bad, 'a/utilization.ts', 'a/commons-pool.ts', 'a/miscount.ts'])).toEqual(bad)
  })

  it('spells file names in kebab-case', () => {
    expect(misspeltFiles(folders.flatMap(filesUnder))).toEqual([])
    expect(misspeltFiles(['a/FairTree.ts', 'a/fair_tree.ts', 'a/fair-tree.test.ts', 'A/x2.tsx'])).toEqual([
      'a/FairTree.ts',
      'a/fair_tree.ts',
    ])
  })
})
