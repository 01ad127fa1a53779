/** What a record says of a name, and nothing of what all objects have: a pool may be called `constructor`. */
export const entryOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined
