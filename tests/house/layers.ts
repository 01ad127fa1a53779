// Imports point down only, name what their package declares, and never reach into another package past its front door.
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path/posix'
import { type Finding, importsOf, type SourceFile } from './source-text.ts'

/** A package.json, and where it is. */
export interface Manifest {
  readonly folder: string
  readonly name: string
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

/** A package may import those of lower layers only; two of the same layer do not know each other. */
const layerOf: Readonly<Record<string, number>> = {
  '@dure/core': 0,
  '@dure/sim': 1,
  '@dure/contract': 2,
  '@dure/engine': 3,
  '@dure/client': 3,
  '@dure/report': 3,
  '@dure/study': 3,
  '@dure/cli': 4,
  '@dure/api': 5,
  '@dure/scheduler': 5,
  '@dure/executor': 5,
  '@dure/studies': 5,
  '@dure/console': 5,
  '@dure/bench': 6,
  '@dure/tests': 7,
  dure: 7,
}

/** What exercises a package may use its devDependencies, and what the root brings for all: the test runner. */
const isTestCode = (path: string): boolean =>
  /\.test\.tsx?$|\/testing\/|(^|\/)(vite|vitest)\.config\.ts$/.test(path) || /^(tests|bench)\//.test(path)

export function checkLayers(sources: readonly SourceFile[], manifests: readonly Manifest[]): Finding[] {
  const rootManifest = manifests.find(({ folder }) => folder === '')
  return sources.flatMap((source) => {
    const own = ownerOf(source.path, manifests)
    if (!own) return [{ path: source.path, line: 1, message: 'belongs to no package of the workspace' }]
    return importsOf(source.text).flatMap(({ specifier, line }) => {
      const message = specifier.startsWith('.')
        ? faultOfRelative(source.path, specifier, own)
        : faultOfBare(source.path, specifier, own, manifests, rootManifest)
      return message ? [{ path: source.path, line, message }] : []
    })
  })
}

/** The package with the longest folder that contains the path. */
function ownerOf(path: string, manifests: readonly Manifest[]): Manifest | undefined {
  return manifests
    .filter(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
    .reduce<Manifest | undefined>(
      (best, next) => (best && best.folder.length > next.folder.length ? best : next),
      undefined,
    )
}

function faultOfRelative(path: string, specifier: string, own: Manifest): string | undefined {
  const target = join(dirname(path), specifier)
  const leaves =
    own.folder === ''
      ? /^(\.\.|packages|services|bench|tests)(\/|$)/.test(target)
      : !target.startsWith(`${own.folder}/`)
  return leaves ? `imports ${specifier}, which leaves the package: import the other package by its name` : undefined
}

function faultOfBare(
  path: string,
  specifier: string,
  own: Manifest,
  manifests: readonly Manifest[],
  rootManifest: Manifest | undefined,
): string | undefined {
  if (isBuiltin(specifier)) return undefined
  const [first = '', second = ''] = specifier.split('/')
  const name = first.startsWith('@') ? `${first}/${second}` : first
  const subpath = `.${specifier.slice(name.length)}`
  const other = manifests.find((manifest) => manifest.name === name)

  if (other) {
    const ownLayer = layerOf[own.name]
    const otherLayer = layerOf[name]
    if (ownLayer === undefined || otherLayer === undefined) {
      return `imports ${name}, but ${ownLayer === undefined ? own.name : name} has no layer yet: give it one in the house test`
    }
    if (otherLayer >= ownLayer) return `imports ${name}, which is not below ${own.name}`
    if (!other.exports || !(subpath in other.exports)) {
      return `imports ${specifier}, but ${name} does not export ${subpath}`
    }
  }
  if (own.dependencies?.[name]) return undefined
  if (!isTestCode(path) && own.name !== 'dure')
    return `imports ${name}, which ${own.name} does not declare as a dependency`
  const declared = own.devDependencies?.[name] ?? rootManifest?.devDependencies?.[name]
  return declared ? undefined : `imports ${name}, which neither ${own.name} nor the root declares`
}
