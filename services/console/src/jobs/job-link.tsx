import type { MouseEvent, ReactNode } from 'react'
import { goTo, hrefWith } from './address.ts'

/** A link to a job that opens it on this page; a new tab gets the same by its address. */
export function JobLink({ job, children }: { readonly job: number; readonly children: ReactNode }) {
  function follow(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    goTo({ job })
  }
  return (
    <a href={hrefWith({ job })} onClick={follow}>
      {children}
    </a>
  )
}
