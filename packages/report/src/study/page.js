// Which language the page speaks: the one asked for in its address, else the one chosen before, else Korean.

const STORED_AS = 'dure.language'
const root = document.documentElement
const buttons = document.querySelectorAll('button[lang]')

/** @param {string | null} language */
function speak(language) {
  if (language !== 'ko' && language !== 'en') return
  root.lang = language
  document.title = root.dataset[language]
  for (const button of buttons) button.setAttribute('aria-pressed', String(button.lang === language))
}

/** Browsers may refuse to remember anything for a file. */
function remembered() {
  try {
    return localStorage.getItem(STORED_AS)
  } catch {
    return null
  }
}

for (const button of buttons) {
  button.addEventListener('click', () => {
    speak(button.lang)
    try {
      localStorage.setItem(STORED_AS, button.lang)
    } catch {
      // The page speaks it all the same.
    }
  })
}

speak(new URLSearchParams(location.search).get('lang') ?? remembered())
