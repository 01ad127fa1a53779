// `npm run sbom`: the bill of materials of the repository (CycloneDX 1.6), as pnpm writes it from the lock file, into
// infra/sbom.cdx.json; and the check that it is whole. Ends with 1 where a locked package is not in it.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingFrom } from './setup/bill-of-materials.ts'
import { root } from './setup/pinned-node.mjs'

const FILE = 'infra/sbom.cdx.json'

const { status } = spawnSync(
  'npx',
  [
    ...['--yes', 'pnpm@12', 'sbom', '--lockfile-only', '--sbom-type', 'application'],
    ...['--sbom-format', 'cyclonedx', '--sbom-spec-version', '1.6', '--out', FILE],
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, CI: 'true' } },
)
if (status !== 0) process.exit(status ?? 1)

const missing = missingFrom(
  JSON.parse(readFileSync(join(root, FILE), 'utf8')),
  readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'),
)
for (const name of missing) process.stderr.write(`dure: ${name} is locked and not in ${FILE}\n`)
process.stdout.write(`${FILE} is written\n`)
process.exitCode = missing.length === 0 ? 0 : 1
