// The whole center as one thing that starts and stops: Redis, then who decides, then who runs, then who talks to people.
// Stopping goes the other way round, so that nobody ever waits for something that is already gone.
//
// Nothing here survives this process: the services notice the loss of their channel (tether.mjs), Redis the loss of its
// standard input (redis-keeper.sh).
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings } from '@dure/contract'
import { BadConfiguration, checkRedis, RedisUnfit, redisSettingsOf } from '@dure/engine'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import type { Interruption } from './interruption.ts'
import { putLongLogsAside } from './log-file.ts'
import type { CenterOptions } from './options.ts'
import { type Part, type PartEvents, type PartSpec, type Ready, supervise } from './part.ts'
import { claimPort } from './port.ts'
import { privateRedis } from './private-redis.ts'
import { isRunning, type ProcessIdentity } from './process-identity.ts'
import { exitCode, Refusal } from './refusal.ts'
import { type ServiceProgram, servicePart } from './service.ts'

export interface CenterPlan {
  readonly options: CenterOptions
  /** In the order in which they start; the one that says where it listens is the API. */
  readonly services: readonly ServiceProgram[]
  /** Starts once all services are up. */
  readonly demo: ServiceProgram | undefined
  /** Folder of the repository, where the services run. */
  readonly root: string
  /** Finds or installs a Redis server program. */
  readonly redisProgram: () => Promise<string>
  /** What else takes time and must succeed before anything starts. */
  readonly prepare: () => Promise<void>
}

export interface Screen {
  /** One line of progress or trouble. */
  say(line: string): void
  /** The center is up, or its API is up again with a new way in. */
  welcome(ready: Ready): void
}

/** All services together may take this long to stop; then they are killed. */
const STOP_MS_MAX = 8000
/** One of them alone may take this long. */
const STOP_ONE_MS_MAX = 4000
/** Redis only has to close its file. */
const STOP_REDIS_MS_MAX = 2000
/** How often logs that have become too long are put aside. */
const LOGS_MS = 60_000
/** Processes of a killed center end by themselves within this time, or something is wrong with them. */
const ORPHANS_MS_MAX = 10_000

/**
 * Runs a center until it is asked to stop or cannot go on.
 * @returns the exit code
 * @throws Refusal when it cannot start or go on; everything that had been started is stopped by then
 */
export async function runCenter(plan: CenterPlan, screen: Screen, interruption: Interruption): Promise<number> {
  const folder = openDataFolder(plan.options.settings.dataDirectory)
  const parts: Part[] = []
  const hopeless = Promise.withResolvers<never>()
  // Somebody listens only while the center runs; trouble during the stop is no trouble any more.
  hopeless.promise.catch(() => {})
  const events: PartEvents = {
    crashed: (_, sentence) => screen.say(sentence),
    restarted(name, ready) {
      screen.say(`${name}: up again`)
      if (ready.sign_in_url) screen.welcome(ready)
    },
    hopeless: hopeless.reject,
  }

  const logs = setInterval(() => putLongLogsAside(folder.logs), LOGS_MS)
  try {
    await Promise.race([bringUp(plan, folder, screen, start), interruption.asked])
    await Promise.race([interruption.asked, hopeless.promise])
  } finally {
    clearInterval(logs)
    if (parts.length > 0) {
      screen.say('stopping …')
      await bringDown(parts, interruption, screen)
    }
    folder.remove('center.json')
    folder.release()
  }
  screen.say('stopped; every job is kept')
  return interruption.isInsisted ? exitCode.interrupted : exitCode.ok

  /** Starts a part, unless the wish to stop came first. */
  async function start(spec: PartSpec): Promise<Ready> {
    if (interruption.isAsked) return new Promise(() => {})
    const part = supervise(spec, events)
    parts.push(part)
    return part.start()
  }
}

