// All benches by name, in the order in which they are run. Each is loaded when it is run: one must not start warm, or weigh
// more, for what another needs.

import type { Size } from './bounds.ts'
import type { BenchReport } from './report.ts'

/** Throws where the answer is wrong in itself: a lost job, two runs that differ. */
export type Bench = (size: Size) => BenchReport | Promise<BenchReport>

export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  'sim-log': async () => (await import('./benches/sim-log.ts')).simLog,
  'sim-center': async () => (await import('./benches/sim-center.ts')).simCenter,
  pass: async () => (await import('./benches/pass.ts')).pass,
  memory: async () => (await import('./benches/memory.ts')).memory,
  live: async () => (await import('./benches/live.ts')).live,
  capacity: async () => (await import('./benches/capacity.ts')).capacity,
  'capacity-live': async () => (await import('./benches/capacity-live.ts')).capacityLive,
  peers: async () => (await import('./benches/peers.ts')).peers,
  'peers-live': async () => (await import('./benches/peers-live.ts')).peersLive,
  api: async () => (await import('./benches/api.ts')).api,
  flood: async () => (await import('./benches/flood.ts')).flood,
  'fan-out': async () => (await import('./benches/fan-out.ts')).fanOut,
  recovery: async () => (await import('./benches/recovery.ts')).recovery,
}
