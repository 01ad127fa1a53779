// A name for plain data that only equal data has: SHA-256 over JSON with its keys in order, so that nobody's habit of writing objects
// makes another study of the same one.

import { createHash } from 'node:crypto'

/** 64 hex digits. */
export const contentHash = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(inOrder(value)))
    .digest('hex')

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const byKey = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(byKey.map(([key, inner]) => [key, inOrder(inner)]))
}
