// Percentiles of as many values as one likes in constant memory: counts in ranges that grow with the value, so that every
// answer is within 0.1 % (HdrHistogram, Gil Tene). For studies, whose millions of waits nobody keeps.

import { build } from 'hdr-histogram-js'

/** Three significant digits: ranges are at most a thousandth of their value wide. */
const SIGNIFICANT_DIGITS = 3

/** What `openMetrics` of the simulator takes for its `percentiles`. Values are whole numbers from 0 to 2^53. */
export function histogramPercentiles(): { record(value: number): void; at(percent: number): number } {
  const histogram = build({
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    autoResize: true,
    bitBucketSize: 64,
    useWebAssembly: false,
  })
  return {
    record: (value) => histogram.recordValue(value),
    at: (percent) => (histogram.totalCount === 0 ? 0 : histogram.getValueAtPercentile(percent)),
  }
}
