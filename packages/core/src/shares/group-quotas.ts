// HTCondor's accounting groups: how many slots each group below one parent may use. Static quotas are numbers of slots and
// are met first; where they are more than there is they shrink alike, and where they are less they stay. Dynamic quotas are
// fractions of what static ones leave, and shrink alike where they are more than the whole. O(groups).

export type GroupQuota =
  | { readonly kind: 'static'; readonly slots: number }
  | { readonly kind: 'dynamic'; readonly fraction: number }

/** Slots of each group, fractions included. */
export function groupQuotas(slots: number, quotas: readonly GroupQuota[]): number[] {
  const slotsAsked = quotas.reduce((sum, quota) => sum + (quota.kind === 'static' ? quota.slots : 0), 0)
  const fractionAsked = quotas.reduce((sum, quota) => sum + (quota.kind === 'dynamic' ? quota.fraction : 0), 0)
  const slotsStatic = Math.min(slotsAsked, slots)
  const slotsDynamic = slots - slotsStatic
  return quotas.map((quota) =>
    quota.kind === 'dynamic'
      ? (quota.fraction / Math.max(1, fractionAsked)) * slotsDynamic
      : slotsAsked === 0
        ? 0
        : (quota.slots * slotsStatic) / slotsAsked,
  )
}
