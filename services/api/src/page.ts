// Cursors of lists: where the last page ended, in a form nobody is tempted to build by hand.

import { Trouble } from './trouble.ts'

/** The cursor behind which the next page begins. */
export const cursorAfter = (position: number): string => Buffer.from(`after ${position}`).toString('base64url')

/** Position in a cursor; undefined without one. Throws ERR_INVALID_CURSOR for what was not made by `cursorAfter`. */
export function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const [, position] = /^after (\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (position === undefined) throw new Trouble('ERR_INVALID_CURSOR')
  return Number(position)
}

/** One page of a list that is at hand as a whole; the cursor counts items. */
export function pageOfAll<Item>(
  all: readonly Item[],
  limit: number,
  cursor: string | undefined,
): { items: Item[]; next_cursor: string | null } {
  const from = readCursor(cursor) ?? 0
  const items = all.slice(from, from + limit)
  const end = from + items.length
  return { items, next_cursor: end < all.length ? cursorAfter(end) : null }
}
