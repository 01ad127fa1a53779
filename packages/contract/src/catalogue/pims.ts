// Memory that computes. It helps where inference waits for memory, with few requests at a time and a model that fits in it;
// it neither trains nor does double precision. Its rates in FLOPS are mostly unpublished and say little.

import { type Accelerator, accelerator } from './accelerator.ts'
import { derived, disputed, reading, unverified, verified } from './figure.ts'

const skHynix = { kind: 'pim', vendor: 'SK hynix', origin: 'domestic' } as const

export const pims: readonly Accelerator[] = [
  accelerator({
    ...skHynix,
    model: 'GDDR6-AiM',
    form: 'one memory device, with a processing unit of 1 GHz to a bank',
    link: 'GDDR6',
    server: null,
    figures: {
      ...verified(['m1'], { memoryGb: 1, internalBandwidthGbPerS: 512, bandwidthGbPerS: 32 }),
      ...unverified({ fp64: 0 }),
      ...verified(['m2'], { availableYear: 2022 }, 'Samples.'),
    },
  }),
  accelerator({
    ...skHynix,
    model: 'AiMX',
    form: 'PCIe card: FPGAs and GDDR6-AiM',
    link: 'PCIe',
    server: null,
    figures: {
      ...unverified({ fp64: 0 }),
      memoryGb: disputed(
        reading(32, 'unverified', ['unread']),
        [reading(16, 'unverified', ['unread'])],
        'The newer and the older card.',
      ),
      internalBandwidthGbPerS: disputed(
        reading(8000, 'unverified', ['unread']),
        [reading(16_000, 'unverified', ['unread'])],
        'From 8 to 16 TB/s.',
      ),
      ...verified(['m3'], { availableYear: 2023 }, 'Shown at work; a product since has not been confirmed.'),
    },
  }),
  accelerator({
    kind: 'pim',
    vendor: 'Samsung',
    origin: 'domestic',
    model: 'HBM-PIM',
    form: 'one stack of Aquabolt-XL in the place of HBM2, 300 MHz',
    link: 'HBM2',
    server: null,
    figures: {
      ...verified(['m5'], { fp16: 1.2, memoryGb: 6, availableYear: 2021 }),
      ...unverified({ fp64: 0 }),
    },
  }),
  accelerator({
    kind: 'pim',
    vendor: 'UPMEM',
    origin: 'foreign',
    model: 'UPMEM',
    form: 'DDR4 module with 128 integer processors',
    link: 'DDR4',
    server: null,
    figures: {
      ...verified(['m6'], { memoryGb: 8, availableYear: 2019 }),
      ...derived(['m6'], { internalBandwidthGbPerS: 128 }, '128 processors with about 1 GB/s each.'),
      ...unverified({ fp64: 0, bf16: 0, fp16: 0, fp8: 0 }, 'Its processors compute in integers.'),
      ...unverified({ watts: 23 }),
    },
  }),
]
