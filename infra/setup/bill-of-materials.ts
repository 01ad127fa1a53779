// Whether a bill of materials names everything that the lock file does.

interface BillOfMaterials {
  readonly components: readonly { readonly purl?: string }[]
}

/** Packages as the lock file names them, `name@version`; those of the workspace itself are not among them. */
export function lockedPackages(lock: string): string[] {
  const section = lock.slice(lock.indexOf('\npackages:\n'), lock.indexOf('\nsnapshots:\n'))
  return [...section.matchAll(/^ {2}'?((?:@[^/'\s]+\/)?[^@'\s]+@[^'\s:]+)'?:$/gm)].map(([, name = '']) => name)
}

/** What is locked and not among the components. */
export function missingFrom({ components }: BillOfMaterials, lock: string): string[] {
  const named = new Set(components.map(({ purl = '' }) => decodeURIComponent(purl.replace(/^pkg:npm\//, ''))))
  return lockedPackages(lock).filter((name) => !named.has(name))
}
