// Numbers as tables show them: digits in threes, few decimals, nothing that a reader must count zeros in.

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `12,345`. */
export const formatCount = (value: number): string => whole.format(value)

/** `87.5 %`, of a ratio. */
export const formatPercent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`

/** At most `decimals` decimals, fewer where they are zero: `2`, `0.6667`, `1,234.5`. */
export const formatAmount = (value: number, decimals = 1): string =>
  new Intl.NumberFormat('en-US', { maximumFractionDigits: decimals }).format(value)
