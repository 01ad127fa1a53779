// Work whose inputs have not changed is not done again. The fingerprint of the inputs is kept beside the result, so
// that deleting the result also forgets the fingerprint.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * SHA-256 over the names and contents of files; folders count with everything in them, missing paths as missing.
 * @param {string} root folder the paths are relative to
 * @param {readonly string[]} paths
 * @returns {string} 64 hex digits
 */
export function fingerprintOf(root, paths) {
  const hash = createHash('sha256')
  for (const path of paths) {
    for (const file of filesUnder(join(root, path))) {
      // Names and lengths go in too: moving a byte from one file to the next is a change.
      const content = readFileSync(file)
      hash.update(`${relative(root, file)}\0${content.length}\0`).update(content)
    }
  }
  return hash.digest('hex')
}

/**
 * @param {string} path
 * @returns {string[]} every file at or under the path, sorted by name
 */
function filesUnder(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [path]
  return readdirSync(path)
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .sort()
    .flatMap((name) => filesUnder(join(path, name)))
}

/**
 * @param {string} stampFile
 * @param {string} fingerprint
 */
export function isUnchanged(stampFile, fingerprint) {
  try {
    return readFileSync(stampFile, 'utf8').trim() === fingerprint
  } catch {
    return false
  }
}

/**
 * @param {string} stampFile
 * @param {string} fingerprint
 */
export function remember(stampFile, fingerprint) {
  writeFileSync(stampFile, `${fingerprint}\n`)
}
