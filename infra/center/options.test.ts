import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CenterOptions, parseOptions } from './options.ts'

const parse = (args: string[], env: NodeJS.ProcessEnv = {}) => parseOptions(args, env) as CenterOptions

function refusalOf(args: string[], env: NodeJS.ProcessEnv = {}): string {
  try {
    parseOptions(args, env)
    return 'none'
  } catch (error) {
    const { exitCode, message } = error as { exitCode: number; message: string }
    return `${exitCode} ${message}`
  }
}

describe('the options of a center', () => {
  it('have defaults that need no explanation', () => {
    expect(parse([])).toMatchObject({
      settings: { preset: 'baseline-2024', speed: 60, port: 8080, host: '127.0.0.1', dataDirectory: resolve('.dure') },
      redisUrl: undefined,
      demo: true,
    })
  })

  it('come from flags before the environment', () => {
    const env = { DURE_SPEED: '5', DURE_PORT: '9000', DURE_DATA: '/x', REDIS_URL: 'redis://h:1' }
    expect(parse(['--speed', '2.5', '--data', '/y', '--no-demo'], env)).toMatchObject({
      settings: { speed: 2.5, port: 9000, dataDirectory: '/y' },
      redisUrl: 'redis://h:1',
      demo: false,
    })
  })

  it('name directories wherever they are read from', () => {
    expect(parse([], { DURE_SEGMENTS: 'shared/ledger' }).settings.segmentsDirectory).toBe(resolve('shared/ledger'))
    expect(parse([]).settings.segmentsDirectory).toBeUndefined()
  })

  it('offer help', () => {
    expect(parseOptions(['--help'], {})).toBe('help')
  })

  it.each<[string[], NodeJS.ProcessEnv, RegExp]>([
    [['--speed', 'fast'], {}, /^2 --speed must be a number above 0/],
    [['--port', '70000'], {}, /^2 --port must be at most 65535; .*--help/],
    [['--port='], {}, /^2 --port needs a value/],
    [['--faster'], {}, /^2 Unknown option '--faster'/],
    [['extra'], {}, /^2 /],
    [[], { DURE_PORT: '-1' }, /^78 DURE_PORT must be a whole number/],
    [[], { DURE_LOG_LEVEL: 'loud' }, /^78 DURE_LOG_LEVEL must be one of/],
    [[], { REDIS_URL: 'http://:secret@h' }, /^78 REDIS_URL must be an address(?!.*secret)/],
  ])('%j with %j are refused', (args, env, sentence) => {
    expect(refusalOf(args, env)).toMatch(sentence)
  })
})
