// Tables of the page. They scroll sideways on a phone, so each is a region that the keyboard reaches.

import type { Bilingual } from '@dure/contract'
import { both, escaped } from './html.ts'

export interface Cell {
  readonly text: Bilingual
  /** Stands to the right, digits below digits. */
  readonly isNumber?: boolean
}

/** A text that is the same in both languages, such as a name. */
export const name = (text: string): Cell => ({ text: { ko: text, en: text } })
export const number = (text: string | Bilingual): Cell => ({
  text: typeof text === 'string' ? { ko: text, en: text } : text,
  isNumber: true,
})

/**
 * @param id names the region, by its caption
 * @param headings of the columns; the first column heads the rows
 */
export function tableOf(
  id: string,
  caption: Bilingual,
  headings: readonly Cell[],
  rows: readonly (readonly Cell[])[],
): string {
  const side = ({ isNumber }: Cell): string => (isNumber ? ' class="number"' : '')
  const head = headings.map((cell) => `<th scope="col"${side(cell)}>${both(cell.text)}</th>`).join('')
  const body = rows
    .map((cells) => {
      const [first, ...rest] = cells
      const heading = first === undefined ? '' : `<th scope="row"${side(first)}>${both(first.text)}</th>`
      return `<tr>${heading}${rest.map((cell) => `<td${side(cell)}>${both(cell.text)}</td>`).join('')}</tr>`
    })
    .join('\n')
  return `<div class="scroll" role="region" tabindex="0" aria-labelledby="${escaped(id)}"><table>
<caption id="${escaped(id)}">${both(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody></table></div>`
}
