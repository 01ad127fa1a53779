import { expect, it } from 'vitest'
import { syncsIn } from './recorded-center.ts'

it('what was written when a sync began is on the disk when it is over', () => {
  const trace = [
    '10 1000.000100 openat(AT_FDCWD, "appendonlydir/appendonly.aof.1.incr.aof", O_WRONLY|O_APPEND) = 8 <0.000010>',
    '10 1000.100000 write(8, ""..., 100) = 100 <0.000010>',
    '10 1000.200000 write(9, ""..., 7) = 7 <0.000010>',
    '10 1000.300000 fdatasync(8) = 0 <0.002000>',
    '11 1001.000000 fdatasync(8 <unfinished ...>',
    '10 1001.100000 write(8, ""..., 50) = 50 <0.000010>',
    '11 1001.500000 <... fdatasync resumed>) = 0 <0.500000>',
  ].join('\n')
  expect(syncsIn(trace)).toEqual([
    { atMs: 1_000_302, bytes: 100 },
    { atMs: 1_001_500, bytes: 100 },
  ])
})
