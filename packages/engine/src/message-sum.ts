// Redis loads a flipped bit without a word, and what is queued lies there for a while: each message carries a checksum
// of its content, as each entry of the ledger does.

import { crc32 } from 'node:zlib'

export const sumOf = (content: unknown): number => crc32(JSON.stringify(content))

/** A message without a sum was written by an earlier version. */
export const isSound = (content: unknown, sum: unknown): boolean => sum === undefined || sum === sumOf(content)
