// Reading source as text, as far as house rules need it: what is code, what is a comment, what is a string. Not a parser:
// it only has to tell those apart, and keeps every character at its place so that findings have line numbers.

export interface SourceFile {
  /** Path from the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

export const show = (findings: readonly Finding[]): string[] =>
  findings.map(({ path, line, message }) => `${path}:${line} ${message}`)

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

export interface Readings {
  /** Comments blanked out. */
  readonly withoutComments: string
  /** Comments, and the insides of strings and regular expressions, blanked out. */
  readonly codeOnly: string
}

/** A slash after one of these begins a regular expression; after anything else it divides. */
const beforeRegex = /(?:^|[=(,:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|of|in|do|else|void|yield|await))\s*$/

export function readSource(text: string): Readings {
  const withoutComments = [...text]
  const codeOnly = [...text]
  const blank = (target: string[], from: number, to: number) => {
    for (let i = from; i < to; i++) if (target[i] !== '\n') target[i] = ' '
  }

  // Depth of braces inside each template literal's `${…}` that is open.
  const templates: number[] = []
  let at = 0
  while (at < text.length) {
    const two = text.slice(at, at + 2)
    const one = text[at] as string
    if (two === '//' || two === '/*') {
      const end = two === '//' ? indexOr(text, '\n', at) : indexOr(text, '*/', at + 2) + 2
      blank(withoutComments, at, end)
      blank(codeOnly, at, end)
      at = end
    } else if (one === "'" || one === '"') {
      const end = endOfQuoted(text, at, one)
      blank(codeOnly, at + 1, end - 1)
      at = end
    } else if (one === '`' || (one === '}' && templates.at(-1) === 0)) {
      if (one === '}') templates.pop()
      const { end, opensExpression } = endOfTemplateText(text, at + 1)
      blank(codeOnly, at + 1, opensExpression ? end - 2 : end - 1)
      if (opensExpression) templates.push(0)
      at = end
    } else if (one === '/' && beforeRegex.test(codeOnly.slice(Math.max(0, at - 40), at).join(''))) {
      const end = endOfRegex(text, at)
      blank(codeOnly, at + 1, end)
      at = end
    } else {
      const depth = templates.at(-1)
      if (depth !== undefined && one === '{') templates[templates.length - 1] = depth + 1
      if (depth !== undefined && one === '}') templates[templates.length - 1] = depth - 1
      at++
    }
  }
  return { withoutComments: withoutComments.join(''), codeOnly: codeOnly.join('') }
}

function indexOr(text: string, needle: string, from: number): number {
  const found = text.indexOf(needle, from)
  return found < 0 ? text.length : found
}

/** Offset just after the closing quote. */
function endOfQuoted(text: string, from: number, quote: string): number {
  let at = from + 1
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return Math.min(at + 1, text.length)
}

/** Offset just after the closing backtick, or after the `${` that interrupts the text. */
function endOfTemplateText(text: string, from: number): { end: number; opensExpression: boolean } {
  let at = from
  while (at < text.length && text[at] !== '`') {
    if (text.startsWith('${', at)) return { end: at + 2, opensExpression: true }
    at += text[at] === '\\' ? 2 : 1
  }
  return { end: Math.min(at + 1, text.length), opensExpression: false }
}

/** Offset of the closing slash. A slash inside `[…]` does not close. */
function endOfRegex(text: string, from: number): number {
  let at = from + 1
  let inClass = false
  while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
    if (text[at] === '[') inClass = true
    if (text[at] === ']') inClass = false
    at += text[at] === '\\' ? 2 : 1
  }
  return Math.min(at + 1, text.length)
}

export interface Import {
  readonly specifier: string
  readonly line: number
}

const importForms = [
  /\b(?:import|export)\s[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g,
  /\bimport\s*['"]([^'"]+)['"]/g,
  /\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g,
]

/** Everything a file imports, re-exports or loads by a literal name, types included. */
export function importsOf(text: string): Import[] {
  const { withoutComments, codeOnly } = readSource(text)
  return importForms.flatMap((form) =>
    [...withoutComments.matchAll(form)]
      // A keyword that is blank in the code is a word inside a string.
      .filter((match) => codeOnly[match.index] !== ' ')
      .map((match) => ({ specifier: match[1] as string, line: lineAt(text, match.index) })),
  )
}
