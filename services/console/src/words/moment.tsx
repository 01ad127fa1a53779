import { useMeasures } from './measures.ts'

/** A moment in Korean Standard Time; UTC shows on hover and stands in the markup. */
export function Moment({ atMs, clockOnly = false }: { readonly atMs: number; readonly clockOnly?: boolean }) {
  const measures = useMeasures()
  const utc = new Date(atMs).toISOString()
  return (
    <time dateTime={utc} title={utc}>
      {clockOnly ? measures.clock(atMs) : measures.time(atMs)}
    </time>
  )
}
