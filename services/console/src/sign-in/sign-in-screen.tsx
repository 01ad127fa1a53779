import { useTranslation } from 'react-i18next'

/** Shown to whoever has no session: how to get one. */
export function SignInScreen({ retry }: { readonly retry: () => void }) {
  const { t } = useTranslation()
  return (
    <main id="content" className="alone card">
      <h2>{t('signIn.title')}</h2>
      <p>{t('signIn.lead')}</p>
      <ol>
        <li>
          {t('signIn.start')}
          <pre>
            <code>npm start</code>
          </pre>
        </li>
        <li>
          {t('signIn.again')}
          <pre>
            <code>npx dure sign-in</code>
          </pre>
        </li>
        <li>{t('signIn.opens')}</li>
      </ol>
      <button type="button" className="primary" onClick={retry}>
        {t('signIn.retry')}
      </button>
    </main>
  )
}
