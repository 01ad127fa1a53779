// Which language the page speaks: the one asked for in its address, else the one chosen before, else the reader's own as the browser tells
// it, else Korean. What is hidden is the style's to say; here is only the choice, and what the page is called.

const STORED_AS = 'dure.language'
const root = document.documentElement
const choices = document.querySelectorAll('input[name="language"]')

/** @param {string} language */
function speak(language) {
  root.lang = language
  document.title = root.dataset[language]
  for (const choice of choices) choice.checked = choice.value === language
}

/** Browsers may refuse to remember anything for a file. */
function remembered() {
  try {
    return localStorage.getItem(STORED_AS)
  } catch {
    return null
  }
}

for (const choice of choices) {
  choice.addEventListener('change', () => {
    speak(choice.value)
    try {
      localStorage.setItem(STORED_AS, choice.value)
    } catch {
      // The page speaks it all the same.
    }
  })
}

const wished = [new URLSearchParams(location.search).get('lang'), remembered(), ...navigator.languages]
const known = wished.map((tag) => tag?.toLowerCase().split('-')[0]).find((one) => one === 'ko' || one === 'en')
speak(known ?? 'ko')
