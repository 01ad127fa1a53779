// The transcript in the README: the blocks marked `console`, in which a line that starts with `$ ` was typed and the lines
// below it were answered. What is here plays the commands to a new center and compares the shape of the answers.

import { type CenterHome, dure, type StartedCenter, startCenter, until } from './started-center.ts'

export interface Exchange {
  readonly command: string
  /** What came back on either stream, without the newline at its end. */
  readonly output: string
}

const consoleBlock = /^```console\n([\s\S]*?)^```$/gm

/** Everything that was typed, block after block. */
export function exchangesOf(markdown: string): Exchange[] {
  return [...markdown.matchAll(consoleBlock)].flatMap(([, body = '']) =>
    body
      .split(/^\$ /m)
      .slice(1)
      .map((typed) => {
        const end = typed.indexOf('\n')
        return { command: typed.slice(0, end).trim(), output: typed.slice(end + 1).trimEnd() }
      }),
  )
}

/** The same page with each block's exchanges replaced, in order. */
export function withExchanges(markdown: string, exchanges: readonly Exchange[]): string {
  let next = 0
  return markdown.replace(consoleBlock, (_, body: string) => {
    const count = body.split(/^\$ /m).length - 1
    const own = exchanges.slice(next, next + count)
    next += count
    return `\`\`\`console\n${own.map(({ command, output }) => `$ ${command}\n${output}\n`).join('\n')}\`\`\``
  })
}

/**
 * What stays the same from run to run, line by line: words, the number of lines, and of columns in a table, whose cells
 * count only as number or word. The first line, where the titles of a table are, counts as it stands.
 */
export function shapeOf(output: string): string[] {
  return output.split('\n').map((line, index) => {
    const cells = line.trim().split(/ {2,}/)
    if (index === 0 || cells.length === 1) return withoutNumbers(cells.join(' '))
    const [first = '', ...others] = cells
    return [withoutNumbers(first), ...others.map((cell) => (isNumber(cell) ? '#' : 'word'))].join(' | ')
  })
}

const isNumber = (cell: string): boolean => /^(\d|inf$)/.test(cell) || /^[0-9a-f]{32}$/.test(cell)

const withoutNumbers = (text: string): string => text.replace(/code=\S+/, 'code=#').replace(/\d[\d,.:]*\d|\d/g, '#')

/** What a reader sees who starts the center without options, where this one was given a free port and a folder of its own. */
const asByDefault = (text: string, { url }: StartedCenter, { data }: CenterHome): string =>
  text.replaceAll(url, 'http://127.0.0.1:8080').replaceAll(data, '/home/you/dure/.dure')

/** Waiting jobs before the first command, so that there is something to explain. */
const QUEUE_LEAST = 20

/** Jobs of the transcript are named by numbers that a new run gives anew. */
const withJob = (command: string, job: number | undefined): string =>
  job === undefined ? command : command.replace(/^(npx dure (?:explain|show|cancel)) \d+/, `$1 ${job}`)

/**
 * Types the commands to a new center: `npm start` first, then `npx dure …` from the folder of the repository.
 * `root` is that folder.
 */
export async function play(
  commands: readonly string[],
  home: CenterHome,
  root: string,
): Promise<{ readonly center: StartedCenter; readonly exchanges: Exchange[] }> {
  const [start, ...others] = commands
  if (start !== 'npm start') throw new Error(`a transcript begins with npm start, not with ${start}`)
  const center = await startCenter(home)
  const said = center.output()
  const welcome = said.slice(said.indexOf('  Dure is up')).trimEnd()
  const exchanges: Exchange[] = [{ command: start, output: asByDefault(welcome, center, home) }]
  // The demo asks for more than there is at any hour of the week; here its users have come and stand in line.
  await until('a queue', async () => {
    const { items } = await center.client.listPools()
    return items.some(({ kind, jobs_pending }) => kind === 'gpu' && jobs_pending >= QUEUE_LEAST)
  })
  let job: number | undefined
  for (const typed of others) {
    const command = withJob(typed, job)
    const [npx, program, ...args] = command.split(' ')
    if (npx !== 'npx' || program !== 'dure') throw new Error(`not a command of the transcript: ${command}`)
    const { stdout, stderr } = await dure({ ...home, desk: root }, args)
    exchanges.push({ command, output: (stdout + stderr).trimEnd() })
    job = Number(/^Submitted job (\d+)$/m.exec(stdout)?.[1] ?? job) || undefined
    if (job !== undefined) await isDecided(center, job)
  }
  return { center, exchanges }
}

/** Between a submit and its commit there is nothing to explain. */
async function isDecided({ client }: StartedCenter, id: number): Promise<void> {
  await until(`job ${id} to be taken up`, async () => (await client.getJob(id)).state !== 'accepted')
}
