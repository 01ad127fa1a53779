// NPUs: for inference, with short formats only. None has FP64, and none has software that trains.

import { type Accelerator, accelerator } from './accelerator.ts'
import { derived, disputed, reading, unverified, verified, weak } from './figure.ts'

const korean = { kind: 'npu', origin: 'domestic' } as const
const rebellions = { ...korean, vendor: 'Rebellions' } as const
const furiosa = { ...korean, vendor: 'FuriosaAI' } as const
const sapeon = { ...korean, vendor: 'SAPEON' } as const

const NOT_AMONG_FORMATS = 'The page lists the formats, and FP64 is not among them.'
const NAMED_FP16 = 'The page names FP16; BF16 is taken to run as fast.'

export const npus: readonly Accelerator[] = [
  accelerator({
    ...rebellions,
    model: 'ATOM',
    form: 'PCIe card with one chip',
    link: 'PCIe 5',
    server: null,
    figures: {
      ...verified(['r1'], { fp16: 32, int8: 128, int4: 256, availableYear: 2024 }),
      ...derived(['r1'], { fp64: 0 }, NOT_AMONG_FORMATS),
      ...derived(['r1'], { bf16: 32 }, NAMED_FP16),
      ...verified(['r1', 'r2'], { memoryGb: 16 }),
      ...unverified({ bandwidthGbPerS: 256 }),
      watts: disputed(
        reading(75, 'unverified', ['unread']),
        [reading(65, 'unverified', ['unread'])],
        'From 65 to 75 W.',
      ),
    },
  }),
  accelerator({
    ...rebellions,
    model: 'ATOM-Max',
    form: 'PCIe card RBLN-CA25 with four chips',
    link: 'PCIe switch on the card',
    server: null,
    figures: {
      ...verified(['r3'], { availableYear: 2025 }),
      ...unverified({ fp64: 0 }),
      ...unverified(
        { bf16: 128, fp16: 128, int8: 512, memoryGb: 64, bandwidthGbPerS: 1000, watts: 350 },
        'Four times the ATOM; a page confirms that the card exists and no more.',
      ),
    },
  }),
  accelerator({
    ...rebellions,
    model: 'REBEL-Quad',
    form: 'four chiplets in one package, also called Rebel100',
    link: 'PCIe 5, twice 16 lanes',
    server: null,
    figures: {
      ...unverified({ fp64: 0 }),
      fp8: disputed(
        reading(2000, 'verified', ['r8', 'r9']),
        [reading(2048, 'unverified', ['unread'])],
        'Printed as 2 PF.',
      ),
      fp16: disputed(reading(1000, 'weak', ['r9']), [reading(1024, 'unverified', ['unread'])], 'Printed as 1 PF.'),
      bf16: disputed(reading(1000, 'derived', ['r9']), [reading(1024, 'unverified', ['unread'])], NAMED_FP16),
      ...verified(['r7'], { memoryGb: 144 }),
      bandwidthGbPerS: disputed(
        reading(4800, 'verified', ['r7']),
        [reading(2700, 'verified', ['r4'])],
        'The lower value is what its DMA engines are said to reach.',
      ),
      ...weak(['r9'], { watts: 600 }),
      ...weak(
        ['r8'],
        { availableYear: 2026 },
        'The year in which it was described and its vendor’s software took it up.',
      ),
    },
  }),
  accelerator({
    ...furiosa,
    model: 'RNGD',
    form: 'PCIe card',
    link: 'PCIe 5; 2, 4 or 8 slices by SR-IOV',
    server: { form: 'server', accelerators: 8 },
    figures: {
      ...verified(['r5'], {
        bf16: 256,
        fp8: 512,
        int8: 512,
        int4: 1024,
        memoryGb: 48,
        bandwidthGbPerS: 1500,
      }),
      ...derived(['r5'], { fp64: 0 }, NOT_AMONG_FORMATS),
      watts: disputed(
        reading(180, 'verified', ['r5', 'r6']),
        [reading(150, 'verified', ['r13'])],
        'The lower value was the aim when it was first shown.',
      ),
      ...weak(['r12'], { serverWatts: 3000 }),
      ...verified(['r11'], { availableYear: 2024 }, 'First software for it, an alpha version.'),
    },
    prices: [
      {
        for: 'device',
        currency: 'USD',
        low: 10_000,
        high: 10_000,
        year: 2025,
        status: 'unverified',
        sources: ['unread'],
      },
    ],
  }),
  accelerator({
    ...furiosa,
    model: 'Warboy',
    form: 'PCIe card',
    link: 'PCIe 4, 8 lanes',
    server: null,
    figures: {
      ...verified(['r10'], { int8: 64, bandwidthGbPerS: 66 }),
      ...unverified({ fp64: 0, memoryGb: 16 }),
      watts: disputed(
        reading(60, 'unverified', ['unread']),
        [reading(40, 'unverified', ['unread'])],
        'From 40 to 60 W, as configured.',
      ),
      ...weak(['r12'], { availableYear: 2021 }),
    },
  }),
  accelerator({
    ...sapeon,
    model: 'X220',
    form: 'PCIe card',
    link: 'PCIe',
    server: null,
    figures: {
      ...unverified({ fp64: 0, int8: 87, memoryGb: 8, watts: 65 }),
    },
  }),
  accelerator({
    ...sapeon,
    model: 'X330',
    form: 'PCIe card; its maker became part of Rebellions in 2024',
    link: 'PCIe',
    server: null,
    figures: {
      ...unverified({ fp64: 0 }),
      ...unverified({ bf16: 184, fp8: 367, int8: 734, memoryGb: 32 }, 'Of low confidence.'),
      watts: disputed(
        reading(250, 'unverified', ['unread']),
        [reading(120, 'unverified', ['unread'])],
        'From 120 to 250 W, of low confidence.',
      ),
      ...weak(['r14'], { availableYear: 2023 }, 'As planned in 2022.'),
    },
  }),
]
