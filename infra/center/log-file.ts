// Each process writes to a file of its own, not to a pipe: it must be able to say its last words when nobody reads them
// any more.
import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { join } from 'node:path'

/** A longer file is put aside as `<name>.log.1`, in place of the one before. */
const KEPT_BYTES = 16 * 1024 * 1024

export interface LogFile {
  readonly path: string
  /** Opens the file for appending, hands its descriptor over and closes it again: the child has its own by then. */
  append<T>(use: (descriptor: number) => T): T
  /** The last line written since `append` was last called: its message if it is a JSON record. */
  lastWords(): string | undefined
}

export function logFile(folder: string, name: string): LogFile {
  const path = join(folder, `${name}.log`)
  let startBytes = 0
  return {
    path,
    append(use) {
      if (sizeOf(path) > KEPT_BYTES) renameSync(path, `${path}.1`)
      startBytes = sizeOf(path)
      const descriptor = openSync(path, 'a', 0o600)
      try {
        return use(descriptor)
      } finally {
        closeSync(descriptor)
      }
    },
    lastWords: () => {
      const written = readFileSync(path)
      // It was put aside in the meantime: all that is there now came after.
      return lastWordsOf(written.subarray(startBytes <= written.length ? startBytes : 0).toString())
    },
  }
}

/**
 * Puts files aside that have become too long, while processes write to them: these append, wherever the end is by then. What they write
 * between the copy and the cut is lost. A file that cannot be copied, because the disk is full, stays as it is.
 */
export function putLongLogsAside(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (!name.endsWith('.log') || sizeOf(path) <= KEPT_BYTES) continue
    try {
      copyFileSync(path, `${path}.1`)
    } catch {
      continue
    }
    truncateSync(path)
  }
}

/**
 * What explains the end of a process that wrote this: the last line, or its `msg`. Of a stack trace, the error itself.
 * Long lines are cut.
 */
export function lastWordsOf(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const last = lines.at(-1)
  if (last === undefined) return undefined
  const endsWithTrace = /^(Node\.js v|\s+at |})/.test(last)
  const thrown = endsWithTrace ? lines.findLast((line) => /^\w*Error\b.*: /.test(line)) : undefined
  return (messageOf(last) ?? thrown ?? last).trim().slice(0, 500)
}

function messageOf(line: string): string | undefined {
  try {
    const record: unknown = JSON.parse(line)
    if (typeof record !== 'object' || record === null || !('msg' in record)) return undefined
    return typeof record.msg === 'string' ? record.msg : undefined
  } catch {
    return undefined
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
