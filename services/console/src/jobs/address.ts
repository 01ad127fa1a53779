// What of the page stands in its address, so that it can be bookmarked and sent: the job looked at and the filter of the list.

import { useMemo, useSyncExternalStore } from 'react'

export const stateGroups = {
  all: [],
  waiting: ['accepted', 'PENDING'],
  running: ['RUNNING'],
  ended: ['COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'NODE_FAIL'],
} as const
export type StateGroup = keyof typeof stateGroups

const isStateGroup = (text: string | null): text is StateGroup => text !== null && Object.hasOwn(stateGroups, text)

export interface JobFilter {
  readonly state: StateGroup
  /** Empty: anybody's. */
  readonly user: string
  /** Empty: any pool. */
  readonly pool: string
}

interface Address extends JobFilter {
  readonly job: number | null
}

function readAddress(search: string): Address {
  const given = new URLSearchParams(search)
  const state = given.get('state')
  const job = Number(given.get('job'))
  return {
    state: isStateGroup(state) ? state : 'all',
    user: given.get('user') ?? '',
    pool: given.get('pool') ?? '',
    job: Number.isSafeInteger(job) && job > 0 ? job : null,
  }
}

const moved = new Set<() => void>()

function subscribe(tell: () => void): () => void {
  moved.add(tell)
  window.addEventListener('popstate', tell)
  return () => {
    moved.delete(tell)
    window.removeEventListener('popstate', tell)
  }
}

/** The address with some of its parts changed; what is empty or the default is left out. */
export function hrefWith(change: Partial<Address>): string {
  const search = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === '' || value === 'all') search.delete(name)
    else search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? location.pathname : `${location.pathname}?${text}`
}

/** Looking at a job can be gone back from; turning the filter cannot, or the back button would be of no use. */
export function goTo(change: Partial<Address>): void {
  if ('job' in change) history.pushState(null, '', hrefWith(change))
  else history.replaceState(null, '', hrefWith(change))
  for (const tell of moved) tell()
}

export function useAddress(): Address {
  const search = useSyncExternalStore(subscribe, () => location.search)
  return useMemo(() => readAddress(search), [search])
}
