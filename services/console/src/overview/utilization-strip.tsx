import { useTranslation } from 'react-i18next'
import type { UtilizationHistory, UtilizationPoint } from '../live/utilization-history.ts'
import { useMeasures } from '../words/measures.ts'
import { Moment } from '../words/moment.tsx'
import { Figure } from './figure.tsx'

const WIDTH = 600
const HEIGHT = 100

/** The points as an SVG path, time across and utilization up, each scaled to the box. */
function pathOf(points: readonly UtilizationPoint[]): string {
  const firstMs = points[0]?.atMs ?? 0
  const spanMs = Math.max(1, (points.at(-1)?.atMs ?? 0) - firstMs)
  return points
    .map(({ atMs, utilization }, index) => {
      const x = ((atMs - firstMs) / spanMs) * WIDTH
      const y = (1 - utilization) * HEIGHT
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}

/** Enough rows to see the course, few enough to read. */
const ROWS_MAX = 12

function sampled(points: readonly UtilizationPoint[]): readonly UtilizationPoint[] {
  if (points.length <= ROWS_MAX) return points
  return Array.from({ length: ROWS_MAX }, (_, row) => points[Math.round((row * (points.length - 1)) / (ROWS_MAX - 1))]!)
}

export function UtilizationStrip({ history: { points } }: { readonly history: UtilizationHistory }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  const first = points[0]
  const last = points.at(-1)
  const values = points.map(({ utilization }) => utilization)
  const enough = first !== undefined && last !== undefined && points.length > 1
  const summary = enough
    ? t('capacity.historySummary', {
        from: measures.clock(first.atMs),
        to: measures.clock(last.atMs),
        low: measures.percent(Math.min(...values)),
        high: measures.percent(Math.max(...values)),
        now: measures.percent(last.utilization),
      })
    : t('capacity.historyWaiting')
  const line = pathOf(points)
  return (
    <Figure
      name="history"
      level={3}
      title={t('capacity.history')}
      summary={summary}
      chart={
        <div className="strip">
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={summary}>
            <path className="strip-grid" d={`M0 ${HEIGHT / 2}H${WIDTH}`} />
            {enough && <path className="strip-area" d={`${line}V${HEIGHT}H0Z`} />}
            {enough && <path className="strip-line" d={line} />}
          </svg>
          <span className="strip-scale" aria-hidden="true">
            <span>{measures.percent(1)}</span>
            <span>{measures.percent(0.5)}</span>
            <span>{measures.percent(0)}</span>
          </span>
        </div>
      }
      table={
        <table>
          <caption>{t('capacity.historyTable')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('capacity.historyTime')}</th>
              <th scope="col" className="number">
                {t('capacity.utilization')}
              </th>
            </tr>
          </thead>
          <tbody>
            {sampled(points).map(({ atMs, utilization }) => (
              <tr key={atMs}>
                <th scope="row">
                  <Moment atMs={atMs} />
                </th>
                <td className="number">{measures.percent(utilization)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  )
}
