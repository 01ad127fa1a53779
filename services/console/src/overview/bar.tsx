// A bar whose numbers stand next to it as text; it says nothing of its own to those who cannot see it.

import type { CSSProperties } from 'react'

type BarLook = 'busy' | 'out' | 'gpu' | 'npu' | 'pim' | 'cpu'

interface BarPart {
  /** 0 to 1 of the bar's length. */
  readonly part: number
  readonly look: BarLook
}

interface BarProps {
  readonly parts: readonly BarPart[]
  /** Where an upright line stands, 0 to 1. */
  readonly mark?: number
}

export function Bar({ parts, mark }: BarProps) {
  return (
    <span className="bar" aria-hidden="true">
      {parts.map(({ part, look }) => (
        <span key={look} className={`bar-part look-${look}`} style={{ '--part': part } as CSSProperties} />
      ))}
      {mark !== undefined && <span className="bar-mark" style={{ '--part': mark } as CSSProperties} />}
    </span>
  )
}
