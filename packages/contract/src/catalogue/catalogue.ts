// Every accelerator a center can name.

import type { Accelerator, FigureName } from './accelerator.ts'
import { gpus } from './gpus.ts'
import { npus } from './npus.ts'
import { pims } from './pims.ts'

export const accelerators: readonly Accelerator[] = [...gpus, ...npus, ...pims]

const byModel = new Map(accelerators.map((accelerator) => [accelerator.model.toLowerCase(), accelerator]))

/** The accelerator of a model name, however it is capitalized. */
export const acceleratorOf = (model: string): Accelerator | undefined => byModel.get(model.toLowerCase())

/** The value that is reckoned with; null where nobody has published one. */
export const figureOf = (accelerator: Accelerator, figure: FigureName): number | null =>
  accelerator.figures[figure]?.value ?? null

/** What one accelerator makes its server or rack take, everything in it counted; null where no server's power is known. W. */
export function serverWattsPerAccelerator(accelerator: Accelerator): number | null {
  const watts = figureOf(accelerator, 'serverWatts')
  return accelerator.server === null || watts === null ? null : watts / accelerator.server.accelerators
}
