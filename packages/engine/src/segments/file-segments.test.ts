// Segments on a real disk: what is damaged there is refused and named, and a step that fails leaves nothing behind that anybody reads.

import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StoreError } from '../ports.ts'
import { chainedEntries } from '../testing/chained-entries.ts'
import { segmentsContract } from '../testing/index.ts'
import { type Disk, disk, fileSegments } from './file-segments.ts'

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'dure-segments-'))

segmentsContract('files', async () => {
  const folder = await newFolder()
  return {
    // Nobody has to make the folder first.
    open: () => fileSegments(join(folder, 'ledger')),
    close: () => rm(folder, { recursive: true, force: true }),
  }
})

let folder: string
beforeEach(async () => {
  folder = await newFolder()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const entries = chainedEntries(20)
const last = entries[19]!

/** Stores two segments; the name of the first one's file. */
async function stored(): Promise<string> {
  const segments = fileSegments(folder)
  await segments.store(entries.slice(0, 12))
  await segments.store(entries.slice(12))
  return (await readdir(folder)).sort()[0]!
}

async function reading(): Promise<unknown> {
  const segments = fileSegments(folder)
  for (const segment of await segments.leadingTo(last)) await segments.read(segment)
  return 'nothing'
}

describe('a segment as a file', () => {
  it('is named by its place, tells what it is in its first line, and is for its owner only', async () => {
    const name = await stored()
    expect(name).toBe(`000000000001-000000000012-${'0'.repeat(16)}-${entries[11]!.sha.slice(0, 16)}.segment`)
    const content = await readFile(join(folder, name))
    const end = content.indexOf('\n')
    expect(JSON.parse(content.toString('utf8', 0, end))).toMatchObject({
      ...{ v: 1, first: 1, last: 12, entries: 12 },
      ...{ before: '0'.repeat(64), after: entries[11]!.sha },
    })
    expect(gunzipSync(content.subarray(end + 1)).toString('latin1')).toContain('body 12')
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  })

  it('is the same, to the byte, whoever writes it', async () => {
    const name = await stored()
    const before = await readFile(join(folder, name))
    await stored()
    expect(Buffer.compare(before, await readFile(join(folder, name)))).toBe(0)
    expect(await readdir(folder)).toHaveLength(2)
  })
})

describe('a damaged segment is refused', () => {
  it.each<[string, (content: Buffer) => Buffer, string]>([
    ['torn', (content) => content.subarray(0, content.length - 9), 'after its first line instead of'],
    ['torn in its first line', (content) => content.subarray(0, 40), 'does not begin as one'],
    ['empty', () => Buffer.alloc(0), 'does not begin as one'],
    ['longer than it was', (content) => Buffer.concat([content, Buffer.from('!')]), 'after its first line instead of'],
    [
      'of a later version',
      (content) => Buffer.from(content.toString('latin1').replace('"v":1', '"v":2'), 'latin1'),
      'version 2',
    ],
  ])('where it is %s, with its name and what to do', async (_, damage, what) => {
    const name = await stored()
    const file = join(folder, name)
    await writeFile(file, damage(await readFile(file)))
    const error = await reading().catch((caught: Error) => caught)
    expect(error).toMatchObject({ name: 'LedgerBroken', revision: 1 })
    expect((error as Error).message).toContain(what)
    expect((error as Error).message).toContain(`its segment ${file} `)
    expect((error as Error).message).toContain('Put a copy of that file back from a backup')
  })

  it('whichever bit of it is flipped', async () => {
    const file = join(folder, await stored())
    const sound = await readFile(file)
    for (let at = 0; at < sound.length; at += 11) {
      const flipped = Buffer.from(sound)
      flipped[at]! ^= 1 << (at % 8)
      await writeFile(file, flipped)
      await expect(reading(), `byte ${at}`).rejects.toMatchObject({ name: 'LedgerBroken' })
    }
    await writeFile(file, sound)
    expect(await reading()).toBe('nothing')
  })

  it('where it has another one’s name', async () => {
    const name = await stored()
    const other = (await readdir(folder)).sort()[1]!
    await rename(join(folder, other), join(folder, name))
    await writeFile(join(folder, other), await readFile(join(folder, name)))
    await expect(reading()).rejects.toThrow('has the entries of another one')
  })

  it('where it is gone, by whoever had found it before, and by whoever looks for it', async () => {
    const segments = fileSegments(folder)
    const name = await stored()
    const [first] = await segments.leadingTo(last)
    await rm(join(folder, name))
    await expect(segments.read(first!)).rejects.toThrow(`${join(folder, name)} is missing`)
    await expect(segments.leadingTo(last)).rejects.toThrow(
      `ledger entry 12 is broken: it is no longer in the store, and no segment in ${folder} ends with it`,
    )
  })
})

describe('a step that fails while a segment is stored', () => {
  const failing = (step: keyof Disk): Disk => ({
    ...disk,
    [step]: async () => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    },
  })

  it.each(['write', 'rename', 'syncFolder'] as const)('(%s) is told, and leaves no draft', async (step) => {
    const error = await fileSegments(folder, failing(step))
      .store(entries)
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(StoreError)
    expect((error as Error).message).toMatch(/^could not keep the segment .*: no space left on device$/)
    const left = await readdir(folder)
    expect(left.filter((name) => !name.endsWith('.segment'))).toEqual([])
    // A name that may not be on disk yet counts for nothing: whoever stored it was told that it failed.
    expect(left).toHaveLength(step === 'syncFolder' ? 1 : 0)
    await fileSegments(folder).store(entries)
    expect(await reading()).toBe('nothing')
  })

  it('because the process dies leaves a draft that nobody reads, and that goes after a while', async () => {
    const dies: Disk = { ...disk, rename: () => new Promise(() => {}) }
    void fileSegments(folder, dies).store(entries)
    await expect.poll(async () => (await readdir(folder)).length).toBe(1)
    const [draft] = await readdir(folder)
    await expect(reading()).rejects.toMatchObject({ name: 'LedgerBroken' })
    await fileSegments(folder).store(entries)
    expect(await reading()).toBe('nothing')
    expect(await readdir(folder)).toContain(draft)
    const longAgo = Date.now() / 1000 - 7_200
    await utimes(join(folder, draft!), longAgo, longAgo)
    await fileSegments(folder).store(entries)
    expect(await readdir(folder)).not.toContain(draft)
  })

  it('because the folder cannot be made is told', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    await chmod(file, 0o600)
    await expect(fileSegments(join(file, 'ledger')).store(entries)).rejects.toBeInstanceOf(StoreError)
    await expect(fileSegments(join(file, 'ledger')).leadingTo(last)).rejects.toBeInstanceOf(StoreError)
  })
})
