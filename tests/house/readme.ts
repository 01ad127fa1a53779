// A README that names a command or a file that does not exist is worse than none.

/** Lines of shell in the code blocks of a Markdown text, without prompts and output. */
function shellLines(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
  return blocks.flatMap(([, language = '', body = '']) => {
    const lines = body.split('\n').map((line) => line.trim())
    // In a transcript only what follows the prompt is a command.
    if (lines.some((line) => line.startsWith('$ '))) {
      return lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
    }
    return ['sh', 'bash', 'shell'].includes(language)
      ? lines.filter((line) => line !== '' && !line.startsWith('#'))
      : []
  })
}

interface Known {
  /** Scripts of the root's package.json. */
  readonly scripts: readonly string[]
  /** Commands of `dure`. */
  readonly commands: readonly string[]
  readonly exists: (path: string) => boolean
}

/** npm's own commands, which are no scripts. */
const npmOwn = ['ci', 'install', 'exec', 'version']

/** What a README tells its reader to type or open, and is not there. */
export function brokenPromises(markdown: string, { scripts, commands, exists }: Known): string[] {
  const broken: string[] = []
  for (const line of shellLines(markdown)) {
    for (const [, tool, run, name = ''] of line.matchAll(/\b(npm|pnpm)\s+(run\s+)?([\w:-]+)/g)) {
      const isKnown = scripts.includes(name) || (!run && npmOwn.includes(name))
      if (!isKnown) broken.push(`${tool} ${run ?? ''}${name}: there is no such script`)
    }
    for (const [, name = ''] of line.matchAll(/\bnpx\s+dure\s+([a-z][\w-]*)/g)) {
      if (!commands.includes(name)) broken.push(`npx dure ${name}: there is no such command`)
    }
    for (const [, path = ''] of line.matchAll(/\bnode\s+([\w./-]+\.(?:ts|mjs|js))/g)) {
      if (!exists(path)) broken.push(`node ${path}: there is no such file`)
    }
  }
  for (const [, target = ''] of markdown.matchAll(/\]\(([^)\s]+)\)/g)) {
    const path = target.split('#')[0] as string
    if (path !== '' && !/^[a-z]+:/.test(path) && !exists(path)) broken.push(`${target}: there is no such file`)
  }
  return broken
}

/**
 * The commands that a program's `--help` lists, aliases included: `  submit|sbatch [options] [file]  …`. They stand in
 * groups, each under a title of its own; options and exit codes stand under theirs.
 */
export function commandsInHelp(help: string): string[] {
  return help
    .split(/\n\n/)
    .filter((group) => !/^([\w ]* )?(options|exit codes):/i.test(group))
    .flatMap((group) => [...group.matchAll(/^ {2}([a-z][\w|-]*)/gm)])
    .flatMap(([, names = '']) => names.split('|'))
}
