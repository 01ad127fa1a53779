import { type Client, ClientError } from '@dure/client'
import type { Language, Overview } from '@dure/contract'
import { loadCenter } from '@dure/contract/presets'
import { type CenterConfig, WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import { submissions } from '@dure/sim'
import type { Command } from 'commander'
import { openCenter } from '../center.ts'
import { addServerOptions, type ServerOptions } from '../common-options.ts'
import { OPENED_BEFORE_MS, openingSeed } from '../demo-opening.ts'
import { Failure } from '../failure.ts'
import { interruption, pause } from '../interruption.ts'
import { loadOf } from '../model-file.ts'
import { openScreen } from '../screen.ts'
import { type DueJob, feed } from '../submission-feed.ts'
import { countOf } from '../trace-file.ts'

interface Options extends ServerOptions {
  readonly preset: string
  readonly load: number
  readonly seed?: number
}

/** More than there is on working days, so that people see a queue; it shortens at night and at the weekend. */
const LOAD = 1.2
const RETRY_MS = 1000

export function declare(command: Command, language: Language): void {
  command
    .option(
      '--preset <NAME>',
      { ko: '센터 구성 (기본: DURE_PRESET)', en: 'what the center consists of (default: DURE_PRESET)' }[language],
      process.env.DURE_PRESET || 'baseline-2024',
    )
    .option(
      '--load <FRACTION>',
      { ko: '요청하는 일 ÷ 할 수 있는 일', en: 'work asked for ÷ work the center could do' }[language],
      loadOf,
      LOAD,
    )
    .option('--seed <N>', { ko: '난수 시드', en: 'seed of the random numbers' }[language], countOf('--seed'))
  addServerOptions(command, language)
  command.action(async () => {
    const options = command.optsWithGlobals<Options>()
    const screen = openScreen(options, language)
    const signal = interruption()
    const config = configOf(options.preset)
    const center = openCenter(options, language)
    const overview = await whenReady(center, signal)
    if (overview === null) return
    const isNew = overview.totals.submitted === 0
    // A center that was stopped and started again goes on with what it has; new users do not repeat the old ones.
    const seed =
      options.seed ?? (isNew ? openingSeed(config, options.load, overview.at_ms) : 1 + overview.totals.submitted)
    screen.say(`demo: load ${options.load} on ${config.name}, seed ${seed}, ${overview.speed} center seconds a second`)
    let accepted = 0
    await feed(demand(config, options.load, seed, overview.at_ms, isNew ? OPENED_BEFORE_MS : 0), {
      center,
      speed: overview.speed,
      signal,
      accepted: () => void accepted++,
      refused: ({ problem }) => screen.warn(`${problem.code}: ${problem.detail}`),
    })
    screen.say(`demo: ${accepted} jobs submitted`)
  })
}

function configOf(preset: string): CenterConfig {
  try {
    return loadCenter(preset)
  } catch (error) {
    throw new Failure('ERR_BAD_CENTER_FILE', { where: preset, detail: (error as Error).message })
  }
}

/** The center at a glance, once it can be asked; null where somebody gave up waiting. */
async function whenReady(center: Client, signal: AbortSignal): Promise<Overview | null> {
  while (!signal.aborted) {
    try {
      return await center.getOverview()
    } catch (error) {
      if (!(error instanceof ClientError && error.isPassing)) throw error
      await pause(RETRY_MS, signal)
    }
  }
  return null
}

function* demand(
  config: CenterConfig,
  load: number,
  seed: number,
  startMs: number,
  openedBeforeMs: number,
): Generator<DueJob> {
  for (const submission of submissions({ config, seed, load, startMs, openedBeforeMs })) {
    const { atMs, name, account, user, request, timeLimitMs, runTimeMs, exitCode, patienceMs } = submission
    yield {
      afterMs: atMs - startMs,
      patienceMs,
      body: {
        name,
        account,
        user,
        pools: [...request.pools],
        nodes: request.nodes,
        accelerators_per_node: request.acceleratorsMilli / WHOLE_ACCELERATOR_MILLI,
        time_limit_ms: timeLimitMs,
        run_time_ms: runTimeMs,
        exit_code: exitCode,
      },
    }
  }
}
