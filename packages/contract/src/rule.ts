// A rule that no schema of zod's knows, as its schemas take one: findings are worded in either language.

import type { Bilingual } from './language.ts'

/** For `refine`. */
export const ruled = ({ ko, en }: Bilingual) => ({ error: en, params: { ko } })

/** For `addIssue`. */
export const issueOf = ({ ko, en }: Bilingual, path: (string | number)[] = []) => ({
  code: 'custom' as const,
  path,
  message: en,
  params: { ko },
})
