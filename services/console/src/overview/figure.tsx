// A chart as everybody can read it: a title, one sentence made from the data, and the same numbers as a table on request.

import { type ReactNode, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'

interface FigureProps {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly chart: ReactNode
  readonly table: ReactNode
  readonly level?: 2 | 3
}

export function Figure({ name, title, summary, chart, table, level = 2 }: FigureProps) {
  const { t } = useTranslation()
  const id = useId()
  const [asTable, setAsTable] = useState(false)
  const Heading = level === 2 ? 'h2' : 'h3'
  return (
    <section className={`figure ${level === 2 ? 'card ' : ''}${name}`} aria-labelledby={id}>
      <div className="figure-head">
        <Heading id={id}>{title}</Heading>
        <button type="button" className="quiet" onClick={() => setAsTable(!asTable)} aria-describedby={id}>
          {asTable ? t('figure.asChart') : t('figure.asTable')}
        </button>
      </div>
      <p className="summary">{summary}</p>
      {asTable ? <div className="scrolls">{table}</div> : chart}
    </section>
  )
}
