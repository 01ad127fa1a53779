// The part of a README that is written from what was recorded, between two marks.

import { readFileSync, writeFileSync } from 'node:fs'

const section = /(<!-- results: [^>]* -->\n)([\s\S]*?)(<!-- end of results -->)/

export function writeResults(page: URL, results: string): void {
  const text = readFileSync(page, 'utf8')
  writeFileSync(
    page,
    text.replace(section, (_, begin: string, _old: string, end: string) => `${begin}\n${results}\n${end}`),
  )
}
