import { useTranslation } from 'react-i18next'
import { ko } from '../words/ko.ts'

type KnownReason = keyof typeof ko.reason

const isKnown = (reason: string): reason is KnownReason => Object.hasOwn(ko.reason, reason)

/** A reason's code in a few words; a code that has none yet is shown as it is. */
export function ReasonWords({ reason }: { readonly reason: string }) {
  const { t } = useTranslation()
  return isKnown(reason) ? t(`reason.${reason}`) : <code>{reason}</code>
}
