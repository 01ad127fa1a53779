import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { identityOf, isRunning } from './process-identity.ts'
import { temporaryFolder } from './testing/running-center.ts'

let temporary: ReturnType<typeof temporaryFolder>
let path: string
beforeEach(() => {
  temporary = temporaryFolder()
  path = join(temporary.path, 'data')
})
afterEach(() => temporary.remove())

const self = identityOf(process.pid) as NonNullable<ReturnType<typeof identityOf>>

function leaveLock(lock: unknown): void {
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'center.lock'), typeof lock === 'string' ? lock : JSON.stringify(lock))
}

describe('the lock of a data folder', () => {
  it('keeps a second one out until it is released', () => {
    const folder = openDataFolder(path)
    expect(() => openDataFolder(path)).toThrow(`another center (process ${process.pid}) already runs in ${path}`)
    folder.release()
    openDataFolder(path).release()
    expect(readdirSync(path)).toEqual(['logs'])
  })

  it.each([
    ['a process that is gone', { holder: { pid: 2 ** 22 + 1, started: '1' }, children: [] }],
    ['a process whose id is now used by another', { holder: { ...self, started: 'earlier' }, children: [] }],
    ['a writer that was cut off', '{"holder":'],
    ['nobody', ''],
  ])('left by %s is taken over', (_, lock) => {
    leaveLock(lock)
    const folder = openDataFolder(path)
    expect(() => openDataFolder(path)).toThrow('another center')
    folder.release()
  })

  it('names the children of a dead center that still run', () => {
    const gone = { pid: self.pid, started: 'earlier' }
    leaveLock({ holder: gone, children: [gone, self] })
    expect(openDataFolder(path).orphans).toEqual([self])
  })

  it('is taken by one of many', () => {
    leaveLock({ holder: { ...self, started: 'earlier' }, children: [] })
    const outcomes = Array.from({ length: 8 }, () => {
      try {
        openDataFolder(path)
        return 'taken'
      } catch {
        return 'refused'
      }
    })
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1)
  })
})

describe('the identity of a process', () => {
  it('is its own for as long as it runs', () => {
    expect(isRunning(self)).toBe(true)
    expect(identityOf(process.ppid)).not.toEqual(self)
    expect(identityOf(2 ** 22 + 1)).toBeUndefined()
  })
})
