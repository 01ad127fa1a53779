import { Name } from '@dure/contract'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type JobFilter as Filter, goTo, type StateGroup, stateGroups } from './address.ts'

const groups = Object.keys(stateGroups) as readonly StateGroup[]

interface JobFilterProps {
  readonly filter: Filter
  readonly pools: readonly string[]
}

/** Narrows the list down, or goes straight to a job by its number. */
export function JobFilter({ filter, pools }: JobFilterProps) {
  const { t } = useTranslation()
  const [wrong, setWrong] = useState<'user' | 'number' | null>(null)

  function find(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const user = String(given.get('user')).trim()
    const number = String(given.get('number')).trim()
    const badNumber = number !== '' && !/^[1-9]\d{0,14}$/.test(number)
    const badUser = user !== '' && !Name.safeParse(user).success
    setWrong(badNumber ? 'number' : badUser ? 'user' : null)
    if (badNumber || badUser) return
    goTo({ user })
    if (number !== '') goTo({ job: Number(number) })
  }

  return (
    <search aria-label={t('filter.label')}>
      {/* A new key takes the field along when the filter is changed from elsewhere. */}
      <form key={filter.user} className="filter" onSubmit={find} noValidate>
        <fieldset className="choices">
          <legend>{t('filter.state')}</legend>
          {groups.map((group) => (
            <label key={group}>
              <input
                type="radio"
                name="state"
                checked={filter.state === group}
                onChange={() => goTo({ state: group })}
              />
              <span>{t(`filter.${group}`)}</span>
            </label>
          ))}
        </fieldset>
        <div className="labelled">
          <label htmlFor="filter-pool">{t('filter.pool')}</label>
          <select id="filter-pool" value={filter.pool} onChange={(event) => goTo({ pool: event.target.value })}>
            <option value="">{t('filter.anyPool')}</option>
            {pools.map((pool) => (
              <option key={pool}>{pool}</option>
            ))}
          </select>
        </div>
        <div className="labelled">
          <label htmlFor="filter-user">{t('filter.user')}</label>
          <input
            id="filter-user"
            name="user"
            defaultValue={filter.user}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={wrong === 'user'}
            aria-describedby="filter-wrong"
          />
        </div>
        <div className="labelled">
          <label htmlFor="filter-number">{t('filter.number')}</label>
          <input
            id="filter-number"
            name="number"
            inputMode="numeric"
            autoComplete="off"
            aria-invalid={wrong === 'number'}
            aria-describedby="filter-wrong"
          />
        </div>
        <div className="filter-buttons">
          <button type="submit" className="primary">
            {t('filter.apply')}
          </button>
          <button type="button" onClick={() => goTo({ state: 'all', user: '', pool: '' })}>
            {t('filter.clear')}
          </button>
        </div>
        <p id="filter-wrong" role="alert" className="wrong">
          {wrong === 'user' && t('filter.badUser')}
          {wrong === 'number' && t('filter.badNumber')}
        </p>
      </form>
    </search>
  )
}
