// The two languages people read Dure in. Korean comes first everywhere; neither is a translation that may be missing.

export const languages = ['ko', 'en'] as const
export type Language = (typeof languages)[number]

/** One text in both languages. */
export interface Bilingual {
  readonly ko: string
  readonly en: string
}

/** The language an `Accept-Language` header prefers among ours; Korean when it names neither. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  let best: Language = 'ko'
  let bestQuality = 0
  for (const range of (acceptLanguage ?? '').split(',')) {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const language = languages.find((one) => tag === one || tag.startsWith(`${one}-`))
    if (language === undefined) continue
    const given = parameters.find((parameter) => parameter.startsWith('q='))
    const quality = given === undefined ? 1 : Number(given.slice(2))
    if (quality > bestQuality) {
      best = language
      bestQuality = quality
    }
  }
  return best
}
