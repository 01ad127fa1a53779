// One text in both languages, where the same numbers go into both.

import type { Bilingual, Language } from '@dure/contract'

export const inBoth = (write: (language: Language) => string): Bilingual => ({ ko: write('ko'), en: write('en') })
