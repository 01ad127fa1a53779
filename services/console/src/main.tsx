import './strict-policy.ts'
import './look/page.css'
import i18next from 'i18next'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { LiveCenterProvider, liveCenter } from './live/live-center.ts'
import { Page } from './page.tsx'
import { startWords } from './words/language.ts'

await startWords()
const live = liveCenter()
void live.start(i18next.language === 'en' ? 'en' : 'ko')

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <LiveCenterProvider value={live}>
      <Page />
    </LiveCenterProvider>
  </StrictMode>,
)
