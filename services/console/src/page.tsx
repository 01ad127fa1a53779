// The page: the center at a glance, then its jobs, then a way to add one.

import { type Language, languages, type Me, type Overview } from '@dure/contract'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { JobList } from './jobs/job-list.tsx'
import { LookedAtJob } from './jobs/looked-at-job.tsx'
import { LinkState } from './live/link-state.tsx'
import { type LiveView, useLiveCenter, useLiveView } from './live/live-center.ts'
import { AccountShares } from './overview/account-shares.tsx'
import { Capacity } from './overview/capacity.tsx'
import { LatestStarts } from './overview/latest-starts.tsx'
import { PoolLoads } from './overview/pool-loads.tsx'
import { QueueGlance } from './overview/queue-glance.tsx'
import { SignInScreen } from './sign-in/sign-in-screen.tsx'
import { SubmitForm } from './submit/submit-form.tsx'
import { speak } from './words/language.ts'
import { type CapacityFormat, capacityFormats, useMeasures } from './words/measures.ts'
import { Moment } from './words/moment.tsx'

/** Each language is offered in its own words. */
const languageNames: Readonly<Record<Language, string>> = { ko: '한국어', en: 'English' }

function LanguageChoice() {
  const { t } = useTranslation()
  const { language } = useMeasures()
  return (
    <fieldset className="choices">
      <legend className="for-ears">{t('page.language')}</legend>
      {languages.map((one) => (
        <label key={one} lang={one}>
          <input type="radio" name="language" checked={language === one} onChange={() => speak(one)} />
          <span>{languageNames[one]}</span>
        </label>
      ))}
    </fieldset>
  )
}

interface FormatChoiceProps {
  readonly format: CapacityFormat
  readonly choose: (format: CapacityFormat) => void
}

function FormatChoice({ format, choose }: FormatChoiceProps) {
  const { t } = useTranslation()
  return (
    <fieldset className="choices">
      <legend className="for-ears">{t('format.label')}</legend>
      {capacityFormats.map((one) => (
        <label key={one}>
          <input type="radio" name="format" checked={format === one} onChange={() => choose(one)} />
          <span>{t(`format.${one}`)}</span>
        </label>
      ))}
    </fieldset>
  )
}

function Head({ overview, me, children }: { overview: Overview | null; me: Me | null; children?: React.ReactNode }) {
  const { t } = useTranslation()
  const measures = useMeasures()
  return (
    <header className="head">
      <a className="skip" href="#content">
        {t('page.skip')}
      </a>
      <div className="head-name">
        <img src="/icon.svg" alt="" width="32" height="32" />
        <h1>
          {t('page.name')} {overview !== null && <span className="center-name">{overview.center}</span>}
        </h1>
      </div>
      {overview !== null && (
        <p className="head-facts">
          <span className="for-ears">{t('page.centerTime')} </span>
          <Moment atMs={overview.at_ms} />
          <span>{t('page.speed', { speed: measures.count(overview.speed) })}</span>
          <span>{t('page.policy', { policy: overview.policy })}</span>
          <span>{t('page.revision', { revision: measures.count(overview.revision) })}</span>
          {me !== null && <span>{t('page.signedInAs', { user: me.user, role: t(`role.${me.role}`) })}</span>}
        </p>
      )}
      <section className="head-settings" aria-label={t('page.settings')}>
        {children}
        <LanguageChoice />
      </section>
    </header>
  )
}

const FORMAT_STORED_AS = 'dure.capacity-format'

function storedFormat(): CapacityFormat {
  const stored = localStorage.getItem(FORMAT_STORED_AS)
  return capacityFormats.find((format) => format === stored) ?? 'fp64'
}

function Console({ overview, me, view }: { overview: Overview; me: Me; view: LiveView }) {
  const { t } = useTranslation()
  const [format, setFormat] = useState(storedFormat)
  const pools = useMemo(() => overview.pools.map(({ name }) => name), [overview.pools])
  const users = useMemo(() => [...new Set(overview.latest_starts.map(({ user }) => user))], [overview.latest_starts])
  const models = useMemo(
    () => [...new Set(overview.pools.flatMap(({ model }) => (model === null ? [] : [model])))],
    [overview.pools],
  )

  function choose(chosen: CapacityFormat): void {
    localStorage.setItem(FORMAT_STORED_AS, chosen)
    setFormat(chosen)
  }

  return (
    <>
      <Head overview={overview} me={me}>
        <LinkState />
        <FormatChoice format={format} choose={choose} />
      </Head>
      <nav className="sections" aria-label={t('page.sections')}>
        <a href="#glance">{t('page.overview')}</a>
        <a href="#jobs">{t('jobs.title')}</a>
        <a href="#submit">{t('submit.title')}</a>
      </nav>
      <main id="content" tabIndex={-1}>
        <div id="glance" className={`glance ${view.link === 'live' ? '' : 'is-stale'}`}>
          <QueueGlance overview={overview} />
          <Capacity overview={overview} format={format} history={view.history} />
          <PoolLoads pools={overview.pools} />
          <AccountShares accounts={overview.top_accounts} />
          <LatestStarts starts={overview.latest_starts} />
        </div>
        <LookedAtJob />
        <div className="work">
          <JobList pools={pools} />
          <SubmitForm me={me} users={users} pools={pools} models={models} />
        </div>
      </main>
      <footer className="foot">
        <p>{t('page.footer')}</p>
        <p>
          <a href="/docs">{t('page.apiDocs')}</a>
          {me.role === 'administrator' && <a href="/queues">{t('page.queues')}</a>}
        </p>
      </footer>
    </>
  )
}

export function Page() {
  const { t } = useTranslation()
  const { language } = useMeasures()
  const live = useLiveCenter()
  const view = useLiveView()
  const { link, overview, me, problem } = view
  const center = overview?.center

  useEffect(() => {
    document.title = center === undefined ? t('page.title') : t('page.titleOf', { center })
  }, [center, t])

  const retry = (): void => void live.start(language)
  if (link === 'signed-out') {
    return (
      <>
        <Head overview={null} me={null} />
        <SignInScreen retry={retry} />
      </>
    )
  }
  if (overview !== null && me !== null) return <Console overview={overview} me={me} view={view} />
  return (
    <>
      <Head overview={null} me={null} />
      <main id="content" className="alone card" aria-live="polite">
        {link === 'failed' ? (
          <>
            <h2>{t('trouble.title')}</h2>
            <p>{problem?.detail ?? t('trouble.unreachable')}</p>
            <p>{problem?.what_to_do}</p>
            <button type="button" className="primary" onClick={retry}>
              {t('trouble.retry')}
            </button>
          </>
        ) : (
          <p>{t('page.loading')}</p>
        )}
      </main>
    </>
  )
}
