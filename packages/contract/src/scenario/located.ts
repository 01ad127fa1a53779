// The value of a YAML file, each part of which knows the file and the line it stands on. Scenarios are put together from several
// files; whatever is wrong in the result still leads to the place where somebody can mend it.

import type { YamlSource } from '../yaml-source.ts'

export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

export type Located = Place & { readonly content: Scalar | LocatedMap | readonly Located[] }
type Scalar = string | number | boolean | null
type LocatedMap = ReadonlyMap<string, Located>

const isMap = (content: Located['content']): content is LocatedMap => content instanceof Map
const isList = (content: Located['content']): content is readonly Located[] => Array.isArray(content)

/** Gives every part of a file's value its place. */
export function located({ value, lineOf }: YamlSource, file: string): Located {
  const at = (part: unknown, path: readonly PropertyKey[]): Located => {
    const place = { file, line: lineOf(path) }
    if (Array.isArray(part)) return { ...place, content: part.map((item, index) => at(item, [...path, index])) }
    if (typeof part !== 'object' || part === null) return { ...place, content: part as Scalar }
    const entries = Object.entries(part).map(([key, inner]) => [key, at(inner, [...path, key])] as const)
    return { ...place, content: new Map(entries) }
  }
  return at(value, [])
}

/** The value without its places. */
export function plainOf({ content }: Located): unknown {
  if (isList(content)) return content.map(plainOf)
  return isMap(content) ? Object.fromEntries([...content].map(([key, inner]) => [key, plainOf(inner)])) : content
}

/** Where the part at a path stands, or the nearest thing around it. */
export function placeOf(root: Located, path: readonly PropertyKey[]): Place {
  let node = root
  for (const key of path) {
    const inner = isMap(node.content)
      ? node.content.get(String(key))
      : isList(node.content)
        ? node.content[Number(key)]
        : undefined
    if (inner === undefined) break
    node = inner
  }
  return { file: node.file, line: node.line }
}

/** The part of a map under a key, and the map without it. */
export function withoutEntry(node: Located, key: string): { taken: Located | undefined; rest: Located } {
  if (!isMap(node.content)) return { taken: undefined, rest: node }
  const rest = new Map(node.content)
  rest.delete(key)
  return { taken: node.content.get(key), rest: { ...node, content: rest } }
}

const nameOf = ({ content }: Located): string | undefined => {
  const name = isMap(content) ? content.get('name')?.content : undefined
  return typeof name === 'string' ? name : undefined
}

/** Lists of things that have names, all different: pools, accounts, groups. */
const isNamedList = (content: Located['content']): content is readonly Located[] =>
  isList(content) && content.length > 0 && content.every((item) => nameOf(item) !== undefined)

/**
 * Lays `over` on `base`. Maps are merged, and lists of named things by their names; anything else replaces what was there.
 * `null` removes what there is; where there is nothing it stays, for the schema to find. A map laid on a list of named things says
 * by name what becomes of them: `pools: { h100: null }`.
 */
export function merged(base: Located | undefined, over: Located): Located | undefined {
  if (over.content === null && base !== undefined) return undefined
  if (isMap(over.content)) {
    if (base !== undefined && isNamedList(base.content)) return mergedByName(base, over, over.content)
    return mergedMaps(base !== undefined && isMap(base.content) ? base.content : new Map(), over, over.content)
  }
  if (base !== undefined && isNamedList(base.content) && isNamedList(over.content)) {
    return mergedByName(base, over, new Map(over.content.map((item) => [nameOf(item)!, item])))
  }
  if (!isList(over.content)) return over
  return { ...over, content: over.content.flatMap((item) => merged(undefined, item) ?? []) }
}

function mergedMaps(base: LocatedMap, over: Located, entries: LocatedMap): Located {
  const content = new Map(base)
  for (const [key, inner] of entries) {
    const value = merged(content.get(key), inner)
    if (value === undefined) content.delete(key)
    else content.set(key, value)
  }
  return { ...over, content }
}

/** The order of the base stays; new things come behind it. */
function mergedByName(base: Located, over: Located, entries: LocatedMap): Located {
  const named = mergedMaps(
    new Map((base.content as readonly Located[]).map((item) => [nameOf(item)!, item])),
    over,
    entries,
  )
  const items = [...(named.content as LocatedMap)].map(([name, item]): Located => {
    if (!isMap(item.content) || item.content.has('name')) return item
    return {
      ...item,
      content: new Map([['name', { file: item.file, line: item.line, content: name }], ...item.content]),
    }
  })
  return { ...over, content: items }
}
