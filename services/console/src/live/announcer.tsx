// What a screen reader hears without asking. Live numbers would talk over everything, so only what matters is said, and
// at most one message in ten seconds: of several the newest.

import { useEffect, useRef, useState } from 'react'

const GAP_MS = 10_000

/** Says `message` whenever it changes, politely and not too often. Empty says nothing. */
export function Announcer({ message }: { readonly message: string }) {
  const [said, setSaid] = useState('')
  const lastMs = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    if (message === '') return
    const say = (): void => {
      lastMs.current = performance.now()
      setSaid(message)
    }
    const timer = setTimeout(say, Math.max(0, lastMs.current + GAP_MS - performance.now()))
    return () => clearTimeout(timer)
  }, [message])
  return (
    <div className="for-ears" aria-live="polite">
      {said}
    </div>
  )
}
