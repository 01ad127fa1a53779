// Puts something between a service and its ports without a word of it in the product: modules given to Node with `--import`
// say what, and the service's own import of `@dure/engine` leads to a double that does it.

import { registerHooks } from 'node:module'
import type { Ports, RedisSettings } from '@dure/engine'

type Wrap = (ports: Ports, settings: RedisSettings) => Ports

const double = new URL('./doubled-engine.ts', import.meta.url).href
const services = new URL('../../../services/', import.meta.url).href
const wraps: Wrap[] = []

export const wrapPorts: Wrap = (ports, settings) => wraps.reduce((wrapped, wrap) => wrap(wrapped, settings), ports)

/** From now on the ports that this process opens go through `wrap`, after what was added before. */
export function addWrap(wrap: Wrap): void {
  if (wraps.push(wrap) > 1) return
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@dure/engine' && context.parentURL?.startsWith(services)
        ? { url: double, format: 'module-typescript', shortCircuit: true }
        : next(specifier, context),
  })
}
