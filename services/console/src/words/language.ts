// Which of the two languages the page speaks: Korean, until the reader chooses otherwise in this browser.

import { type Language, languages } from '@dure/contract'
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en } from './en.ts'
import { ko, type Words } from './ko.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Words }
  }
}

const STORED_AS = 'dure.language'

const isLanguage = (text: string | null): text is Language => languages.some((language) => language === text)

function chosenLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang')
  if (isLanguage(asked)) return asked
  const stored = localStorage.getItem(STORED_AS)
  return isLanguage(stored) ? stored : 'ko'
}

export async function startWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: chosenLanguage(),
    resources: { ko: { translation: ko }, en: { translation: en } },
    // An English hint may be empty: the schema's own sentence stands there.
    returnEmptyString: true,
    // React escapes what it renders.
    interpolation: { escapeValue: false },
  })
  document.documentElement.lang = i18next.language
}

export function speak(language: Language): void {
  localStorage.setItem(STORED_AS, language)
  document.documentElement.lang = language
  void i18next.changeLanguage(language)
}
