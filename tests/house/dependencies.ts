// One version of everything, named in one place: manifests point to the catalog, and the catalog is exact.
import type { Manifest } from './layers.ts'

/** @param catalog version by package name */
export function looseDependencies(manifests: readonly Manifest[], catalog: Readonly<Record<string, string>>): string[] {
  const loose = Object.entries(catalog)
    .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    .map(([name, version]) => `the catalog names ${name} ${version}, which is not one exact version`)

  const names = new Set(manifests.map(({ name }) => name))
  const used = new Set<string>()
  for (const manifest of manifests) {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      used.add(name)
      const expected = names.has(name) ? 'workspace:*' : 'catalog:'
      if (version !== expected) loose.push(`${manifest.name} asks for ${name} ${version}: it must be ${expected}`)
      else if (expected === 'catalog:' && !(name in catalog)) loose.push(`the catalog has no ${name}`)
    }
  }
  const unused = Object.keys(catalog).filter((name) => !used.has(name))
  return [...loose, ...unused.map((name) => `the catalog names ${name}, which nobody uses`)]
}
