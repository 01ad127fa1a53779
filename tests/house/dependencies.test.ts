import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { looseDependencies } from './dependencies.ts'
import { manifests, read } from './repository.ts'

describe('dependencies', () => {
  it('are exact, and named once', () => {
    expect(looseDependencies(manifests(), parse(read('pnpm-workspace.yaml')).catalog)).toEqual([])
  })

  it('are found when they are not', () => {
    const sample = [
      { folder: 'a', name: '@dure/a', dependencies: { zod: '^4.0.0', '@dure/b': '1.0.0' } },
      { folder: 'b', name: '@dure/b', devDependencies: { vite: 'catalog:', react: 'catalog:' } },
    ]
    expect(looseDependencies(sample, { zod: '4.6.7', react: '~19.3.0', yaml: '2.9.1' })).toEqual([
      'the catalog names react ~19.3.0, which is not one exact version',
      '@dure/a asks for zod ^4.0.0: it must be catalog:',
      '@dure/a asks for @dure/b 1.0.0: it must be workspace:*',
      'the catalog has no vite',
      'the catalog names yaml, which nobody uses',
    ])
  })
})
