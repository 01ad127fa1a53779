// The shape of the repository: what may stand at its root, and what a file may be called.

/** The folders, and the files that tools insist on finding at the root. Another one needs a reason and a decision note. */
const atRoot = new Set([
  ...['bench', 'infra', 'packages', 'services', 'tests'],
  ...['LICENSE', 'README.md', 'docker-compose.yml'],
  ...['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'],
  ...['biome.json', 'knip.json', 'tsconfig.json', 'vitest.config.ts'],
])

/** Names at the root that have no business there; dot-files are for tools and always welcome. */
export function strangersAtRoot(names: readonly string[]): string[] {
  return names.filter((name) => !name.startsWith('.') && !atRoot.has(name))
}

/** Behind each of these names hides a noun of the domain. */
const emptyWords = /(^|[/.-])(utils?|helpers?|misc|manager)([/.-]|$)/

export function namelessFiles(paths: readonly string[]): string[] {
  return paths.filter((path) => emptyWords.test(path))
}

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/

/** Source files whose name is not in kebab-case. */
export function misspeltFiles(paths: readonly string[]): string[] {
  return paths.filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !kebabCase.test(path.slice(path.lastIndexOf('/') + 1)))
}
