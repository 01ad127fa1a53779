import { describe, expect, it } from 'vitest'
import { checkLayers, type Manifest } from './layers.ts'
import { manifests, sourcesUnder } from './repository.ts'
import { show } from './source-text.ts'

const index = { '.': './src/index.ts' }
const sample: Manifest[] = [
  { folder: '', name: 'dure', devDependencies: { vitest: 'catalog:' } },
  { folder: 'packages/core', name: '@dure/core', exports: index, devDependencies: { 'fast-check': 'catalog:' } },
  { folder: 'packages/sim', name: '@dure/sim', exports: index, dependencies: { '@dure/core': 'workspace:*' } },
  {
    folder: 'packages/engine',
    name: '@dure/engine',
    exports: { ...index, './testing': './src/testing/index.ts' },
    dependencies: { '@dure/core': 'workspace:*', bullmq: 'catalog:' },
    devDependencies: { '@dure/sim': 'workspace:*' },
  },
  { folder: 'services/api', name: '@dure/api', dependencies: { '@dure/engine': 'workspace:*' } },
]

const faults = (path: string, text: string) => show(checkLayers([{ path, text }], sample))

describe('imports', () => {
  it('of this repository point down, are declared, and use the front door', () => {
    const sources = ['packages', 'services', 'bench', 'tests', 'infra'].flatMap(sourcesUnder)
    expect(sources.length).toBeGreaterThan(50)
    expect(show(checkLayers(sources, manifests()))).toEqual([])
  })

  it.each([
    ['packages/engine/src/a.ts', "import { Center } from '@dure/core'"],
    ['packages/engine/src/a.ts', "import { Queue } from 'bullmq'\nimport { open } from 'node:fs'\nimport './b.ts'"],
    ['packages/engine/src/a.test.ts', "import { simulate } from '@dure/sim'\nimport { it } from 'vitest'"],
    ['packages/core/src/a.test.ts', "import fc from 'fast-check'"],
    ['services/api/src/a.test.ts', "import { ledgerContract } from '@dure/engine/testing'"],
  ])('%s may say: %s', (path, text) => {
    expect(faults(path, text)).toEqual([])
  })

  it.each([
    ['upward', 'packages/core/src/a.ts', "import type { X } from '@dure/sim'", 'which is not below @dure/core'],
    ['upward in a test', 'packages/sim/src/a.test.ts', "import '@dure/engine'", 'which is not below @dure/sim'],
    ['of itself by name', 'packages/core/src/a.ts', "export * from '@dure/core'", 'which is not below'],
    [
      'past the front door',
      'services/api/src/a.ts',
      "import x from '@dure/engine/src/x.ts'",
      'does not export ./src/x.ts',
    ],
    [
      'by a path into another package',
      'services/api/src/a.ts',
      "import x from '../../../packages/core/src/x.ts'",
      'leaves the package',
    ],
    ['not declared', 'services/api/src/a.ts', "import { Center } from '@dure/core'", 'does not declare'],
    ['not declared, from npm', 'packages/core/src/a.ts', "\nawait import('zod')", 'a.ts:2 imports zod'],
    ['declared for tests only', 'packages/engine/src/a.ts', "import { simulate } from '@dure/sim'", 'does not declare'],
    [
      'declared nowhere, in a test',
      'packages/core/src/a.test.ts',
      "import 'ioredis'",
      'neither @dure/core nor the root',
    ],
  ])('an import %s is found', (_, path, text, message) => {
    expect(faults(path, text)).toEqual([expect.stringContaining(message)])
  })
})
