// Text as HTML: everything that comes from elsewhere is escaped, and what people read stands there in both languages.

import type { Bilingual, Language } from '@dure/contract'
import { unbroken } from './languages.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => entities[one]!)

/** Both languages, of which the page shows one. */
export const both = ({ ko, en }: Bilingual): string =>
  ko === en
    ? escaped(unbroken(ko))
    : `<span lang="ko">${escaped(unbroken(ko))}</span><span lang="en">${escaped(unbroken(en))}</span>`

/** Both, where the two need more than a text of their own. */
export const divs = (write: (language: Language) => string): string =>
  (['ko', 'en'] as const).map((language) => `<div lang="${language}">${write(language)}</div>`).join('')
