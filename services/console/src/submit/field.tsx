// One field of the form with its label, hint and what is wrong with it, tied together for those who cannot see them together.

import { useTranslation } from 'react-i18next'
import { useMeasures } from '../words/measures.ts'
import type { FormField } from './form-fields.ts'

interface FieldProps {
  readonly field: FormField
  /** Values to choose from, for a list, or to be helped with, for a text. */
  readonly known: readonly string[]
  readonly wrong: readonly string[]
}

/** Where a finding's link leads. */
export const fieldId = (name: string): string => `submit-${name}`

export function Field({ field, known, wrong }: FieldProps) {
  const { t } = useTranslation()
  const { language } = useMeasures()
  const { name, control, choices, defaultText, bounds, maxLength, description } = field
  const id = fieldId(name)
  const own = t(`field.${name}.hint`)
  // The schema's own sentence is the English hint; words of the page stand in for it or add to it.
  const hint = language === 'en' ? [description, own].filter((text) => text !== '').join(' ') : own
  const said = [
    hint,
    defaultText !== null && t('submit.defaultIs', { value: defaultText }),
    bounds !== null && t('submit.range', bounds),
  ].filter((text) => text !== false && text !== '')
  const shared = {
    id,
    name,
    'aria-invalid': wrong.length > 0,
    'aria-describedby': `${id}-hint ${id}-wrong`,
  } as const
  const label = t(`field.${name}.label`)
  const help = (
    <>
      <span id={`${id}-hint`} className="hint">
        {said.join(' · ')}
      </span>
      <span id={`${id}-wrong`} className="wrong">
        {wrong.join(' ')}
      </span>
    </>
  )

  if (control === 'list') {
    return (
      <fieldset className="field choices" id={id} tabIndex={-1} aria-describedby={shared['aria-describedby']}>
        <legend>{label}</legend>
        {known.map((value) => (
          <label key={value}>
            <input type="checkbox" name={name} value={value} />
            <span>{value}</span>
          </label>
        ))}
        {known.length === 0 && <span className="hint">{t('submit.noPool')}</span>}
        {help}
      </fieldset>
    )
  }
  if (control === 'flag') {
    return (
      <div className="field">
        <label className="flag">
          <input type="checkbox" {...shared} />
          <span>{label}</span>
        </label>
        {help}
      </div>
    )
  }
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {control === 'choice' ? (
        <select {...shared} defaultValue="">
          <option value="">{t('submit.anyKind')}</option>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice.toUpperCase()}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          type="text"
          inputMode={control === 'number' ? 'numeric' : 'text'}
          placeholder={defaultText ?? undefined}
          maxLength={maxLength ?? undefined}
          list={known.length > 0 ? `${id}-known` : undefined}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      {known.length > 0 && (
        <datalist id={`${id}-known`}>
          {known.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
      {help}
    </div>
  )
}
