// Segments as files in one folder, which all who may lead can reach. A file appears whole or not at all: it is written under another
// name, synchronised, renamed, and the folder synchronised, so that it is there after a power cut before anybody acts on it.

import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { LedgerBroken, type Segment, type Segments, StoreError } from '../ports.ts'
import { segmentOf, segmentsLeadingTo } from './segment-chain.ts'
import { decodeSegment, encodeSegment, fileNameOf, segmentNamed } from './segment-file.ts'

/** What it takes to keep a file for good, a step each. */
export interface Disk {
  /** Creates a file; returns once its content is on disk. */
  write(file: string, content: Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Returns once the names in the folder are on disk. */
  syncFolder(folder: string): Promise<void>
}

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
const DRAFT = '.draft'
/** A draft that nobody has finished by then was left by a process that died. */
const DRAFT_LIFE_MS = 3_600_000

export const disk: Disk = {
  write: async (file, content) => {
    const handle = await open(file, 'wx', FILE_MODE)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  rename,
  syncFolder: async (folder) => {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}

/** `steps`: tests have them fail. */
export function fileSegments(folder: string, steps: Disk = disk): Segments {
  const place = resolve(folder)
  const fileOf = (segment: Segment): string => join(place, fileNameOf(segment))

  return {
    store: (entries) => {
      const file = fileOf(segmentOf(entries))
      return onDisk(`keep the segment ${file}`, async () => {
        await mkdir(place, { recursive: true, mode: FOLDER_MODE })
        await removeAbandoned(place)
        const draft = `${file}.${randomUUID()}${DRAFT}`
        try {
          await steps.write(draft, await encodeSegment(entries))
          await steps.rename(draft, file)
        } catch (error) {
          await rm(draft, { force: true }).catch(() => {}) // a full or broken disk is what we tell of already
          throw error
        }
        await steps.syncFolder(place)
      })
    },

    leadingTo: (end) =>
      onDisk(`look for segments in ${place}`, async () => {
        const kept = (await namesIn(place)).map(segmentNamed).filter((segment) => segment !== undefined)
        return segmentsLeadingTo(kept, end, place)
      }),

    read: (segment) => {
      const file = fileOf(segment)
      return onDisk(`read the segment ${file}`, async () =>
        decodeSegment(await contentOf(file, segment), segment, file),
      )
    },
  }
}

async function contentOf(file: string, { firstRevision }: Segment): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    if (!isAbsence(error)) throw error
    throw new LedgerBroken(firstRevision, `its segment ${file} is missing`, 'Put it back from a backup.')
  }
}

/** None in a folder that nobody has made yet. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (!isAbsence(error)) throw error
    return []
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!name.endsWith(DRAFT)) continue
    const file = join(folder, name)
    // Another process may be the first to finish or to remove it.
    const written = await stat(file).catch(() => undefined)
    if (written !== undefined && Date.now() - written.mtimeMs > DRAFT_LIFE_MS) await rm(file, { force: true })
  }
}

/** Runs `act`, turning the troubles of a disk into a `StoreError`. What the segments say stays as it is. */
async function onDisk<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (cause instanceof LedgerBroken) throw cause
    // Whatever was written in part is under a name that nobody reads.
    throw new StoreError('none', doing, cause)
  }
}

const isAbsence = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'
