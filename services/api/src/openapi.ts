// What a route says of itself to the generated OpenAPI document.

import { Problem } from '@dure/contract'
import type { z } from 'zod'

/** The schema of the one good answer; everything else is a problem, which no serializer touches. */
export function answers<Status extends number, Schema extends z.ZodType>(status: Status, schema: Schema) {
  return { [status]: schema, default: Problem } as Record<Status, Schema> & { default: typeof Problem }
}
