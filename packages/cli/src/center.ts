// The center a command talks to, and its lists in as many pages as it takes.

import { type Client, createClient, type PageOptions } from '@dure/client'
import type { Language } from '@dure/contract'
import { findCenter } from './center-address.ts'
import type { ServerOptions } from './common-options.ts'

export function openCenter(options: ServerOptions, language: Language): Client {
  const { url, key } = findCenter(options, process.env, process.cwd())
  return createClient({ url, language, ...(key !== null && { key }) })
}

/** Largest page the API gives. */
const PAGE_MAX = 200

/** The first `limit` items of a list; the other fields are those of the last page. */
export async function getPages<
  Item,
  List extends { readonly items: readonly Item[]; readonly next_cursor: string | null },
>(
  list: (page: PageOptions) => Promise<List & { readonly items: readonly Item[] }>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Omit<List, 'items'> & { readonly items: Item[] }> {
  const items: Item[] = []
  let cursor: string | undefined
  for (;;) {
    const page = await list({ cursor, limit: Math.min(PAGE_MAX, limit - items.length) })
    items.push(...page.items)
    if (page.next_cursor === null || items.length >= limit) return { ...page, items }
    cursor = page.next_cursor
  }
}
