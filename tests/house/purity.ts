// `core` and `sim` decide the same on every machine, so they read no clock, draw no unseeded number, touch nothing outside
// and compute only with what IEEE 754 fixes to the last bit.
import { type Finding, importsOf, lineAt, readSource, type SourceFile } from './source-text.ts'

/** Exact, or rounded correctly by definition; everything else in `Math` may differ in the last digit between engines. */
const exactMath = ['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc']

const forbidden: readonly { readonly pattern: RegExp; readonly message: string }[] = [
  { pattern: /\bDate\b/g, message: 'reads a clock: time comes in as milliseconds' },
  { pattern: /\bperformance\s*\./g, message: 'reads a clock: time comes in as milliseconds' },
  {
    pattern: /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame)\b/g,
    message: 'sets a timer',
  },
  { pattern: /\bcrypto\s*\./g, message: 'draws an unseeded number' },
  { pattern: /\bprocess\s*\./g, message: 'looks at the process it runs in' },
  { pattern: /\b(?:globalThis|navigator)\b/g, message: 'looks at the machine it runs on' },
  { pattern: /\bfetch\s*\(/g, message: 'uses the network' },
  { pattern: /\bconsole\s*\./g, message: 'prints' },
  { pattern: /\*\*/g, message: 'uses **, whose last digit differs between engines' },
  { pattern: /\.(?:localeCompare|toLocale\w+)\b|\bIntl\b/g, message: 'depends on the language of the machine' },
  {
    pattern: new RegExp(String.raw`\bMath\b(?!\s*\.\s*(?:${exactMath.join('|')})\b)`, 'g'),
    message: `uses Math for more than ${exactMath.join(', ')}`,
  },
]

/** @param mayImport names of packages besides the file's own neighbours */
export function checkPurity(sources: readonly SourceFile[], mayImport: readonly string[]): Finding[] {
  return sources.flatMap(({ path, text }) => {
    const { codeOnly } = readSource(text)
    const words = forbidden.flatMap(({ pattern, message }) =>
      [...codeOnly.matchAll(pattern)].map((match) => ({ path, line: lineAt(text, match.index), message })),
    )
    const imports = importsOf(text)
      .filter(({ specifier }) => !specifier.startsWith('.') && !mayImport.includes(packageOf(specifier)))
      .map(({ specifier, line }) => ({ path, line, message: `imports ${specifier}` }))
    return [...words, ...imports]
  })
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