async function bringUp(
  plan: CenterPlan,
  folder: DataFolder,
  screen: Screen,
  start: (spec: PartSpec) => Promise<Ready>,
): Promise<void> {
  const { settings, redisUrl: givenRedisUrl } = plan.options

  // 1. What can be known to be wrong before anything runs.
  await waitForOrphans(folder.orphans, screen)
  const port = await claimPort(settings.host, settings.port)
  if (givenRedisUrl) await assertFit({ ...settings, redisUrl: givenRedisUrl })
  const redisProgram = givenRedisUrl ? undefined : await plan.redisProgram()
  await plan.prepare()

  // 2. Redis.
  const { url: redisUrl, spec } = redisProgram
    ? await privateRedis(redisProgram, folder)
    : { url: givenRedisUrl as string, spec: undefined }
  if (spec) await start(spec)

  // 3. The services.
  const surroundings = {
    workingFolder: plan.root,
    logs: folder.logs,
    spawned: folder.noteChild,
    env: {
      ...process.env,
      DURE_REDIS_URL: redisUrl,
      DURE_REDIS_PREFIX: settings.redisPrefix,
      DURE_DATA: folder.path,
      DURE_SEGMENTS: settings.segmentsDirectory ?? join(folder.path, 'ledger'),
      DURE_KEPT_ENTRIES: String(settings.keptEntries),
      DURE_HOST: settings.host,
      DURE_PORT: String(port),
      DURE_KEY_RATE: String(settings.keyRate),
      DURE_SPEED: String(settings.speed),
      DURE_PRESET: settings.preset,
      DURE_LOG_LEVEL: settings.logLevel,
    },
  }
  let welcome: Ready = { url: `http://${settings.host}:${port}` }
  for (const service of plan.services) welcome = { ...welcome, ...(await start(servicePart(service, surroundings))) }

  // 4. People.
  const { url } = welcome
  folder.write('center.json', JSON.stringify({ url, pid: process.pid, preset: settings.preset, speed: settings.speed }))
  screen.welcome(welcome)
  if (plan.demo) await start(servicePart(plan.demo, { ...surroundings, env: { ...surroundings.env, DURE_URL: url } }))
}

async function bringDown(parts: readonly Part[], interruption: Interruption, screen: Screen): Promise<void> {
  void interruption.insisted.then(() => {
    for (const part of parts) part.kill()
  })
  const deadlineMs = performance.now() + STOP_MS_MAX
  for (const part of parts.toReversed()) {
    const leftMs = Math.max(500, deadlineMs - performance.now())
    const patienceMs = part.name === 'redis' ? STOP_REDIS_MS_MAX : Math.min(STOP_ONE_MS_MAX, leftMs)
    if ((await part.stop(patienceMs)) === 'killed') screen.say(`${part.name}: did not stop in time and was killed`)
  }
}

async function assertFit(settings: Settings): Promise<void> {
  try {
    await checkRedis(redisSettingsOf(settings))
  } catch (error) {
    if (error instanceof BadConfiguration) throw new Refusal(error.message, exitCode.badConfiguration, { cause: error })
    if (!(error instanceof RedisUnfit)) throw error
    const code = error.code === 'ERR_REDIS_UNREACHABLE' ? exitCode.unavailable : exitCode.badConfiguration
    throw new Refusal(`REDIS_URL: ${error.message}`, code, { cause: error })
  }
}

/** After a killed center, its services need a moment to end. They are known by id and start, so no other is ever hit. */
async function waitForOrphans(orphans: readonly ProcessIdentity[], screen: Screen): Promise<void> {
  if (orphans.length === 0) return
  screen.say('a center that was killed here is still going down …')
  const deadlineMs = performance.now() + ORPHANS_MS_MAX
  while (orphans.some(isRunning)) {
    if (performance.now() > deadlineMs) {
      for (const orphan of orphans.filter(isRunning)) process.kill(orphan.pid, 'SIGKILL')
    }
    await sleep(50)
  }
}
