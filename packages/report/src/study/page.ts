// The page around the report: one file that loads nothing. Its policy lets in its own style and script, by their hashes, and nothing else:
// what a scenario file says is text here and can never become code.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Bilingual } from '@dure/contract'
import { escaped } from './html.ts'

const style = readFileSync(new URL('./page.css', import.meta.url), 'utf8')
const script = readFileSync(new URL('./page.js', import.meta.url), 'utf8')

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

// The empty icon keeps a browser from asking the server for one.
const policy = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** For the head of a page. Works by the style alone where no script may run. */
export const languageChoice = `<fieldset class="languages"><legend class="for-ears">언어 / Language</legend><label lang="ko"><input type="radio" name="language" value="ko" autocomplete="off" checked>한국어</label><label lang="en"><input type="radio" name="language" value="en" autocomplete="off">English</label></fieldset>`

/** @param body HTML of the page, in both languages, with a `languageChoice` */
export const pageOf = (title: Bilingual, body: string): string => `<!doctype html>
<html lang="ko" data-ko="${escaped(title.ko)}" data-en="${escaped(title.en)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${escaped(title.ko)}</title>
<style>${style}</style>
</head>
<body>
${body}
<script>${script}</script>
</body>
</html>
`
