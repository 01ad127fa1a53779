// Files that commands read: whole texts, and logs as streams of bytes, gzipped or not. `-` is standard input.

import { createReadStream, fstatSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Failure } from './failure.ts'

/** Beyond this a file that is read whole is a slip, such as a log given for a job. */
const TEXT_BYTES_MAX = 64 * 1024 * 1024

const GZIP_MAGIC = [0x1f, 0x8b] as const

export const isStandardInput = (file: string): boolean => file === '-'

/** Name of a file for messages and defaults. */
export const nameOf = (file: string): string => (isStandardInput(file) ? 'standard input' : basename(file))

/** Whether what is read is the file of that other name, by whatever path, link or redirection. Devices and pipes keep nothing to lose. */
export function isSameFile(input: string, other: string): boolean {
  const there = statSync(other, { throwIfNoEntry: false })
  const read = isStandardInput(input) ? fstatSync(process.stdin.fd) : statSync(input, { throwIfNoEntry: false })
  return there?.isFile() === true && read?.dev === there.dev && read.ino === there.ino
}

export async function readText(file: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of readBytes(file)) {
    bytes += chunk.length
    if (bytes > TEXT_BYTES_MAX) {
      throw new Failure('ERR_FILE_NOT_READ', {
        where: nameOf(file),
        detail: { ko: '64 MiB보다 큽니다', en: 'it is larger than 64 MiB' },
      })
    }
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Bytes of a file as they come; of a gzipped one, known by its first bytes, what is in it. */
export async function* readUnzipped(file: string): AsyncGenerator<Uint8Array> {
  const source = readBytes(file)
  const first: Uint8Array[] = []
  let known = 0
  while (known < GZIP_MAGIC.length) {
    const { value, done } = await source.next()
    if (done) break
    first.push(value)
    known += value.length
  }
  const head = Buffer.concat(first)
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head
    yield* source
  }
  if (!GZIP_MAGIC.every((byte, i) => head[i] === byte)) yield* whole()
  else yield* unzipped(whole(), nameOf(file))
}

async function* unzipped(packed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  // Whatever fails in the pipe is thrown by its last part; the callback only keeps Node from throwing it again.
  const gunzip = pipeline(Readable.from(packed), createGunzip(), () => {})
  try {
    yield* gunzip as AsyncIterable<Uint8Array>
  } catch (error) {
    if (error instanceof Failure) throw error
    const detail = {
      ko: `gzip 파일이 손상되었거나 잘렸습니다: ${(error as Error).message}`,
      en: `the gzip file is damaged or cut off: ${(error as Error).message}`,
    }
    throw new Failure('ERR_BAD_TRACE', { where: name, detail, cause: error })
  }
}

async function* readBytes(file: string): AsyncGenerator<Uint8Array> {
  try {
    if (!isStandardInput(file) && statSync(file).isDirectory())
      throw new Failure('ERR_FILE_NOT_READ', { where: file, detail: { ko: '폴더입니다', en: 'it is a directory' } })
    yield* (isStandardInput(file) ? process.stdin : createReadStream(file)) as AsyncIterable<Uint8Array>
  } catch (error) {
    if (error instanceof Failure) throw error
    const detail =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? { ko: '그런 파일이 없습니다', en: 'there is no such file' }
        : (error as Error).message
    throw new Failure('ERR_FILE_NOT_READ', { where: file, detail, cause: error })
  }
}
