import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenPromises, commandsInHelp } from './readme.ts'
import { filesUnder, has, manifests, read, root } from './repository.ts'

const scripts = Object.keys(manifests().find(({ folder }) => folder === '')?.scripts ?? {})

const pages = ['README.md', ...filesUnder('.github')]
  .concat(['bench', 'infra', 'packages', 'services', 'tests'].flatMap(filesUnder))
  .filter((path) => path.endsWith('.md') && has(path))

describe('what the pages tell a reader to do', () => {
  it.each(pages)('exists: %s', (page) => {
    const markdown = read(page)
    const commands = markdown.includes('npx dure') ? commandsOfDure() : []
    const exists = (path: string) => has(join(dirname(page), path)) || has(path)
    expect(brokenPromises(markdown, { scripts, commands, exists })).toEqual([])
  })

  it('is found when it does not', () => {
    const markdown = [
      'See [the core](packages/core) and [nothing](packages/nothing.md), [elsewhere](https://example.org).',
      '```sh',
      'npm start -- --speed 60',
      '# npm nonsense in a comment',
      'npm run polish',
      'node bench/run.ts && node bench/gone.ts',
      '```',
      '```',
      '$ npx dure queue',
      'npx dure output is no command',
      '$ npx dure quue | head',
      '```',
    ].join('\n')
    const known = {
      scripts: ['start'],
      commands: ['queue'],
      exists: (path: string) => ['packages/core', 'bench/run.ts'].includes(path),
    }
    expect(brokenPromises(markdown, known)).toEqual([
      'npm run polish: there is no such script',
      'node bench/gone.ts: there is no such file',
      'npx dure quue: there is no such command',
      'packages/nothing.md: there is no such file',
    ])
  })

  it('is compared with the commands that --help lists', () => {
    const help = [
      'Usage: dure [options] [command]',
      '',
      'Options:',
      '  version         no command',
      '',
      'Common options:',
      '  quiet           nor this',
      '',
      'Jobs:',
      '  submit|sbatch [options] [file]  puts a job',
      '                                  into the queue',
      '',
      'The center:',
      '  queue [options]                 who waits',
      '',
      'Exit codes:',
      '  ok   0',
    ].join('\n')
    expect(commandsInHelp(help)).toEqual(['submit', 'sbatch', 'queue'])
  })
})

function commandsOfDure(): string[] {
  return commandsInHelp(
    execFileSync(process.execPath, [join(root, 'packages/cli/bin/dure.mjs'), '--help'], { encoding: 'utf8' }),
  )
}
