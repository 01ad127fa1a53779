import type { Bilingual, CapacityUnit } from '@dure/contract'

const capacities: Readonly<Record<CapacityUnit, Bilingual>> = {
  fp64: { ko: '용량(FP64 EF)', en: 'Capacity, EF FP64' },
  bf16: { ko: '용량(BF16 EF)', en: 'Capacity, EF BF16' },
  fp8: { ko: '용량(FP8 EF)', en: 'Capacity, EF FP8' },
  h100_equivalents: { ko: '용량(H100 환산, BF16)', en: 'Capacity, H100-equivalents BF16' },
  h100_equivalents_fp64: { ko: '용량(H100 환산, FP64)', en: 'Capacity, H100-equivalents FP64' },
}

const known: Readonly<Record<string, Bilingual>> = {
  npu_share: { ko: 'NPU·PIM 비중', en: 'Share of NPUs and PIM' },
  budget_krw: { ko: '예산(원)', en: 'Budget, KRW' },
  'demand.load': { ko: '수요/용량', en: 'Demand / capacity' },
  'demand.pressure': { ko: '수요 배율', en: 'Demand, times' },
}

/** What people call a field of a scenario; one that has no name of its own is called by its path. */
export const fieldTitle = (field: string, unit: CapacityUnit): Bilingual =>
  field === 'capacity_ef' ? capacities[unit] : (known[field] ?? { ko: field, en: field })
