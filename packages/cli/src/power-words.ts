// What the whole center draws, in one line: beside the pools, and where a cap is asked for or set.

import { type Bilingual, formatWatts, type Power } from '@dure/contract'

export function powerInWords({ cap_w, draw_w, idle_w }: Power): Bilingual {
  const draw = formatWatts(draw_w)
  const idle = formatWatts(idle_w)
  if (cap_w === null) {
    return {
      ko: `전력 ${draw}(빈 노드 몫 ${idle}), 상한 없음`,
      en: `Draw ${draw}, ${idle} of it by nodes alone; no power cap`,
    }
  }
  const left = formatWatts(Math.max(0, cap_w - draw_w))
  return {
    ko: `전력 ${draw}(빈 노드 몫 ${idle}), 상한 ${formatWatts(cap_w)}, 남은 전력 ${left}`,
    en: `Draw ${draw}, ${idle} of it by nodes alone; power cap ${formatWatts(cap_w)}, ${left} left`,
  }
}
