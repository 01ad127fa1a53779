// Every kind of conformance case there is, in the order in which they are judged. A new one is a file and a line here.

import { backfillKind } from './backfill.ts'
import { billingKind } from './billing.ts'
import { binnedUsageKind } from './binned-usage.ts'
import { borrowingKind } from './borrowing.ts'
import type { CaseKind } from './case.ts'
import { classicFairShareKind } from './classic-fair-share.ts'
import { demandCappedKind, fairnessErrorKind } from './demand-capped.ts'
import { divisionKind } from './division.ts'
import { effectivePriorityKind } from './effective-priority.ts'
import { fairTreeKind } from './fair-tree.ts'
import { fillingKind } from './filling.ts'
import { fluxPriorityKind } from './flux-priority.ts'
import { fragmentationKind } from './fragmentation.ts'
import { groupQuotasKind } from './group-quotas.ts'
import { matchOrderKind } from './match-order.ts'
import { maxMinKind } from './max-min.ts'
import { multifactorPriorityKind } from './multifactor-priority.ts'
import { sampledUsageKind } from './sampled-usage.ts'
import { usageDecayKind } from './usage-decay.ts'

export const kinds: readonly CaseKind[] = [
  fairTreeKind,
  classicFairShareKind,
  usageDecayKind,
  billingKind,
  multifactorPriorityKind,
  fluxPriorityKind,
  binnedUsageKind,
  sampledUsageKind,
  effectivePriorityKind,
  groupQuotasKind,
  matchOrderKind,
  fillingKind,
  borrowingKind,
  divisionKind,
  demandCappedKind,
  fairnessErrorKind,
  backfillKind,
  fragmentationKind,
  maxMinKind,
]
