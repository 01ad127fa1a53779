// The folder (`.dure` by default) that holds all a center must remember, and the lock that keeps a second center
// out of it. Everything in it is for its owner only.
//
//   center.json     where the API listens, for the `dure` command
//   center.lock     which processes are using the folder
//   admin.key       the administrator's key, written by the API
//   redis.json      how to reach the private Redis: a secret
//   redis/          its configuration and its append-only file
//   ledger/         the ledger's older entries, which are no longer in Redis
//   logs/           one file a process
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts'
import { Refusal } from './refusal.ts'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

export interface DataFolder {
  readonly path: string
  readonly logs: string
  /** Writes a file in the folder, whole or not at all, readable by its owner only. */
  write(name: string, content: string): void
  /** Undefined when there is no such file. */
  read(name: string): string | undefined
  remove(name: string): void
  /** Notes a process that lives in this folder, so that whoever comes after a crash can wait for its end. */
  noteChild(pid: number): void
  /** Processes of a center that died here without stopping them, as far as they still run. */
  readonly orphans: readonly ProcessIdentity[]
  release(): void
}

interface Lock {
  readonly holder: ProcessIdentity
  readonly children: readonly ProcessIdentity[]
}

/**
 * Creates the folder where needed and takes its lock.
 * @throws Refusal when the folder cannot be written or another center runs in it
 */
export function openDataFolder(path: string): DataFolder {
  const logs = join(path, 'logs')
  try {
    mkdirSync(logs, { recursive: true, mode: FOLDER_MODE })
    if (statSync(path).uid === process.getuid?.()) chmodSync(path, FOLDER_MODE)
    writePrivate(join(path, '.probe'), '')
    unlinkSync(join(path, '.probe'))
  } catch (error) {
    throw new Refusal(
      `the folder ${path} cannot be written (${codeOf(error)}): choose another one with --data, or give yourself the right to write there`,
      undefined,
      { cause: error },
    )
  }

  const lockFile = join(path, 'center.lock')
  let lock: Lock = { holder: ownIdentity(), children: [] }
  const predecessor = takeLock(lockFile, lock)

  return {
    path,
    logs,
    write: (name, content) => writePrivate(join(path, name), content),
    read: (name) => readIfThere(join(path, name)),
    remove: (name) => rmSync(join(path, name), { force: true }),
    noteChild(pid) {
      const child = identityOf(pid)
      if (!child) return
      lock = { ...lock, children: [...lock.children.filter(isRunning), child] }
      writePrivate(lockFile, JSON.stringify(lock))
    },
    orphans: predecessor?.children.filter(isRunning) ?? [],
    release: () => rmSync(lockFile, { force: true }),
  }
}

/**
 * Takes the lock, from a dead holder if need be.
 * @returns the lock of a holder that died without giving it back
 */
function takeLock(lockFile: string, lock: Lock): Lock | undefined {
  const mine = `${lockFile}.${randomUUID()}`
  writeFileSync(mine, JSON.stringify(lock), { mode: FILE_MODE })
  try {
    let predecessor: Lock | undefined
    // A link either creates the name or fails: of two centers starting together, one gets it.
    while (!linked(mine, lockFile)) {
      const found = parseLock(readIfThere(lockFile))
      if (found && isRunning(found.holder)) {
        throw new Refusal(
          `another center (process ${found.holder.pid}) already runs in ${dirname(lockFile)}: stop it first, or start this one elsewhere with --data and --port`,
        )
      }
      predecessor = found ?? predecessor
      discardStale(lockFile)
    }
    return predecessor
  } finally {
    unlinkSync(mine)
  }
}

/** Moves a dead holder's lock away, but puts it back if a live center was quicker and the name is already its own. */
function discardStale(lockFile: string): void {
  const aside = `${lockFile}.${randomUUID()}`
  try {
    renameSync(lockFile, aside)
  } catch {
    return // Somebody else moved it first; the next attempt sees what they left.
  }
  const moved = parseLock(readIfThere(aside))
  if (moved && isRunning(moved.holder)) linked(aside, lockFile)
  unlinkSync(aside)
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Anything unreadable counts as nobody's lock: it is written whole, so it was not written by us. */
function parseLock(text: string | undefined): Lock | undefined {
  try {
    const lock = JSON.parse(text ?? '') as Partial<Lock>
    return lock.holder && Array.isArray(lock.children) ? (lock as Lock) : undefined
  } catch {
    return undefined
  }
}

function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid) ?? { pid: process.pid, started: 'unknown' }
}

function writePrivate(file: string, content: string): void {
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, content, { mode: FILE_MODE })
  renameSync(draft, file)
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error'
}
