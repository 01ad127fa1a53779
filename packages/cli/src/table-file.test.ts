// Where the table of jobs ends up, whatever stands under the name it is to get: real files, links, devices and a full disk.

import { spawn, spawnSync } from 'node:child_process'
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Table } from '@dure/sim'
import { afterAll, describe, expect, it } from 'vitest'
import { openTableFile } from './table-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'dure-jobs-'))
afterAll(() => rmSync(folder, { recursive: true }))

const parts = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.part'))

const table = (rows: number): Table => ({
  order: Uint32Array.from({ length: rows }, (_, i) => i),
  columns: [{ name: 'job', kind: 'integer', at: (i: number) => i + 1 }],
})
const write = (file: string, rows = 2): Promise<boolean> =>
  openTableFile(file, '--jobs').write(table(rows), new AbortController().signal)

describe('the file of jobs', () => {
  it('goes where a link points to, and the link stays', async () => {
    const [place, link] = [join(folder, 'place.csv'), join(folder, 'link.csv')]
    writeFileSync(place, 'as it was')
    symlinkSync(place, link)
    expect(await write(link)).toBe(true)
    expect(readlinkSync(link)).toBe(place)
    expect(readFileSync(place, 'utf8')).toBe('job\n1\n2\n')
    expect(parts()).toEqual([])
  })

  it('can be a pipe, which is written to and stays one', async () => {
    const pipe = join(folder, 'pipe')
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    reader.stdout.on('data', (chunk: Buffer) => (text += chunk))
    const read = new Promise((resolve) => reader.on('close', resolve))
    expect(await write(pipe).finally(() => lstatSync(pipe).isFIFO() || reader.kill())).toBe(true)
    await read
    expect(text).toBe('job\n1\n2\n')
    expect(lstatSync(pipe).isFIFO()).toBe(true)
  })

  it('must have a name', () => {
    expect(() => openTableFile('', '--jobs')).toThrow(
      expect.objectContaining({
        details: {
          detail: {
            ko: '--jobs에 파일 이름이 필요한데 비어 있습니다',
            en: '--jobs must name a file; the name is empty',
          },
        },
      }),
    )
  })

  // A limit on the size of files ends a write early as a full disk does: first with fewer bytes than were given, then with an error.
  it.each(['cut.csv', 'cut.parquet'])('%s that does not fit is an error, and nothing is left of it', (name) => {
    const file = join(folder, name)
    writeFileSync(file, 'as it was')
    writeFileSync(
      join(folder, 'many.swf'),
      `; MaxProcs: 4\n${Array.from({ length: 5000 }, (_, i) => `${i + 1} ${i} -1 ${1 + ((i * 7919) % 97)} 1 -1 -1 1 100 -1 1 1 1 -1 1 1 -1 -1`).join('\n')}\n`,
    )
    const command = new URL('../bin/dure.mjs', import.meta.url).pathname
    const sim = `'${process.execPath}' '${command}' sim --trace many.swf --policy easy -q --jobs ${name}`
    const { status, stderr } = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 16; ${sim}`], {
      cwd: folder,
      env: { PATH: process.env.PATH, LANG: 'C' },
      encoding: 'utf8',
    })
    expect(stderr).toContain(`${name}: it cannot be written: EFBIG`)
    expect(status).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe('as it was')
    expect(parts()).toEqual([])
  })
})
