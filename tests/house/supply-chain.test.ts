// What the repository takes from others: exact, from the registry and nowhere else, with its checksum; and nothing of theirs runs when it
// is installed, unless it is named with a reason.
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { read } from './repository.ts'

const workspaceText = read('pnpm-workspace.yaml')
const workspace = parse(workspaceText) as {
  catalog: Record<string, string>
  allowBuilds: Record<string, boolean>
}
const lock = parse(read('pnpm-lock.yaml')) as {
  packages: Record<string, { resolution: { integrity?: string; tarball?: string; directory?: string; type?: string } }>
}

it('names exact versions', () => {
  for (const [name, version] of Object.entries(workspace.catalog))
    expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)])
})

it('locks every package by its checksum, from the registry', () => {
  const packages = Object.entries(lock.packages)
  expect(packages.length).toBeGreaterThan(100)
  for (const [name, { resolution }] of packages) {
    expect([name, resolution.integrity]).toEqual([name, expect.stringMatching(/^sha512-/)])
    expect([name, resolution.tarball, resolution.directory, resolution.type]).toEqual([
      name,
      undefined,
      undefined,
      undefined,
    ])
  }
})

it('lets one package run a script when it is installed, and says why', () => {
  const allowed = Object.entries(workspace.allowBuilds).filter(([, isAllowed]) => isAllowed)
  expect(allowed.map(([name]) => name)).toEqual(['node'])
  expect(workspaceText).toMatch(/^ {2}node: true # \w+/m)
  // Whoever turns the rule off as a whole has to come here first.
  expect(workspaceText).not.toMatch(/dangerouslyAllowAllBuilds|strictDepBuilds: false|ignoreScripts: false/)
})

it('takes what is installed from the lock file alone, in containers and on machines', () => {
  for (const file of ['infra/docker/Dockerfile', 'infra/setup/dependencies.mjs'])
    expect(read(file)).toContain('--frozen-lockfile')
})
