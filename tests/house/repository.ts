// The repository as the house rules see it: what is checked in or about to be, without what is installed or built.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Manifest } from './layers.ts'
import type { SourceFile } from './source-text.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** As in .gitignore, and what belongs to Git itself. */
const notOurs = new Set(['node_modules', '.git', '.dure', 'dist', 'coverage'])

export function isOurs(name: string): boolean {
  return !notOurs.has(name) && !name.endsWith('.log')
}

/** Paths of all files under a folder of the repository, relative to its root, sorted. */
export function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => isOurs(entry.name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesUnder(path) : [relative(root, join(root, path)).split(sep).join('/')]
    })
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

export const has = (path: string): boolean => existsSync(join(root, path))

/** TypeScript and JavaScript under a folder; a folder that does not exist has none. */
export function sourcesUnder(folder: string): SourceFile[] {
  if (!has(folder)) return []
  return filesUnder(folder)
    .filter((path) => /\.(ts|tsx|mjs|js)$/.test(path))
    .map((path) => ({ path, text: read(path) }))
}

/** The manifests of the workspace; `folder` of the root itself is ''. */
export function manifests(): Manifest[] {
  const nested = ['packages', 'services'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  )
  return ['', ...nested, 'bench', 'tests']
    .filter((folder) => has(join(folder, 'package.json')))
    .map((folder) => ({ folder, ...JSON.parse(read(join(folder, 'package.json'))) }))
}
