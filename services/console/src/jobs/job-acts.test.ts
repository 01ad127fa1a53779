import type { Me } from '@dure/contract'
import { expect, it } from 'vitest'
import { actsOn } from './job-acts.tsx'

const me = (role: Me['role'], user = 'kim'): Me => ({ user, role, accounts: ['a'], jobs_pending: 0, jobs_running: 0 })
const job = (state: Parameters<typeof actsOn>[0]['state'], held_by: 'user' | 'admin' | null = null) => ({
  state,
  held_by,
  user: 'kim',
  account: 'a',
})

it.each([
  ['its owner may hold or cancel a waiting job', job('PENDING'), me('researcher'), ['hold', 'cancel']],
  ['its owner may release their own hold', job('PENDING', 'user'), me('researcher'), ['release', 'cancel']],
  ["but not an operator's", job('PENDING', 'admin'), me('researcher'), ['cancel']],
  ['an operator may', job('PENDING', 'admin'), me('operator', 'park'), ['release', 'cancel']],
  ['a running job can only be cancelled', job('RUNNING'), me('planner'), ['cancel']],
  ['a cancel may overtake the submit', job('accepted'), me('researcher'), ['cancel']],
  ['what has ended is left alone', job('COMPLETED'), me('administrator'), []],
  ["a colleague's job is not one's own", job('PENDING'), me('researcher', 'park'), []],
  ['an auditor changes nothing', job('PENDING'), me('auditor'), []],
])('%s', (_, of, who, acts) => expect(actsOn(of, who)).toEqual(acts))
